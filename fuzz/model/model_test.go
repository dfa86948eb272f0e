package model_test

import (
	"testing"

	"paycheck/fuzz/model"
	"paycheck/spec/edition"
)

// A talk is requests with the replies to them, as the model is asked about them.
type talk struct {
	t   *testing.T
	set model.Set
}

func newTalk(t *testing.T) *talk { return &talk{t, model.Start()} }

// step sends one request; want is the requirement that the reply breaks, or empty.
func (k *talk) step(who, request string, reply model.Reply, want string) {
	k.t.Helper()
	next, fault := k.set.Step(who, model.Read(request, edition.Default()), reply, edition.Default())
	got := ""
	if fault != nil {
		got = fault.ID
	}
	if got != want {
		k.t.Errorf("%s > %s, answered %+v: broken is %q, want %q", who, request, reply, got, want)
	}
	if next != nil {
		k.set = next
	}
}

func (k *talk) connect(names ...string) {
	for _, who := range names {
		k.set = k.set.Connect(who, "127.0.0.1")
	}
}

func (k *talk) end(who string) { k.set = k.set.End(who) }

func line(text string) model.Reply { return model.Reply{Kind: model.Line, Text: text} }

func news(text string) model.Reply { return model.Reply{Text: text} }

// list is a well-formed list: name and port of each entry.
func list(balance int64, entries ...model.Entry) model.Reply {
	for i := range entries {
		entries[i].Address = "127.0.0.1"
	}
	return model.Reply{Kind: model.AList, List: &model.Listed{Balance: balance, Count: int64(len(entries)), Entries: entries}}
}

func at(name string, port int) model.Entry { return model.Entry{Name: name, Port: port} }

// online logs alice (port 1) and bob (port 2) in.
func (k *talk) online() {
	k.t.Helper()
	k.connect("alice", "bob")
	k.step("alice", "REGISTER#alice", line("100 OK"), "")
	k.step("alice", "alice#1", list(10000, at("alice", 1)), "")
	k.step("bob", "REGISTER#bob", line("100 OK"), "")
	k.step("bob", "bob#2", list(10000, at("alice", 1), at("bob", 2)), "")
}

// Each case goes on from alice and bob online, and ends in one reply that breaks the
// requirement, or none.
func TestFaults(t *testing.T) {
	alice, bob := at("alice", 1), at("bob", 2)
	silence, closed := model.Reply{}, model.Reply{Kind: model.Closed}
	for _, c := range []struct {
		name    string
		before  func(*talk)
		who     string
		request string
		reply   model.Reply
		want    string
	}{
		{"taken", nil, "bob", "REGISTER#alice", line("210 FAIL"), ""},
		{"taken in words", nil, "bob", "REGISTER#alice", line("210 FAIL taken"), ""},
		{"taken and given", nil, "bob", "REGISTER#alice", line("100 OK"), "REG-2"},
		{"registered online", nil, "bob", "REGISTER#carol", line("100 OK"), ""},
		{"refused online", nil, "bob", "REGISTER#carol", line("log out first"), ""},
		{"no answer", nil, "bob", "REGISTER#carol", silence, "REG-1"},
		{"unknown", func(k *talk) { k.connect("carol") }, "carol", "carol#3", line("220 AUTH_FAIL"), ""},
		{"unknown let in", func(k *talk) { k.connect("carol") }, "carol", "carol#3", list(0, alice, bob), "LOG-2"},
		{"closed on refusal", func(k *talk) { k.connect("carol") }, "carol", "carol#3", closed, "FRM-1"},
		{"port refused", nil, "bob", "bob#0", line("230 Input format error"), ""},
		{"port taken", nil, "bob", "bob#65536", list(10000, alice, at("bob", 0)), "LOG-6"},
		{"port behind zeros", nil, "bob", "bob#007", list(10000, alice, at("bob", 7)), ""},
		{"taken over", nil, "bob", "alice#7", list(10000, at("alice", 7)), ""},
		{"taken over, both kept", nil, "bob", "alice#7", list(10000, at("alice", 7), bob), ""},
		{"taken over at the old port", nil, "bob", "alice#7", list(10000, alice), "LST-7"},
		{"taking over refused", nil, "bob", "alice#7", line("no"), ""},
		{"list", nil, "bob", "List", list(10000, bob, alice), ""},
		{"balance", nil, "bob", "List", list(9999, bob, alice), "REG-4"},
		{"entry missing", nil, "bob", "List", list(10000, bob), "LST-6"},
		{"entry of nobody", nil, "bob", "List", list(10000, bob, alice, at("carol", 3)), "LST-6"},
		{"twice", nil, "bob", "List", list(10000, bob, alice, bob), "LOG-5"},
		{"port", nil, "bob", "List", list(10000, bob, at("alice", 3)), "LST-7"},
		{"early", func(k *talk) { k.connect("carol") }, "carol", "List", line("first log in"), ""},
		{"early list", func(k *talk) { k.connect("carol") }, "carol", "List", list(0, bob, alice), "LST-9"},
		{"bye", nil, "bob", "Exit", line("BYE"), ""},
		{"no bye", nil, "bob", "Exit", silence, "EXT-1"},
		{"after bye", func(k *talk) { k.step("bob", "Exit", line("Bye"), "") }, "bob", "List", closed, ""},
		{"gone after bye", func(k *talk) { k.step("bob", "Exit", line("Bye"), "") }, "alice", "List", list(10000, alice, bob), "EXT-2"},
		{"may be there yet", func(k *talk) { k.end("bob") }, "alice", "List", list(10000, alice, bob), ""},
		{"must not be there", func(k *talk) { k.end("bob"); k.set = k.set.Settled() }, "alice", "List", list(10000, alice, bob), "VAN-4"},
		{"word", nil, "bob", "hello", line("230 Input format error"), ""},
		{"word in silence", nil, "bob", "hello", silence, ""},
		{"word is listed", nil, "bob", "hello", list(10000, bob, alice), "FRM-9"},
		{"four fields", nil, "bob", "alice#100#bob#100", silence, ""},
		{"paid", func(k *talk) { k.step("bob", "alice#100#bob", news("Transfer OK!"), "") }, "alice", "List", list(9900, bob, alice), ""},
		{"not paid", func(k *talk) { k.step("bob", "alice#100#bob", news("Transfer OK!"), "") }, "alice", "List", list(10000, bob, alice), "PAY-1"},
		{"no news", nil, "bob", "alice#100#bob", silence, "PAY-3"},
		{"refused", nil, "bob", "alice#100#bob", news("Transfer Fail!"), "PAY-1"},
		{"all of it", nil, "bob", "alice#10000#bob", news("Transfer OK!"), ""},
		{"above", nil, "bob", "alice#10001#bob", news("Transfer Fail!"), ""},
		{"above and booked", nil, "bob", "alice#10001#bob", news("Transfer OK!"), "PAY-8"},
		{"above, and nobody hears", nil, "bob", "alice#10001#bob", silence, "PAY-4"},
		{"above, and the payer is gone", func(k *talk) { k.end("alice") }, "bob", "alice#10001#bob", silence, ""},
		{"negative", func(k *talk) { k.step("bob", "alice#-5#bob", silence, "") }, "alice", "List", list(10005, bob, alice), "PAY-9"},
		{"by the payer", func(k *talk) { k.step("alice", "alice#5#bob", silence, "") }, "alice", "List", list(9995, bob, alice), "PAY-11"},
		{"to oneself", func(k *talk) { k.step("bob", "bob#5#bob", silence, "") }, "bob", "List", list(10005, bob, alice), "PAY-7"},
		{"to nobody", func(k *talk) { k.step("bob", "alice#5#ghost", silence, "") }, "alice", "List", list(9995, bob, alice), "PAY-6"},
		{"no number", func(k *talk) { k.step("bob", "alice#5x#bob", silence, "") }, "alice", "List", list(9995, bob, alice), "PAY-10"},
		{"payer offline, booked", func(k *talk) { k.step("alice", "Exit", line("Bye"), ""); k.step("bob", "alice#5#bob", silence, "") }, "bob", "List", list(10005, bob), ""},
		{"payer offline, refused", func(k *talk) { k.step("alice", "Exit", line("Bye"), ""); k.step("bob", "alice#5#bob", silence, "") }, "bob", "List", list(10000, bob), ""},
		{"payer offline, half", func(k *talk) {
			k.step("alice", "Exit", line("Bye"), "")
			k.step("bob", "alice#5#bob", silence, "")
			k.step("bob", "List", list(10000, bob), "")
			k.connect("alice")
		}, "alice", "alice#1", list(9995, bob, alice), "PAY-1"},
		{"old connection ends", func(k *talk) {
			k.connect("carol")
			k.step("carol", "alice#7", list(10000, at("alice", 7), bob), "")
			k.end("alice")
		}, "bob", "List", list(10000, bob), "LST-8"},
		{"left for another", func(k *talk) {
			k.step("bob", "alice#7", list(10000, at("alice", 7), bob), "")
			k.step("bob", "Exit", line("Bye"), "")
			k.connect("bob")
		}, "bob", "bob#3", list(10000, at("bob", 3), at("alice", 7)), "EXT-2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newTalk(t)
			k.online()
			if c.before != nil {
				c.before(k)
			}
			k.step(c.who, c.request, c.reply, c.want)
		})
	}
}
