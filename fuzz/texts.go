package fuzz

import (
	"fmt"
	"strconv"
	"strings"

	"paycheck/fuzz/model"
	"paycheck/spec/scenario"
)

// bounds are sizes of buffers and fields that programs are written with.
var bounds = []int{8, 10, 16, 20, 30, 32, 50, 64, 100, 128, 200, 255, 256, 500, 512, 1000, 1024, 2048, 4096}

// length is a bound, or one less or more.
func (g *gen) length() int { return bounds[g.IntN(len(bounds))] + g.IntN(3) - 1 }

// oddName is none that section 6 allows, and the beginning of none that it does.
func (g *gen) oddName() string {
	own := fmt.Sprintf("o%s%d", letters(len(g.acts)), g.number)
	switch g.IntN(5) {
	case 0:
		return own + g.pick(" x", "-", ".", "_", "'", "\"", "%s", "\t", "\x80", "\xff\xfe", "--", "';")
	case 1:
		return ""
	}
	return own + strings.Repeat("x", max(1, max(17, g.length())-len(own)))
}

// oddNumber is none from 1 to most, in most cases.
func (g *gen) oddNumber(most int64) string {
	return g.pick(
		"0", "-0", "-1", "-100", "00", "007", "+5", " 5", "5 ", "5x", "x5", "x", "", "1.5", "1e3", "0x10", "ten", "%d",
		strconv.FormatInt(most+1, 10), strconv.FormatInt(most+2, 10), "-"+strconv.FormatInt(most+1, 10),
		"2147483648", "4294967295", "4294967296", "4294967297", "9223372036854775807", "9223372036854775808",
		"-9223372036854775808", "18446744073709551615", "18446744073709551617", "99999999999999999999",
		strings.Repeat("9", g.length()),
	)
}

// babbles sends a text that is none of the five requests, or hardly one.
func (g *gen) babbles(a *actor) {
	var text string
	switch g.IntN(5) {
	case 0:
		text = g.pick(
			"", "#", "##", "###", "####", "REGISTER", "REGISTER#", "REGISTER##", "REGISTER#REGISTER", "List ", " List", "list", "LIST",
			"List#", "Exit#", "exit", "EXIT", "Exit ", "hello", "%s%n%x%s%n", "GET / HTTP/1.1", "\t", "\x01\x02", "\xff\xfe\xfd", "{}", "//", "|",
		)
	case 1: // exactly so long
		text = strings.Repeat(g.pick("x", "A", "#", "9", " ", "%n"), g.length())
	case 2: // a request that is exactly so long
		text = g.pick("REGISTER#", "List", "Exit", "a#1#")
		text += strings.Repeat("x", max(0, g.length()-len(text)))
	default:
		text = g.damaged()
	}
	// What a request could be carried out by is no babble.
	r := model.Read(text, g.subject.edition)
	if r.Kind != model.Malformed && model.Plain(r.Name) && r.Kind != model.List && r.Kind != model.Exit {
		text += "#x#x"
	}
	g.say(a, text)
}

// damaged is a request with a few bytes changed.
func (g *gen) damaged() string {
	text := []byte(g.pick("List", "Exit", "REGISTER#o"+strconv.Itoa(g.number)+"oo", g.name()+"#5001", g.name()+"#1#"+g.name()))
	for range 1 + g.IntN(2) {
		at := g.IntN(len(text))
		switch g.IntN(5) {
		case 0:
			text[at] = byte(1 + g.IntN(255))
		case 1:
			text = append(text[:at], text[at+1:]...)
		case 2:
			text = append(text[:at], append([]byte{text[at]}, text[at:]...)...)
		case 3:
			text = append(text[:at], append([]byte("#"), text[at:]...)...)
		default:
			text = text[:at+1]
		}
		if len(text) == 0 {
			return "?"
		}
	}
	return strings.Map(func(c rune) rune {
		if c == '\n' || c == '\r' || c == 0 {
			return '?'
		}
		return c
	}, string(text))
}

// inPieces sends requests on a stream as TCP may deliver them: cut anywhere, or two at
// once. Others move in between.
func (g *gen) inPieces(a *actor) {
	if !a.open || a.whole == 0 || a.ends == usual || a.ends == "" {
		g.say(a, "List")
		return
	}
	text := g.pick("List", "List", g.name()+"#"+g.port(), g.registration(g.name()))
	if own := g.state.Conns[a.name].Name; own != "" {
		text = g.pick(text, g.name()+"#"+g.amount(own)+"#"+own)
	}
	whole := text + a.ends
	switch g.IntN(4) {
	case 0: // two in one segment
		g.raw(a, whole+whole)
		g.follow(a, model.Read(text, g.subject.edition))
	case 1: // one byte after the other
		g.raw(a, strings.Split(whole, "")...)
	case 2: // begun, and ended later
		at := 1 + g.IntN(len(whole)-1)
		g.raw(a, whole[:at])
		a.text, a.rest = text, whole[at:]
		return
	default:
		at := 1 + g.IntN(len(whole)-1)
		g.raw(a, whole[:at], whole[at:])
	}
	g.follow(a, model.Read(text, g.subject.edition))
}

// finish sends what is missing of a request that was begun.
func (g *gen) finish(a *actor) {
	if a.rest == "" {
		return
	}
	g.raw(a, a.rest)
	a.rest = ""
	g.follow(a, model.Read(a.text, g.subject.edition))
}

// cutShort begins a request and ends the connection.
func (g *gen) cutShort(a *actor) {
	g.opens(a)
	text := g.pick("REGISTER#", "Li", "x", g.registration(g.name()), g.name()+"#50", g.name()+"#1#"+g.name())
	text = text[:1+g.IntN(len(text))]
	g.raw(a, text)
	g.link(a, []scenario.LinkVerb{scenario.Closes, scenario.Resets, scenario.HalfCloses}[g.IntN(3)])
}
