package fuzz

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// deeds makes conversation number n of a seed with a client: mostly a whole session, in
// which the server and the peers do what a network and strangers may do.
func deeds(seed uint64, n int) Deeds {
	g := &haggle{Rand: rand.New(rand.NewPCG(seed, uint64(n)))}
	if g.IntN(8) == 0 {
		g.do("peers", g.pick("greet", "thank"), g.nonsense())
	}
	g.asks("registers", "alice")
	g.asks("logs", "in", "alice")
	for range 2 + g.IntN(8) {
		switch g.IntN(9) {
		case 0, 1:
			g.asks("lists")
		case 2, 3:
			g.do("user", "pays", g.pick(folk...), g.amount())
			if g.IntN(4) == 0 {
				g.do("server", "sends", g.pick("Transfer OK!\r\n", "Transfer Fail!\r\n", "Transfer OK!\nTransfer OK!\n", "Transfer"))
			}
		case 4, 5:
			g.peer(g.pick(folk...))
		case 6:
			g.do(g.pick(folk...), "pays", g.amount())
		case 7:
			g.do("user", "types", g.pick("", "", "zzz", "99", "-1", strings.Repeat("x", 300), "%s%n", "\xff"))
		default:
			if g.IntN(3) == 0 {
				g.do("server", g.pick("closes", "resets"))
			}
		}
	}
	if g.IntN(2) == 0 {
		g.asks("exits")
	}
	return g.all
}

// A haggle makes one conversation.
type haggle struct {
	*rand.Rand
	all Deeds
}

func (g *haggle) do(who, verb string, args ...string) { g.all = append(g.all, Deed{who, verb, args}) }

func (g *haggle) pick(texts ...string) string { return texts[g.IntN(len(texts))] }

// asks has the user do what the server answers, in its way, in pieces, or wrong.
func (g *haggle) asks(verb string, args ...string) {
	g.do("user", verb, args...)
	switch g.IntN(12) {
	case 0, 1, 2:
		var at []string
		for range 1 + g.IntN(4) {
			at = append(at, strconv.Itoa(1+g.IntN(60)))
		}
		g.do("server", "cuts", at...)
	case 3:
		segments := []string{g.reply()}
		if g.IntN(2) == 0 {
			at := g.IntN(len(segments[0]) + 1)
			segments = []string{segments[0][:at], segments[0][at:]}
		}
		g.do("server", "sends", segments...)
	case 4:
		if g.IntN(3) == 0 {
			g.do("server", g.pick("closes", "resets"))
		}
	}
}

// reply is one that a client need not understand, and must not crash of.
func (g *haggle) reply() string {
	end := g.pick("\r\n", "\n", "")
	switch g.IntN(6) {
	case 0:
		return g.nonsense()
	case 1:
		return g.pick("100 OK", "210 FAIL", "220 AUTH_FAIL", "230 LOGIN_FIRST", "Bye", "100", "OK", "") + end
	case 2: // a number that is none, or too large
		return g.number() + "\r\npublic key\r\n" + g.number() + end
	case 3: // fewer or more entries than it counts
		return "10000\r\npublic key\r\n" + g.number() + "\r\n" + g.row() + "\r\n" + g.row() + end
	case 4:
		rows := make([]string, 1+g.IntN(120))
		for i := range rows {
			rows[i] = g.row()
		}
		return fmt.Sprintf("10000\r\npublic key\r\n%d\r\n%s%s", len(rows), strings.Join(rows, "\r\n"), end)
	}
	return "10000\r\n" + strings.Repeat(g.pick("x", "#", "\x00"), g.size()) + "\r\n1\r\nalice#127.0.0.1#5001" + end
}

// row is an entry of a list, of which a part may be odd.
func (g *haggle) row() string {
	return g.pick("{alice}", "{bob}", "", "x", strings.Repeat("n", g.size())) +
		g.pick("#", "#", "#", "", "##") + g.pick("127.0.0.1", "", "999.1.1.1", "localhost", strings.Repeat("1", g.size())) +
		g.pick("#", "#", "#", "") + g.pick("5001", g.number())
}

func (g *haggle) number() string {
	return g.pick("0", "1", "2", "-1", "2147483647", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808",
		"99999999999999999999", "", "x", "1e9", "0x7f", " 1", "1000000")
}

func (g *haggle) nonsense() string {
	if g.IntN(2) == 0 {
		return strings.Repeat(g.pick("x", "#", "9", "\x00", "%s", "\n", "\xff"), g.size()) + g.pick("", "\r\n")
	}
	return g.pick("#", "##", "a#b", "a#1#b#c", "\x00", "\r", "%n%n%n%n", "GET / HTTP/1.1\r\n\r\n", "\xff\xfe")
}

func (g *haggle) size() int { return bounds[g.IntN(len(bounds))] + g.IntN(3) - 1 }

func (g *haggle) amount() string { return strconv.Itoa(1 + g.IntN(500)) }

// peer has a peer do something to the client: what comes is no payment of anybody.
func (g *haggle) peer(who string) {
	switch g.IntN(6) {
	case 0:
		g.do(who, "leaves")
	default:
		texts := []string{g.nonsense()}
		if g.IntN(3) == 0 {
			texts = append(texts, g.nonsense())
		}
		g.do(who, "sends", texts...)
		g.do(who, g.pick("closes", "resets"))
	}
}
