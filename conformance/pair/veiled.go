package pair

import (
	"fmt"
	"slices"
	"strings"

	"paycheck/conformance"
	"paycheck/conformance/driver"
	"paycheck/conformance/play"
	"paycheck/conformance/transcript"
	"paycheck/spec"
)

// A sight is what was seen of one direction of one kind of link.
type sight struct {
	id, title string
	talk      transcript.Transcript // that shows what is wrong
	result    play.Result
	passed    int    // bytes
	shown     string // why what passed is known to have held messages; empty: it is not
}

// What a watched meeting is held against.
const (
	fromServer = "In what the server sends no name and no whole message can be read."
	answersBy  = "A request that can be read is not answered."
	toServer   = "In what clients send to the server no name and no whole message can be read."
	toPeers    = "In what clients send each other no name and no whole message can be read."
)

// Watches reports whether the links between clients can be listened to here.
func Watches() bool {
	c, err := openCapture()
	if err == nil {
		c.close()
	}
	return err == nil
}

// A veil is a meeting of which nothing is understood: only whether anything can be read.
type veil struct {
	log     []entry
	parties []*party
	secrets []secret
	flows   map[flow]*stream
	blind   string // why the links between clients were not watched; empty: they were
}

// results judges all links.
func (v *veil) results(text *spec.Spec, why string) (all []conformance.Result) {
	for _, s := range v.sights() {
		r, ok := text.Find(s.id)
		if !ok {
			continue
		}
		result := s.result
		switch {
		case result.Outcome == play.Violated:
			result.Transcript = s.talk
		case result.Outcome == play.Broken:
		case s.passed == 0:
			result = play.Result{Outcome: play.Broken, Why: "nothing passed there" + because(why)}
		case s.shown != "":
			result = play.Result{Outcome: play.Broken, Why: s.shown + because(why)}
		}
		all = append(all, conformance.Result{Check: &conformance.Check{Requirement: r, Number: 1, Title: s.title}, Result: result})
	}
	return all
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

// sights are in the order of the text.
func (v *veil) sights() (all []sight) {
	down, up := v.atServer(answers), v.atServer(says)
	down.id, down.title = "SEC-18", fromServer
	up.id, up.title = "SEC-20", toServer
	if up.result.Outcome == play.Violated {
		all = append(all, v.answered(up.result))
	}
	if !v.seenListed() {
		down.shown = "no screen shows a name that a server has sent, so that nobody knows what passed"
		up.shown = down.shown
	}
	all = append(all, down, up, v.betweenPeers())
	return append(all, v.deaths()...)
}

// atServer looks at all that was sent in one direction between clients and the server.
func (v *veil) atServer(k kind) sight {
	s := sight{result: play.Result{Outcome: play.Held}}
	whole := map[*link][]byte{}
	for i, e := range v.log {
		if e.kind != k || e.link.to != nil || s.result.Outcome == play.Violated {
			continue
		}
		s.passed += len(e.data)
		before := len(whole[e.link])
		whole[e.link] = append(whole[e.link], e.data...)
		at, length, what := find(whole[e.link], v.secrets)
		if word := bareWord(e.data); at < 0 && word != "" {
			at, length, what = before, len(word), word
		}
		if at >= 0 {
			s.result = readable(whole[e.link], at, length, what, e.link.from.nick+" and the server")
			s.talk = evident(ruling{result: s.result, at: i}, v.log).Transcript
		}
	}
	return s
}

// shownAround is how much of what stands around a find is shown, in bytes.
const shownAround = 24

func readable(data []byte, at, length int, what, where string) play.Result {
	from, to := max(at-shownAround, 0), min(at+length+shownAround, len(data))
	return play.Result{
		Outcome: play.Violated, Why: fmt.Sprintf("%s can be read between %s", what, where),
		Finding: &play.Finding{Want: "nothing that can be read", Got: data[from:to], At: at - from},
	}
}

// answered is SEC-1, for a server to which something came that can be read.
func (v *veil) answered(up play.Result) sight {
	s := sight{id: "SEC-1", title: answersBy, passed: 1, result: play.Result{Outcome: play.Held}}
	for i, e := range v.log {
		if e.kind != says || e.link.to != nil {
			continue
		}
		if at, _, what := find(e.data, v.secrets); at < 0 || what == "" {
			continue
		}
		for j, later := range v.log[i:] {
			if later.kind == answers && later.link == e.link {
				s.result = play.Result{Outcome: play.Violated, Why: "the server has answered what it got unencrypted", Finding: up.Finding}
				s.talk = evident(ruling{result: s.result, at: i + j}, v.log).Transcript
				return s
			}
		}
	}
	return s
}

// betweenPeers looks at what clients have sent each other.
func (v *veil) betweenPeers() sight {
	s := sight{id: "SEC-21", title: toPeers, result: play.Result{Outcome: play.Held}}
	for _, p := range v.parties {
		for key, stream := range v.flows {
			to, from := slices.Contains(p.listens, int(key.to.Port())), slices.Contains(p.listens, int(key.from.Port()))
			if !to && !from || s.result.Outcome == play.Violated {
				continue
			}
			s.passed += len(stream.data)
			if at, length, what := find(stream.data, v.secrets); at >= 0 {
				s.result = readable(stream.data, at, length, what, "clients")
				s.talk = peerTalk(v.parties, p, to, stream.data)
			}
		}
	}
	switch {
	case s.result.Outcome == play.Violated:
	case v.blind != "":
		s.result = play.Result{Outcome: play.Broken, Why: v.blind}
	case !v.seenPaid():
		s.shown = "no screen shows that a payment has come, so that nobody knows what passed"
	}
	return s
}

// peerTalk shows what was sent to a party's client, or by it to who has connected.
func peerTalk(parties []*party, p *party, to bool, data []byte) transcript.Transcript {
	payer := parties[0]
	if payer == p {
		payer = parties[1]
	}
	e := entry{link: &link{from: payer, to: p}, kind: answers, data: data}
	if to {
		e.kind = says
	}
	opened, _ := entry{link: e.link, kind: opens}.event()
	said, _ := e.event()
	said.Wrong = true
	return transcript.Transcript{opened, said}
}

// seenListed reports whether a user has seen the other's name in a list: then the names
// have passed.
func (v *veil) seenListed() bool {
	return slices.ContainsFunc(v.log, func(e entry) bool {
		return e.kind == shows && e.acted && e.op == driver.List && slices.ContainsFunc(v.parties, func(p *party) bool {
			return p != e.by && strings.Contains(e.text, p.name)
		})
	})
}

// seenPaid reports whether somebody who was paid has seen it: by whom, how much, or the
// balance that comes of it.
func (v *veil) seenPaid() bool {
	amount, payee, payer := "", (*party)(nil), (*party)(nil)
	for _, e := range v.log {
		switch {
		case e.kind == acts && e.op == driver.Pay:
			amount, payer, payee = fmt.Sprint(e.amount), e.by, e.whom
		case e.kind != shows || e.by != payee || payee == nil:
		case e.op == driver.Pay && (strings.Contains(e.text, payer.name) || strings.Contains(e.text, amount)):
			return true
		case e.op == driver.List && e.acted && strings.Contains(e.text, fmt.Sprint(e.balance)):
			return true
		}
	}
	return false
}

// deaths are those of programs that nobody told to end.
func (v *veil) deaths() (all []sight) {
	for i, e := range v.log {
		if e.kind != dies || slices.ContainsFunc(v.log[:i], func(o entry) bool { return o.kind == dies && (o.by == nil) == (e.by == nil) }) {
			continue // one of a kind says it
		}
		s := sight{id: "FRM-8", title: "The server is there until the end.", passed: 1}
		if e.by != nil {
			s.id, s.title = "CLI-15", goesOnAnyTime
		}
		s.result = deathOf(e)
		s.talk = evident(ruling{result: s.result, at: i}, v.log).Transcript
		all = append(all, s)
	}
	return all
}
