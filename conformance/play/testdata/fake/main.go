// Command fake is a server of the protocol that is right but for what a test says: a
// fake in JSON, in the environment. PORT is its argument.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A fake is what fake_test.go says of it.
type fake struct {
	End, Pad, Greeting   string
	NoKey                bool
	Key, Count, Balance  string
	Deaf                 bool
	Places               int
	Notice               string
	On                   map[string][]string
}

// A person is one account.
type person struct {
	name    string
	balance int64
	conn    net.Conn // nil: offline
	port    string
}

type serving struct {
	fake
	mu     sync.Mutex
	people []*person
}

func main() { os.Exit(run(os.Args[1])) }

// run serves until it is ended.
func run(port string) int {
	s := &serving{}
	d := json.NewDecoder(strings.NewReader(os.Getenv("PLAY_FAKE")))
	d.DisallowUnknownFields()
	if err := d.Decode(&s.fake); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	if s.Deaf {
		signal.Ignore(syscall.SIGINT)
	}
	l, err := net.Listen("tcp4", "127.0.0.1:"+port)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	places := make(chan struct{}, max(1, s.Places))
	for {
		if s.Places > 0 {
			places <- struct{}{}
		}
		conn, err := l.Accept()
		if err != nil {
			return 4
		}
		go func() {
			s.serve(conn)
			if s.Places > 0 {
				<-places
			}
		}()
	}
}

// serve takes what one read returns for one request.
func (s *serving) serve(conn net.Conn) {
	defer conn.Close()
	s.do(conn, "connect", s.On["connect"])
	if s.Greeting != "" {
		fmt.Fprint(conn, s.Greeting)
	}
	buf := make([]byte, 64<<10)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			s.do(conn, "end", s.On["end"])
			s.leave(conn)
			return
		}
		request, _, _ := strings.Cut(string(buf[:n]), "\x00")
		acts, ok := s.On[request]
		if !ok {
			acts = []string{"usual"}
		}
		s.do(conn, request, acts)
	}
}

// do takes the acts of a rule, one after another.
func (s *serving) do(conn net.Conn, request string, acts []string) {
	for _, act := range acts {
		verb, rest, _ := strings.Cut(act, " ")
		n, _ := strconv.Atoi(rest)
		switch verb {
		case "usual":
			fmt.Fprint(conn, s.usual(conn, request))
		case "say":
			fmt.Fprint(conn, rest)
		case "tell":
			name, text, _ := strings.Cut(rest, " ")
			if p := s.find(name); p != nil && p.conn != nil {
				fmt.Fprint(p.conn, text)
			}
		case "book": // and say nothing
			s.pay(request, false)
		case "close":
			conn.Close()
		case "reset":
			_ = conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		case "offline":
			s.leave(conn)
		case "sleep":
			time.Sleep(time.Duration(n) * time.Millisecond)
		case "exit":
			fmt.Fprintln(os.Stderr, "last words")
			os.Exit(n)
		case "kill":
			_ = syscall.Kill(os.Getpid(), syscall.Signal(n))
			time.Sleep(time.Minute) // it is on its way
		default:
			panic("no act " + act)
		}
	}
}

func (s *serving) find(name string) *person {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.people, func(p *person) bool { return p.name == name })
	if i < 0 {
		return nil
	}
	return s.people[i]
}

func (s *serving) leave(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.people {
		if p.conn == conn {
			p.conn = nil
		}
	}
}

// usual is the reply of a server that is right.
func (s *serving) usual(conn net.Conn, request string) string {
	fields := strings.Split(strings.TrimRight(request, "\r\n"), "#")
	switch {
	case fields[0] == "REGISTER" && len(fields) >= 2:
		if s.find(fields[1]) != nil {
			return s.lines("210 FAIL")
		}
		balance := int64(10_000)
		if len(fields) == 3 {
			balance, _ = strconv.ParseInt(fields[2], 10, 64)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.people = append(s.people, &person{name: fields[1], balance: balance})
		return s.lines("100 OK")
	case len(fields) == 3:
		s.pay(request, true)
		return ""
	case len(fields) == 2:
		p := s.find(fields[0])
		if p == nil {
			return s.lines("220 AUTH_FAIL")
		}
		s.mu.Lock()
		p.conn, p.port = conn, fields[1]
		s.mu.Unlock()
		return s.list(conn)
	case fields[0] == "List":
		return s.list(conn)
	case fields[0] == "Exit":
		s.leave(conn)
		return s.lines("Bye")
	}
	return s.lines("230 Input format error")
}

func (s *serving) pay(request string, tell bool) {
	fields := strings.Split(request, "#")
	payer, payee := s.find(fields[0]), s.find(fields[2])
	amount, _ := strconv.ParseInt(fields[1], 10, 64)
	if payer == nil || payee == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	notice := s.Notice
	switch {
	case payer.balance < amount:
		notice = "Transfer Fail!"
	case notice == "":
		notice = "Transfer OK!"
		fallthrough
	default:
		payer.balance -= amount
		payee.balance += amount
	}
	if tell && payer.conn != nil {
		fmt.Fprint(payer.conn, s.lines(notice))
	}
}

func (s *serving) list(conn net.Conn) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var entries []string
	balance := int64(-1)
	for _, p := range s.people {
		if p.conn == nil {
			continue
		}
		if p.conn == conn {
			balance = p.balance
		}
		ip, _, _ := net.SplitHostPort(p.conn.RemoteAddr().String())
		entries = append(entries, p.name+"#"+ip+"#"+p.port)
	}
	if balance < 0 {
		return s.lines("Please login first")
	}
	worded := func(form string, n int64) string {
		if form == "" {
			form = "%d"
		}
		return fmt.Sprintf(form, n)
	}
	lines := []string{worded(s.Balance, balance)}
	switch {
	case s.Key != "":
		lines = append(lines, strings.Split(s.Key, "\n")...)
	case !s.NoKey:
		lines = append(lines, "public key")
	}
	lines = append(lines, worded(s.Count, int64(len(entries))))
	slices.Reverse(entries) // the order is the server's
	return s.lines(append(lines, entries...)...)
}

func (s *serving) lines(texts ...string) string {
	end := s.End
	if end == "" {
		end = "\r\n"
	}
	return strings.Join(texts, end) + end + s.Pad
}
