package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"paycheck/conformance/report/page"
	"paycheck/spec"
)

const explainExample = `  paycheck explain REG-2`

func (a *app) explainCommand() *cobra.Command {
	var color painting
	c := &cobra.Command{
		Use:     "explain ID",
		Short:   "Explain one requirement, and how to try it by hand",
		Long:    "paycheck explain says what a requirement means, shows a conversation, says how\nprograms usually get it wrong, and how to try it by hand.",
		Example: explainExample,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError(c, errors.New("which requirement? give its ID, such as REG-2; `paycheck spec` lists them"))
			}
			return atMostOne(c, args)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := a.spec()
			if err != nil {
				return err
			}
			r, err := find(s, args[0])
			if err != nil {
				return err
			}
			p := a.page(color)
			explain(p, r)
			_, err = fmt.Fprint(a.out, p)
			return err
		},
	}
	bindColor(c.Flags(), &color)
	return c
}

func explain(p *page.Page, r spec.Requirement) {
	name(p, r)
	prose(p, r.Prose)
	label(p, "basis", r.Basis)
	label(p, "accepted", r.Tolerated)
	label(p, "untested", r.Untested)
	if len(r.Scenarios) > 0 {
		heading(p, "For example")
		conversation(p, r.Scenarios[0])
	}
	if len(r.Pitfalls) > 0 {
		heading(p, "How programs usually get it wrong")
		for _, pitfall := range r.Pitfalls {
			p.Para("  - ", pitfall)
		}
	}
	heading(p, "Try it by hand")
	byHand(p, r)
	if n := len(r.Scenarios); n > 1 {
		p.Blank()
		p.Para("  ", page.Count(n-1, "more example")+": paycheck spec "+r.ID)
	}
}

func heading(p *page.Page, text string) {
	p.Blank()
	p.Line(p.Paint(page.Bold, text))
	p.Blank()
}
