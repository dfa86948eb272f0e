package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"paycheck/conformance/report/page"
	"paycheck/spec"
)

const specExample = `  paycheck spec              every requirement, by section
  paycheck spec REG          one section
  paycheck spec REG-2        one requirement whole, with its scenarios
  paycheck spec --coverage   how each section is tested
  git show HEAD:spec/protocol.md | paycheck spec --since -
                             what a change of the text touches
  paycheck spec --text       the protocol itself, in Markdown`

func (a *app) specCommand() *cobra.Command {
	var text, coverage bool
	var since string
	var color painting
	c := &cobra.Command{
		Use:     "spec [ID | SECTION]",
		Short:   "Show the protocol's requirements",
		Long:    "paycheck spec shows the requirements that programs are judged by.",
		Example: specExample,
		Args:    atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			if text && coverage || since != "" && (text || coverage || len(args) > 0) {
				return usageError(c, errors.New("--text, --coverage, --since and an ID each show something else; ask for one"))
			}
			if text {
				_, err := a.out.Write(a.text())
				return err
			}
			s, err := a.spec()
			if err != nil {
				return err
			}
			p := a.page(color)
			switch {
			case coverage:
				err = a.coverage(p, s)
			case since != "":
				err = a.since(p, s, since, c.InOrStdin())
			case len(args) == 0:
				sections(p, s.Sections)
			default:
				err = a.show(p, s, args[0])
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(a.out, p)
			return err
		},
	}
	c.Flags().BoolVar(&text, "text", false, "print the protocol itself")
	c.Flags().BoolVar(&coverage, "coverage", false, "count how each section is tested")
	c.Flags().StringVar(&since, "since", "", "what changed since an older `FILE` (-: stdin)")
	bindColor(c.Flags(), &color)
	return c
}

func atMostOne(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageError(c, fmt.Errorf("one ID at a time, not %q as well", args[1]))
	}
	return nil
}

// show writes one requirement, or one section.
func (a *app) show(p *page.Page, s *spec.Spec, name string) error {
	for _, section := range s.Sections {
		if strings.EqualFold(section.Prefix, name) {
			sections(p, []spec.Section{section})
			return nil
		}
	}
	r, err := find(s, name)
	if err != nil {
		return err
	}
	checks, err := a.everyCheck()
	if err != nil {
		return err
	}
	whole(p, r)
	p.Blank()
	judgedBy(p, checks, r.ID)
	return nil
}

func sections(p *page.Page, all []spec.Section) {
	for _, s := range all {
		p.Blank()
		p.Line(p.Paint(page.Bold, s.Number+". "+s.Title+" ("+s.Prefix+")"))
		p.Blank()
		for _, r := range s.Requirements {
			lead := fmt.Sprintf("  %-8s%-8s%-7s", r.ID, r.Level, r.Mark)
			p.Para(lead, r.Sentence)
		}
	}
}

// whole writes all that the text says of one requirement.
func whole(p *page.Page, r spec.Requirement) {
	name(p, r)
	p.Blank()
	label(p, "basis", r.Basis)
	label(p, "tolerated", r.Tolerated)
	label(p, "untested", r.Untested)
	needs := make([]string, len(r.Needs))
	for i, n := range r.Needs {
		needs[i] = string(n)
	}
	label(p, "needs", strings.Join(needs, ", "))
	prose(p, r.Prose)
	for _, pitfall := range r.Pitfalls {
		label(p, "usually", pitfall)
	}
	for _, s := range r.Scenarios {
		p.Blank()
		conversation(p, s)
	}
}

// name writes who is bound, how strictly, and the sentence.
func name(p *page.Page, r spec.Requirement) {
	p.Line(p.Paint(page.Bold, r.ID) + p.Paint(page.Dim,
		fmt.Sprintf("  %s, phase %d, %s, %s  (%s:%d)", r.Role, r.Phase, r.Mark, r.Level, spec.File, r.Line)))
	p.Blank()
	p.Para("  ", r.Sentence)
}

func label(p *page.Page, word, text string) {
	if text != "" {
		p.Para(fmt.Sprintf("  %-11s", word), text)
	}
}

// prose writes paragraphs and lists, as far as the text uses Markdown.
func prose(p *page.Page, text string) {
	for block := range strings.SplitSeq(text, "\n\n") {
		if strings.TrimSpace(block) == "" {
			continue
		}
		p.Blank()
		for line := range strings.SplitSeq(strings.TrimSpace(block), "\n") {
			if item, ok := strings.CutPrefix(line, "- "); ok {
				p.Para("  - ", item)
			} else {
				p.Para("  ", line)
			}
		}
	}
	p.Blank()
}

// conversation writes a scenario as the text has it.
func conversation(p *page.Page, s fmt.Stringer) {
	for line := range strings.SplitSeq(strings.TrimSuffix(s.String(), "\n"), "\n") {
		trimmed := strings.TrimLeft(line, " ")
		lead := strings.Repeat(" ", 4+len(line)-len(trimmed))
		if title, ok := strings.CutPrefix(trimmed, "# "); ok {
			p.Para(lead+p.Paint(page.Dim, "# "), p.Paint(page.Dim, title))
			continue
		}
		p.Para(lead, trimmed)
	}
}
