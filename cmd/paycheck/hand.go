package main

import (
	"fmt"
	"strings"

	"paycheck/spec"
	"paycheck/spec/scenario"
)

// says writes one step: who, what to do or to look for, and the words of it.
func (h *hand) says(who, verb, text string) {
	h.p.Para(fmt.Sprintf("    %-8s%-10s", who, verb), text)
}

func (h *hand) step(act scenario.Act) {
	switch a := act.(type) {
	case scenario.Given:
		for _, name := range a.Names {
			h.given(name, a.State)
		}
	case scenario.Send:
		h.says(a.Who, "types", h.fill(a.Message.String()))
	case scenario.Expect:
		h.expect(a)
	case scenario.Serve:
		h.says("you", "type", h.reply(a.Reply))
	case scenario.Raw:
		for _, segment := range a.Segments {
			h.raw(a.Who, segment)
		}
	case scenario.Link:
		h.link(a)
	case scenario.Has:
		h.says(a.Who, "types", "List"+soon(a.Soon))
		h.says("", "sees", "the balance first: "+h.balance(a.Balance))
	case scenario.Sees:
		no := ""
		if a.Absent {
			no = "no "
		}
		h.says(a.Who, "types", "List"+soon(a.Soon))
		h.says("", "sees", no+a.Name+" in the list")
	case scenario.Server:
		h.server(a)
	case scenario.User:
		h.says("client", a.Verb, strings.TrimSpace(strings.Join(a.Args, " ")+" "+a.Quoted))
	}
}

func soon(yes bool) string {
	if yes {
		return "  (until it is so, for 2 seconds at most)"
	}
	return ""
}

// given writes the set-up: at a server by its requests, before a client by what
// its user does and the suite's server answers.
func (h *hand) given(name string, state scenario.State) {
	login := fmt.Sprintf("%s#%d", name, h.ports[name])
	switch {
	case state == scenario.Listed:
		h.says("you", "list", fmt.Sprintf("%s#127.0.0.1#%d from now on", name, h.ports[name]))
	case h.role == spec.Client:
		h.says("client", "does", "register "+name)
		h.says("you", "type", "100 OK")
		if state == scenario.Online {
			h.says("client", "does", "log in "+name)
			h.says("you", "type", "a list")
		}
	default:
		h.says(name, "types", "REGISTER#"+name)
		if state == scenario.Online {
			h.says(name, "types", login)
		}
	}
}

func (h *hand) expect(a scenario.Expect) {
	who, verb := a.Who, "sees"
	if h.role == spec.Client && who == "server" {
		who, verb = "you", "see"
	}
	text := h.replies(a.Want, ", or ")
	if len(a.Tolerated) > 0 {
		text += "  (accepted too: " + h.replies(a.Tolerated, ", ") + ")"
	}
	h.says(who, verb, text)
}

func (h *hand) replies(all []scenario.Reply, between string) string {
	texts := make([]string, len(all))
	for i, r := range all {
		texts[i] = h.reply(r)
	}
	return strings.Join(texts, between)
}

// reply gives a reply as a person sees it.
func (h *hand) reply(r scenario.Reply) string {
	switch r.Form {
	case scenario.AList:
		return "a list"
	case scenario.NoList:
		return "an answer that is no list"
	case scenario.Any:
		return "an answer, whatever it says"
	case scenario.Nothing:
		return "nothing"
	case scenario.IsClosed:
		return "the connection end"
	}
	texts := make([]string, len(r.Lines))
	for i, line := range r.Lines {
		texts[i] = h.fill(line.String())
		if len(line) == 1 && line[0].Hole == scenario.Anything {
			texts[i] = "any one line"
		}
	}
	return strings.Join(texts, "\n")
}

// balance notes a balance, or says what it must be now.
func (h *hand) balance(t scenario.Template) string {
	if len(t) != 1 || t[0].Hole != scenario.Value {
		return t.String()
	}
	name, n := t[0].Text, t[0].N
	switch {
	case !h.balances[name]:
		h.balances[name] = true
		return "note it as " + name
	case n > 0:
		return fmt.Sprintf("it is %s and %d more", name, n)
	case n < 0:
		return fmt.Sprintf("it is %s less %d", name, -n)
	}
	return "it is still " + name
}

// raw writes bytes: those that a keyboard has are typed.
func (h *hand) raw(who string, segment scenario.Template) {
	text, enter, ends, isTyped := "", "", false, true
	for _, part := range segment {
		switch part.Hole {
		case scenario.End:
			ends = true
		case scenario.Repeat:
			text += fmt.Sprintf("(%d times %s)", part.N, part.Text)
			isTyped = false
		default:
			text += h.fill(part.String())
		}
	}
	if line := strings.TrimRight(text, "\r\n"); line != text && !strings.Contains(text, "\x00") {
		text, enter = line, ", and Enter"
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < 0x20 || r >= 0x7f }) {
		text, isTyped = fmt.Sprintf("%q", text), false
	}
	switch {
	case !isTyped:
		h.missing = true
		h.says(who, "sends", text)
	case text == "" && enter != "":
		h.says(who, "presses", "Enter")
	case text == "" && ends:
		h.says(who, "ends it", "with Enter, if your server reads lines")
	default:
		h.says(who, "types", text+enter)
	}
}

func (h *hand) link(a scenario.Link) {
	switch a.Verb {
	case scenario.Connects:
		from := ""
		if a.From != "" {
			from = "-s " + a.From + " "
		}
		h.says(a.Who, "runs", fmt.Sprintf("nc %s127.0.0.1 %d", from, serverPort))
	case scenario.Closes:
		h.says(a.Who, "presses", "Ctrl-C: nc ends, and the connection is closed")
	case scenario.HalfCloses:
		h.says(a.Who, "presses", "Ctrl-D on an empty line, in an nc that was started with -N")
	case scenario.Resets:
		h.says(a.Who, "resets", "the connection, which nc cannot do")
		h.missing = true
	}
}

func (h *hand) server(a scenario.Server) {
	switch {
	case a.Verb == scenario.Exits:
		h.says("server", "ends", "within 2 seconds")
	case a.Verb == scenario.Starts:
		h.says("server", "starts", "again, on the same port")
	case a.Signal == "SIGINT":
		h.says("you", "press", "Ctrl-C in the server's terminal")
	default:
		h.says("you", "send", a.Signal+" to the server, with kill")
	}
}

// fill puts numbers and names in place of the holes that have one.
func (h *hand) fill(text string) string {
	pairs := []string{"{_}", "...", "{key}", "(the key line)", "{end}", ""}
	for _, name := range h.actors {
		pairs = append(pairs, "{"+name+".port}", fmt.Sprint(h.ports[name]), "{"+name+".ip}", "127.0.0.1", "{"+name+"}", name)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
