package driver

import "testing"

func TestScreen(t *testing.T) {
	tests := []struct{ name, printed, want string }{
		{"lines", "one\r\ntwo\r\n", "one\ntwo"},
		{"a line written over", "wrong\rright", "right"},
		{"cleared", "old\r\n\x1b[2J\x1b[H\x1b[1mnew\x1b[0m\r\n> ", "new\n>"},
		{"backspace", "ab\b \bc", "ac"},
		{"NUL out of a buffer", "100 OK\x00\x00\x00", "100 OK"},
		{"a question to the terminal", "\x1b[6n\x1b[cname: ", "name:"},
		{"wide letters", "\u7aef\u53e3: 1", "\u7aef\u53e3: 1"},
		{"cut off in the middle", "a\x1b[3", "a"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := screen([]byte(test.printed)); got != test.want {
				t.Errorf("%q is shown as %q, not %q", test.printed, got, test.want)
			}
		})
	}
}

func TestPlain(t *testing.T) {
	tests := []struct{ printed, want string }{
		{"\x1b[36mName? \x1b[0m", "Name? "},
		{"a\r\nb\x00\x00", "a\nb"},
		{"\x1b]0;title\x07menu", "menu"},
		{"\xff\x1b[2J>", "?>"},
	}
	for _, test := range tests {
		if got := plain([]byte(test.printed)); got != test.want {
			t.Errorf("%q is read as %q, not %q", test.printed, got, test.want)
		}
	}
}

// Each form of menu offers the operations.
func TestMenu(t *testing.T) {
	tests := []struct {
		name, text string
		want       map[Op]string // the key
	}{
		{"brackets", "(R)egister [L]ogin (Q)uit", map[Op]string{Register: "R", Login: "L", Exit: "Q"}},
		{"numbers on lines", "1. Register\n2. Login\n3. List\n4. Pay\n5. Exit\n", map[Op]string{Register: "1", Login: "2", List: "3", Pay: "4", Exit: "5"}},
		{"numbers in a line", "1) register   2) login   3) list   4) pay   5) exit\n> ", map[Op]string{Register: "1", Login: "2", List: "3", Pay: "4", Exit: "5"}},
		{"bare numbers", "1 Register\n2 Log in\n", map[Op]string{Register: "1", Login: "2"}},
		{"the first word counts", "[3] List account balance\n[EXIT] Log out\n4: Send money to who is online\n", map[Op]string{List: "3", Exit: "EXIT", Pay: "4"}},
		{"type this to do that", "type 'new' to register, 'bye' to exit", map[Op]string{Register: "new", Exit: "bye"}},
		{"a list of words", "Enter a command (register, login, list, pay, exit): ", map[Op]string{Register: "register", Pay: "pay", Exit: "exit"}},
		{"words with descriptions", "reg : register\nlist      who is there\n", map[Op]string{Register: "reg", List: "list"}},
		{"words alone", "Register\nLogin\nQuit\n", map[Op]string{Register: "Register", Login: "Login", Exit: "Quit"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for op, key := range test.want {
				if found := choices(test.text, op); len(found) == 0 || found[0].key != key {
					t.Errorf("%s is found as %v, not %q", op, found, key)
				}
			}
			if !isMenu(test.text) {
				t.Error("it is taken for no menu")
			}
		})
	}
	for _, text := range []string{"", "Name: ", "100 OK", "4321\npublic key\n2\nalice#127.0.0.1#7001\n", "Amount to pay: "} {
		if isMenu(text) {
			t.Errorf("%q is taken for a menu: %v", text, entries(text))
		}
	}
}
