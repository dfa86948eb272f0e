package driver_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"paycheck/conformance/driver"
)

// A dialect is how the server of a test differs from the text.
type dialect struct {
	greeting string // sent to whoever connects
	end      string // of a line; empty: CR LF
	keyless  bool   // the list has no key line
	notice   string // sent to the payer when the payment has come to the payee
	reply    string // sent by the payee to the payer
	deposit  bool   // REGISTER#name#deposit
	patient  bool   // greeting and notice are sent when the client waits for them
}

// A world is a server and a payee that take whatever form of ending a request has, and
// keep what came.
type world struct {
	t       *testing.T
	dialect dialect
	values  driver.Values

	mu    sync.Mutex
	came  []driver.Message // at the server
	paid  []driver.Message // at the payee
	moved chan struct{}    // closed and made anew when something came
	conn  net.Conn         // the client's to the server
}

// newWorld starts them; all ends with the test.
func newWorld(t *testing.T, d dialect, name, payee string, amount int) *world {
	t.Helper()
	if d.end == "" {
		d.end = "\r\n"
	}
	w := &world{t: t, dialect: d, moved: make(chan struct{})}
	w.values = driver.Values{
		Host: "127.0.0.1", Name: name, LoginPort: free(t), Payee: payee, PayeeIP: "127.0.0.2", PayeeIndex: 2, Amount: amount, Deposit: 500,
	}
	w.values.Port = w.listen("127.0.0.1", w.serve)
	w.values.PayeePort = w.listen("127.0.0.2", w.bePaid)
	return w
}

func (w *world) listen(host string, serve func(net.Conn)) int {
	w.t.Helper()
	l, err := net.Listen("tcp4", host+":0")
	if err != nil {
		w.t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			all.Go(func() {
				defer conn.Close()
				serve(conn)
			})
		}
	})
	w.t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, conn := range conns {
			conn.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return l.Addr().(*net.TCPAddr).Port
}

// messages calls each with what comes, cut at the first NUL or line end.
func messages(conn net.Conn, each func(text string)) {
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		text := buf[:n]
		if i := bytes.IndexAny(text, "\x00\r\n"); i >= 0 {
			text = text[:i]
		}
		each(string(text))
	}
}

func (w *world) serve(conn net.Conn) {
	w.mu.Lock()
	w.conn = conn
	w.mu.Unlock()
	if w.dialect.greeting != "" && !w.dialect.patient {
		fmt.Fprint(conn, w.dialect.greeting+w.dialect.end)
	}
	messages(conn, func(text string) {
		if text == "" {
			return
		}
		w.note(&w.came, text)
		_, err := fmt.Fprint(conn, w.answer(text))
		if text == "Exit" || err != nil {
			conn.Close()
		}
	})
}

func (w *world) answer(text string) string {
	switch {
	case strings.HasPrefix(text, "REGISTER#"):
		return "100 OK" + w.dialect.end
	case text == "Exit":
		return "Bye" + w.dialect.end
	case text == "List", text == fmt.Sprintf("%s#%d", w.values.Name, w.values.LoginPort):
		return w.list()
	}
	return "230 Input format error" + w.dialect.end
}

func (w *world) list() string {
	lines := []string{"4321"}
	if !w.dialect.keyless {
		lines = append(lines, "public key")
	}
	var entries []string
	for i := 1; i < w.values.PayeeIndex; i++ {
		entries = append(entries, fmt.Sprintf("zoe%d#127.0.0.3#%d", i, w.values.LoginPort+i))
	}
	entries = append(entries, fmt.Sprintf("%s#%s#%d", w.values.Payee, w.values.PayeeIP, w.values.PayeePort),
		fmt.Sprintf("%s#127.0.0.1#%d", w.values.Name, w.values.LoginPort))
	lines = append(lines, fmt.Sprint(len(entries)))
	return strings.Join(append(lines, entries...), w.dialect.end) + w.dialect.end
}

func (w *world) bePaid(conn net.Conn) {
	messages(conn, func(text string) {
		if text == "" {
			return
		}
		w.note(&w.paid, text) // before anybody can know of it
		if w.dialect.reply != "" {
			fmt.Fprint(conn, w.dialect.reply)
		}
		if w.dialect.notice != "" && !w.dialect.patient {
			w.mu.Lock()
			fmt.Fprint(w.conn, w.dialect.notice+w.dialect.end)
			w.mu.Unlock()
		}
	})
}

func (w *world) note(list *[]driver.Message, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*list = append(*list, driver.Message{At: time.Now(), ToPayee: list == &w.paid, Text: text})
	close(w.moved)
	w.moved = make(chan struct{})
}

// wants is the message that an operation brings, and where.
func (w *world) wants(op driver.Op) (text string, list *[]driver.Message) {
	v := w.values
	switch op {
	case driver.Register:
		if w.dialect.deposit {
			return fmt.Sprintf("REGISTER#%s#%d", v.Name, v.Deposit), &w.came
		}
		return "REGISTER#" + v.Name, &w.came
	case driver.Login:
		return fmt.Sprintf("%s#%d", v.Name, v.LoginPort), &w.came
	case driver.List:
		return "List", &w.came
	case driver.Pay:
		return fmt.Sprintf("%s#%d#%s", v.Name, v.Amount, v.Payee), &w.paid
	}
	return "Exit", &w.came
}

// await waits until the message of an operation has come, behind those before.
func (w *world) await(ctx context.Context, op driver.Op, before int) error {
	want, list := w.wants(op)
	for {
		w.mu.Lock()
		moved := w.moved
		w.mu.Unlock()
		all := w.Heard()
		for _, m := range all[before:] {
			if m.Text == want && m.ToPayee == (list == &w.paid) {
				return nil
			}
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("%q did not come; there came %v", want, all)
		}
	}
}

// A world is a stage of a guess.

func (w *world) Values() driver.Values { return w.values }

func (w *world) Connected() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.conn != nil
}

func (w *world) Heard() []driver.Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := slices.Concat(w.came, w.paid)
	slices.SortStableFunc(all, func(a, b driver.Message) int { return a.At.Compare(b.At) })
	return all
}

func (w *world) Nudge() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	say := w.dialect.greeting
	if len(w.paid) > 0 {
		say = w.dialect.notice
	}
	if w.conn == nil || say == "" {
		return false
	}
	_, err := fmt.Fprint(w.conn, say+w.dialect.end)
	return err == nil
}

func (w *world) Close() {}
