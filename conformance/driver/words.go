package driver

import (
	"regexp"
	"strings"
)

// connect is what some clients have to be told before anything else. It is no operation
// of the protocol.
const connect Op = "connect"

// What an operation is called in menus.
var verbs = map[Op]*regexp.Regexp{
	Register: regexp.MustCompile(`(?i)\b(regist\w*|reg|sign(ing)?[ -]?up|signup|join|create|new|open)\b`),
	Login:    regexp.MustCompile(`(?i)\b(log(ging)?[ -]?in|logon|sign(ing)?[ -]?in|signin)\b`),
	List:     regexp.MustCompile(`(?i)\b(list\w*|balance|online|who|show|check|query|users|ask|view|status|info)\b`),
	Pay:      regexp.MustCompile(`(?i)\b(pay\w*|transfer\w*|send|transact\w*|give|remit|trade|micropay\w*|p2p|trans)\b`),
	Exit:     regexp.MustCompile(`(?i)\b(exit|quit|leave|log(ging)?[ -]?out|log[ -]?off|bye|end|terminate|disconnect|close)\b`),
	connect:  regexp.MustCompile(`(?i)\b(connect)\b`),
}

// opOf is the operation whose word comes first in a text.
func opOf(text string) (op Op) {
	first := len(text)
	for o, words := range verbs {
		if at := words.FindStringIndex(text); at != nil && at[0] < first {
			op, first = o, at[0]
		}
	}
	return op
}

// What a question asks for.
var (
	asksYes    = regexp.MustCompile(`(?i)\by(es)?\s*[/|,]\s*no?\b|\bsure\b`)
	asksEnter  = regexp.MustCompile(`(?i)(press|hit|push)\W+(the )?\W*(enter|return|any key)`)
	asksPort   = regexp.MustCompile(`(?i)\bports?\b|portno|port_|port num`)
	asksHost   = regexp.MustCompile(`(?i)\bip\b|\bhost|\baddress`)
	asksServer = regexp.MustCompile(`(?i)server`)
	asksOwn    = regexp.MustCompile(`(?i)\byour?\b|\bown\b|\bmy\b|client|listen|log ?in|p2p|peer`)
	asksMoney  = regexp.MustCompile(`(?i)amount|how much|money|dollar|\bsum\b|deposit|balance`)
	asksNumber = regexp.MustCompile(`(?i)\bnumber\b|\bindex\b|\bid\b|\bno\.|\bnum\b`)
	asksPayer  = regexp.MustCompile(`(?i)\byour\b|\bown\b|\bmy\b|payer|sender|from`)
	asksPayee  = regexp.MustCompile(`(?i)payee|whom?\b|recipient|receiver|\bto\b|target|\bpeer`)
	asksName   = regexp.MustCompile(`(?i)name|account|\buser|\bid\b`)
)

// A dialogue is what has been answered so far in one operation.
type dialogue struct {
	op    Op
	given map[string]bool
	shown string // all screens of it
}

// answer gives the template for a question, or false.
func (d *dialogue) answer(question, screen string, v Values) (string, bool) {
	d.shown += screen + "\n"
	template, ok := d.choose(question, v)
	d.given[template] = true
	return template, ok
}

func (d *dialogue) choose(question string, v Values) (string, bool) {
	switch {
	case asksYes.MatchString(question):
		return "y", true
	case asksEnter.MatchString(question):
		return "", true
	}
	switch d.op {
	case Register:
		switch {
		case asksPort.MatchString(question):
			return "{lport}", true
		case asksMoney.MatchString(question):
			return "{deposit}", true
		}
		return d.next("{name}", "{name}", "{deposit}")
	case Login:
		if asksPort.MatchString(question) {
			return "{lport}", true
		}
		return d.next("{name}", "{lport}")
	case Pay:
		switch {
		case asksMoney.MatchString(question) && !asksName.MatchString(question):
			return "{amount}", true
		case asksPort.MatchString(question):
			return "{payee_port}", true
		case asksHost.MatchString(question):
			return "{payee_ip}", true
		case asksPayer.MatchString(question) && !asksPayee.MatchString(question):
			return "{name}", true
		case asksNumber.MatchString(question):
			return placeIn(d.shown, v), true
		case asksPayee.MatchString(question):
			return "{payee}", true
		}
		return d.next("{payee}", "{amount}", "{name}")
	}
	return "", false
}

// next gives the first that has not been given.
func (d *dialogue) next(templates ...string) (string, bool) {
	for _, t := range templates {
		if !d.given[t] {
			return t, true
		}
	}
	return "", false
}

var leading = regexp.MustCompile(`^\D{0,3}(\d+)\b`)

// placeIn tells whether the screen counts from 0 or 1, by the line that shows the payee.
func placeIn(screen string, v Values) string {
	zero := Values{PayeeIndex: v.PayeeIndex}.fill("{payee_index0}")
	for line := range strings.Lines(screen) {
		if m := leading.FindStringSubmatch(strings.TrimSpace(line)); m != nil && strings.Contains(line, v.Payee) && m[1] == zero {
			return "{payee_index0}"
		}
	}
	return "{payee_index}"
}

// forArgument gives the template for an argument as a usage calls it.
func (d *dialogue) forArgument(name string, v Values) (string, bool) {
	if d.op != connect {
		return d.answer(name, "", v)
	}
	if asksPort.MatchString(name) {
		return "{port}", true
	}
	return "{host}", true
}

// atStart gives the template for what is asked before the first menu.
func atStart(question string, v Values, hosted, connected bool) (string, bool) {
	switch {
	case asksYes.MatchString(question):
		return "y", true
	case asksEnter.MatchString(question):
		return "", true
	case asksPort.MatchString(question):
		if asksServer.MatchString(question) || hosted && !connected && !asksOwn.MatchString(question) {
			return "{port}", true
		}
		return "{lport}", true
	case asksHost.MatchString(question), asksServer.MatchString(question):
		return "{host}", true
	}
	return "", false
}
