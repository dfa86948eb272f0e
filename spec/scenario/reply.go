package scenario

import (
	"errors"
	"fmt"
	"strings"
)

// A Reply is one form that an expectation allows.
type Reply struct {
	Form  Form
	Lines []Template // of Lines
}

// A Form is what kind of thing is expected.
type Form int

// The forms of a reply.
const (
	Lines    Form = iota // these lines, and no other in this reply
	AList                // (list): a list, whatever it says
	NoList               // (no list): any one reply that is no list
	Any                  // (any): any reply
	Nothing              // (nothing): silence, proved
	IsClosed             // (closed): the end of the connection, by FIN or RST
)

var forms = map[string]Form{
	"(list)": AList, "(no list)": NoList, "(any)": Any, "(nothing)": Nothing, "(closed)": IsClosed,
}

// String gives the form in the notation.
func (f Form) String() string {
	for text, form := range forms {
		if form == f {
			return text
		}
	}
	return "lines"
}

// String gives the reply in the notation, its lines joined by the mark of a continuation.
func (r Reply) String() string {
	if r.Form != Lines {
		return r.Form.String()
	}
	texts := make([]string, len(r.Lines))
	for i, line := range r.Lines {
		texts[i] = line.String()
	}
	return strings.Join(texts, "\n| ")
}

// parseReplies reads alternatives: those wanted, and after a ~ those tolerated.
func parseReplies(text string, actors map[string]bool) (want, tolerated []Reply, err error) {
	wantText, toleratedText, some := strings.Cut(text, " ~ ")
	if want, err = parseAlternatives(wantText, actors); err != nil || !some {
		return want, nil, err
	}
	tolerated, err = parseAlternatives(toleratedText, actors)
	return want, tolerated, err
}

func parseAlternatives(text string, actors map[string]bool) ([]Reply, error) {
	var replies []Reply
	for _, alternative := range strings.Split(text, " / ") {
		alternative = strings.TrimSpace(alternative)
		if form, ok := forms[alternative]; ok {
			replies = append(replies, Reply{Form: form})
			continue
		}
		if alternative == "" {
			return nil, errors.New("an expectation of nothing written; silence is (nothing)")
		}
		if strings.Contains(alternative, " ~ ") {
			return nil, fmt.Errorf("%q: one ~ is enough, before all tolerated forms", alternative)
		}
		line, err := parseTemplate(alternative, actors)
		if err != nil {
			return nil, err
		}
		replies = append(replies, Reply{Form: Lines, Lines: []Template{line}})
	}
	return replies, nil
}
