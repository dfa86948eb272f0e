package spec

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	gtext "github.com/yuin/goldmark/text"

	"paycheck/spec/scenario"
)

var (
	sectionHeading = regexp.MustCompile(`^(\d+)\. (.+?) \(([A-Z]{3})\)$`)
	idHeading      = regexp.MustCompile(`^([A-Z]{3})-(\d+)$`)
	keyword        = regexp.MustCompile(`\b(MUST|SHOULD|MAY)\b`)
)

// Parse reads a normative text. The error joins all that is wrong with it, each
// as file:line: what.
func Parse(file string, source []byte) (*Spec, error) {
	p := &parser{file: file, source: source, lines: map[string]int{}}
	root := goldmark.New().Parser().Parse(gtext.NewReader(source))
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		p.block(n)
	}
	p.finish()
	if len(p.spec.Sections) == 0 {
		p.fail(1, errors.New("no section with requirements, such as `## 4. Registration (REG)`"))
	}
	return &p.spec, errors.Join(p.errs...)
}

// A parser walks the top-level blocks; at most one requirement is open.
type parser struct {
	file   string
	source []byte
	spec   Spec
	inside string // the prefix of the section with requirements; empty: none
	open   *Requirement
	lines  map[string]int // ID -> line of its first heading
	errs   []error
}

func (p *parser) fail(line int, err error) {
	p.errs = append(p.errs, fmt.Errorf("%s:%d: %w", p.file, line, err))
}

// lineAt gives the line, from 1, of a byte offset.
func (p *parser) lineAt(offset int) int { return 1 + bytes.Count(p.source[:offset], []byte("\n")) }

// line gives the line that a block begins in; of code, that behind its fence.
func (p *parser) line(n ast.Node) int {
	if n.Type() == ast.TypeBlock && n.Lines().Len() > 0 {
		return p.lineAt(n.Lines().At(0).Start)
	}
	return p.lineAt(max(0, n.Pos()))
}

// raw gives a block's own source, inner line breaks as spaces.
func (p *parser) raw(n ast.Node) string {
	if n == nil { // an empty item of a list
		return ""
	}
	var parts []string
	for i := range n.Lines().Len() {
		segment := n.Lines().At(i)
		parts = append(parts, strings.TrimSpace(string(segment.Value(p.source))))
	}
	return strings.Join(parts, " ")
}

func (p *parser) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Heading:
		p.heading(n)
	case *ast.Paragraph:
		p.paragraph(n)
	case *ast.List:
		p.list(n)
	case *ast.FencedCodeBlock:
		p.code(n)
	}
}

func (p *parser) heading(n *ast.Heading) {
	title, line := p.raw(n), p.line(n)
	if n.Level == 1 && p.spec.Title == "" {
		p.spec.Title = title
		return
	}
	if n.Level > 3 {
		return
	}
	p.finish()
	if n.Level < 3 {
		p.inside = ""
		if m := sectionHeading.FindStringSubmatch(title); m != nil && n.Level == 2 {
			p.section(Section{Number: m[1], Title: m[2], Prefix: m[3]}, line)
		}
		return
	}
	m := idHeading.FindStringSubmatch(title)
	if m == nil && p.inside == "" {
		return
	}
	first, taken := p.lines[title]
	switch {
	case m == nil:
		p.fail(line, fmt.Errorf("%q is no ID, such as %s-1", title, p.inside))
	case m[1] != p.inside:
		p.fail(line, fmt.Errorf("%s stands outside the section (%s)", title, m[1]))
	case taken:
		p.fail(line, fmt.Errorf("%s is already defined in line %d", title, first))
	default:
		p.lines[title] = line
	}
	// Opened in any case, so that what stands under it is not wrong as well.
	p.open = &Requirement{ID: title, Section: p.inside, Line: line}
}

func (p *parser) section(s Section, line int) {
	for _, earlier := range p.spec.Sections {
		if earlier.Prefix == s.Prefix {
			p.fail(line, fmt.Errorf("(%s) is already section %s", s.Prefix, earlier.Number))
		}
	}
	p.inside = s.Prefix
	p.spec.Sections = append(p.spec.Sections, s)
}

func (p *parser) paragraph(n *ast.Paragraph) {
	switch {
	case p.open == nil:
	case p.open.Sentence == "":
		p.open.Sentence = p.raw(n)
	default:
		p.open.Prose += p.raw(n) + "\n\n"
	}
}

// list reads `Key: value` items; a list after the prose has begun is prose.
func (p *parser) list(n *ast.List) {
	if p.open == nil {
		return
	}
	isKeys := p.open.Role == "" && p.open.Prose == ""
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		value := p.raw(item.FirstChild())
		if !isKeys {
			p.open.Prose += "- " + value + "\n"
			continue
		}
		if err := p.open.set(value); err != nil {
			p.fail(p.line(item), fmt.Errorf("%s: %w", p.open.ID, err))
		}
	}
	if !isKeys {
		p.open.Prose += "\n"
	}
}

func (r *Requirement) set(item string) error {
	key, value, ok := strings.Cut(item, ": ")
	if !ok {
		return fmt.Errorf("%q is not `Key: value`", item)
	}
	once := map[string]bool{
		"For": r.Role != "", "Basis": r.Basis != "", "Tolerated": r.Tolerated != "",
		"Needs": r.Needs != nil, "Untested": r.Untested != "",
	}
	if once[key] {
		return fmt.Errorf("a second %s", key)
	}
	switch key {
	case "For":
		return r.setFor(value)
	case "Basis":
		r.Basis = value
	case "Tolerated":
		r.Tolerated = value
	case "Pitfall":
		r.Pitfalls = append(r.Pitfalls, value)
	case "Untested":
		r.Untested = value
	case "Needs":
		for need := range strings.SplitSeq(value, ", ") {
			if !slices.Contains([]Need{Stream, KeyLine, Deposit, Bare, Procfs}, Need(need)) {
				return fmt.Errorf("needs %q: there are stream, key-line, deposit, bare, procfs", need)
			}
			r.Needs = append(r.Needs, Need(need))
		}
	default:
		return fmt.Errorf("unknown key %q", key)
	}
	return nil
}

func (r *Requirement) setFor(value string) error {
	fields := strings.Split(value, ", ")
	if len(fields) != 3 {
		return fmt.Errorf("for %q: it takes role, phase and mark, such as `server, phase 1, basic`", value)
	}
	r.Role, r.Mark = Role(fields[0]), Mark(fields[2])
	number, ok := strings.CutPrefix(fields[1], "phase ")
	phase, err := strconv.Atoi(number)
	switch {
	case r.Role != Server && r.Role != Client:
		return fmt.Errorf("role %q: there are server and client", fields[0])
	case !ok || err != nil || phase < 1 || phase > 3:
		return fmt.Errorf("%q: there are phase 1, 2 and 3", fields[1])
	case r.Mark != Basic && r.Mark != Bonus && r.Mark != Shown:
		return fmt.Errorf("mark %q: there are basic, bonus and shown", fields[2])
	}
	r.Phase = phase
	return nil
}

func (p *parser) code(n *ast.FencedCodeBlock) {
	if string(n.Language(p.source)) != "scenario" {
		return
	}
	if p.open == nil {
		p.fail(p.line(n), errors.New("a scenario that stands under no requirement"))
		return
	}
	var b strings.Builder
	for i := range n.Lines().Len() {
		segment := n.Lines().At(i)
		b.Write(segment.Value(p.source))
	}
	first := p.line(n)
	s, err := scenario.Parse(b.String())
	if err != nil {
		line := first
		if place := (*scenario.Error)(nil); errors.As(err, &place) {
			line, err = first+place.Line-1, place.Err
		}
		p.fail(line, fmt.Errorf("%s: %w", p.open.ID, err))
		return
	}
	s.Line += first - 1
	for i := range s.Steps {
		s.Steps[i].Line += first - 1
	}
	p.open.Scenarios = append(p.open.Scenarios, s)
}

// finish checks the open requirement and files it.
func (p *parser) finish() {
	r := p.open
	if r == nil {
		return
	}
	p.open = nil
	r.Prose = strings.TrimSpace(r.Prose)
	levels := keyword.FindAllString(r.Sentence, -1)
	switch {
	case len(levels) != 1:
		p.fail(r.Line, fmt.Errorf("%s: its sentence has %d of the words MUST, SHOULD, MAY; it takes one", r.ID, len(levels)))
	case r.Role == "":
		p.fail(r.Line, fmt.Errorf("%s: no line `- For: role, phase, mark`", r.ID))
	case r.Basis == "":
		p.fail(r.Line, fmt.Errorf("%s: no line `- Basis: ...`", r.ID))
	default:
		r.Level = Level(levels[0])
	}
	if n := len(p.spec.Sections); n > 0 {
		section := &p.spec.Sections[n-1]
		section.Requirements = append(section.Requirements, *r)
	}
}
