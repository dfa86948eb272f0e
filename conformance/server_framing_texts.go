package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"paycheck/conformance/play"
	"paycheck/spec/edition"
)

// oddities are texts that are no requests: empty, short of fields, with too many,
// with fields that are no names and no numbers, with bytes that are no text.
func oddities() []string {
	return []string{
		"", " ", "#", "##", "###", "####", "\r\n", "\n", "\r", "\x00", "\x00\x00\x00", "\t", "\x1b[2J", "\xff\xfe", "\x80#\x80",
		"REGISTER", "REGISTER#", "REGISTER##", "REGISTER# ", "REGISTER#a b", "REGISTER#x#", "REGISTER#x#y#z", "REGISTER#REGISTER",
		"REGISTER x", "register#x", "REGISTER#\xc3\xa4\xc3\xb6", "REGISTER#../../x", "REGISTER#x\r\nREGISTER#y",
		"LIST", "list", "List ", "List#", "Lis", "Listing", "EXIT", "exit", "Exit#", "Exit ",
		"x#", "#5001", "x#0", "x#-1", "x#65536", "x#4294967297", "x#99999999999999999999", "x#port", "x#5001x", "x# 5001", "x#5001#", "x#1.5",
		"#1#", "x##y", "x#1#", "#1#y", "x#y#1", "x#ten#y", "x#-1#y", "x#+1#y", "x#1.5#y", "x#0x10#y", "x#1e9#y",
		"x#2147483648#y", "x#-2147483649#y", "x#9223372036854775808#y", "x#99999999999999999999#y", "x#1#y#z", "x#1#y#2#z",
		"%s%s%s%s", "%n%n%n%n", "REGISTER#%n%s", "%s#%d", "%n#%n#%n",
		"REGISTER#x'); DROP TABLE client;--", "x' OR '1'='1#5001", "x\"; DROP TABLE client;--#1#y", "x#1;DELETE FROM client#y",
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		strings.Repeat("#", 300), strings.Repeat("x#", 300), strings.Repeat("\n", 50), strings.Repeat("\x00", 300),
	}
}

// accounted are those of the oddities that may go another way where the sender has an
// account: logins, payments, and what is almost List or Exit.
func accounted() []string {
	return slices.DeleteFunc(oddities(), func(text string) bool {
		verb := strings.HasPrefix(text, "L") || strings.HasPrefix(text, "E")
		return !verb && !strings.Contains(text, "#") || strings.HasPrefix(text, edition.Register)
	})
}

// lengths are texts that just fit and just do not fit into the buffers that programs
// are seen to have, as a whole and in each field of a request.
func lengths() []string {
	var texts []string
	for _, size := range []int{16, 32, 64, 128, 256, 512, 1024, 2048, 4096} {
		for _, n := range []int{size - 1, size, size + 1} {
			texts = append(texts, strings.Repeat("x", n))
		}
		for _, form := range []string{"REGISTER#%s", "%s#1", "x#%s", "%s#1#y", "x#%s#y", "x#1#%s"} {
			texts = append(texts, fmt.Sprintf(form, strings.Repeat("7", size+1)))
		}
	}
	return texts
}

// hostile sends each text on a connection of its own and has a client that is
// logged in served after each (FRM-8). With login, the sender logs in first: the
// program then has an account to go wrong with.
func hostile(login bool, texts func() []string) func(context.Context, *play.Stage) error {
	return func(ctx context.Context, st *play.Stage) error {
		if err := st.Do(ctx, "given bob online"); err != nil {
			return err
		}
		for i, text := range texts() {
			sender := fmt.Sprintf("s%d", i)
			if login {
				if err := joins(ctx, st, sender, "online", "LIM-6"); err != nil {
					return err
				}
			}
			conn, err := st.Conn(ctx, sender)
			if err != nil {
				return err
			}
			if err := conn.Send([]byte(text + st.Env.Profile.Dialect.Ending.After(text))); err != nil {
				return play.Setup("FRM-1", st.Fail(ctx, sender, "a connection that takes requests", nil, -1, "the connection was closed"))
			}
			if err := st.Rest(ctx); err != nil {
				return err
			}
			if err := stillServes(ctx, st, "bob"); err != nil {
				return err
			}
			if err := parts(ctx, st, sender); err != nil {
				return err
			}
		}
		return nil
	}
}
