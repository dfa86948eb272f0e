package fuzz

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"

	"paycheck/conformance"
	"paycheck/spec/scenario"
)

// eight is how many processes are talked to at a time.
const eight = 8

// BenchmarkConversation has the same conversation of five messages with the reference
// server: by a bare client that sends and reads, and by the fuzzer with model and
// recorder. Eight processes run all the time; what is counted is conversations.
//
//	go test ./fuzz -run '^$' -bench Conversation
func BenchmarkConversation(b *testing.B) {
	program := filepath.Join(b.TempDir(), "server")
	if out, err := exec.Command("go", "build", "-o", program, "paycheck/cmd/server").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	cfg := conformance.NewConfig(program)
	cfg.Only, cfg.Seed = []string{"FRM"}, uint64(os.Getpid())
	s, err := Prepare(context.Background(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var names atomic.Int64
	each := func(b *testing.B, have func(*talk, string) error) {
		talks := make(chan *talk, eight)
		for range eight {
			t, err := s.start(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			defer s.stop(t)
			talks <- t
		}
		b.SetParallelism(eight) // for each processor: they wait for a process
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				t := <-talks
				if err := have(t, fmt.Sprintf("a%d", names.Add(1))); err != nil {
					b.Error(err)
				}
				talks <- t
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "conversations/s")
	}
	b.Run("bare", func(b *testing.B) { each(b, bareTalk) })
	b.Run("fuzz", func(b *testing.B) {
		each(b, func(t *talk, name string) error {
			err := t.converse(context.Background(), acts(name))
			t.forget()
			return err
		})
	})
}

// acts are the messages as the fuzzer makes them.
func acts(name string) Acts {
	port := scenario.Template{{Text: "5001"}}
	var all Acts
	for _, m := range []scenario.Message{
		{Kind: scenario.Register, Name: name},
		{Kind: scenario.Login, Name: name, Port: port},
		{Kind: scenario.List},
		{Kind: scenario.List},
		{Kind: scenario.Exit},
	} {
		all = append(all, scenario.Send{Who: name, Message: m})
	}
	return all
}

// bareTalk sends each message and reads its reply, and looks at neither.
func bareTalk(t *talk, name string) error {
	conn, err := net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", t.program.Port))
	if err != nil {
		return err
	}
	defer conn.Close()
	lines := bufio.NewReader(conn)
	for _, text := range []string{"REGISTER#" + name, name + "#5001", "List", "List", "Exit"} {
		if _, err := conn.Write([]byte(text + "\x00")); err != nil {
			return err
		}
		n := 1
		for range 4 { // a list has four lines here
			line, err := lines.ReadBytes('\n')
			if err != nil {
				return fmt.Errorf("%s: %w", text, err)
			}
			if n++; bytes.ContainsAny(line, " e") && n == 2 {
				break // it is no balance
			}
		}
	}
	return nil
}
