package server

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"paycheck/spec/edition"
)

// BenchmarkList measures List over as many connections as there are accounts
// online, each asking again when it has its answer, beside a server that answers
// any read with fixed bytes of the same number. It reports lists a second, and what
// part of that baseline it is: it is to be 0.8 at least.
//
// The two take turns in short rounds, so that what else the machine does hits both,
// and the median of the rounds is reported.
func BenchmarkList(b *testing.B) {
	for _, clients := range []int{8, 64} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			r := serve(b, setting{limit: clients, console: io.Discard})
			ours := make([]net.Conn, clients)
			for i := range ours {
				ours[i] = r.login(fmt.Sprintf("client%02d", i), 5000+i).conn
				ours[i].SetDeadline(time.Time{})
			}
			size := len(ask(b, ours[0], 0))
			theirs := make([]net.Conn, clients)
			for i := range theirs {
				theirs[i] = fixed(b, size)
			}
			var took time.Duration
			var ratios []float64
			b.ResetTimer()
			const round = 500
			for done := 0; done < b.N; done += round {
				n := min(round, b.N-done)
				our := askAll(b, ours, n, size)
				b.StopTimer()
				their := askAll(b, theirs, n, size)
				b.StartTimer()
				took += our
				ratios = append(ratios, their.Seconds()/our.Seconds())
			}
			slices.Sort(ratios)
			b.ReportMetric(float64(b.N)/took.Seconds(), "lists/s")
			b.ReportMetric(ratios[len(ratios)/2], "x-baseline")
		})
	}
}

// BenchmarkListSecure measures List inside TLS beside List in the clear, both over 8
// connections that take turns. It reports lists a second, and what part of those in the
// clear that is: it is to be 0.5 at least.
func BenchmarkListSecure(b *testing.B) {
	const clients, round = 8, 500
	conns := func(r *rig) (all []net.Conn) {
		for i := range clients {
			name := fmt.Sprintf("client%02d", i)
			if r.server.Identity == nil {
				all = append(all, r.login(name, 5000+i).conn)
				continue
			}
			s := r.shakes(0)
			s.enters(name)
			all = append(all, s.tls)
		}
		for _, conn := range all {
			conn.SetDeadline(time.Time{})
		}
		return all
	}
	plain := conns(serve(b, setting{limit: clients, console: io.Discard}))
	veiled := conns(serve(b, setting{limit: clients, console: io.Discard, secure: true}))
	plainSize, veiledSize := len(ask(b, plain[0], 0)), len(ask(b, veiled[0], 0))
	var took time.Duration
	var ratios []float64
	b.ResetTimer()
	for done := 0; done < b.N; done += round {
		n := min(round, b.N-done)
		our := askAll(b, veiled, n, veiledSize)
		b.StopTimer()
		their := askAll(b, plain, n, plainSize)
		b.StartTimer()
		took += our
		ratios = append(ratios, their.Seconds()/our.Seconds())
	}
	slices.Sort(ratios)
	b.ReportMetric(float64(b.N)/took.Seconds(), "lists/s")
	b.ReportMetric(ratios[len(ratios)/2], "x-plain")
}

// ask sends List and reads a reply of that size, or, if that is 0, of one read.
func ask(b *testing.B, conn net.Conn, size int) []byte {
	if _, err := io.WriteString(conn, edition.List+edition.ReplyEnd); err != nil {
		b.Fatal(err)
	}
	if size == 0 {
		buf := make([]byte, 1<<16)
		n, err := conn.Read(buf)
		if err != nil {
			b.Fatal(err)
		}
		return buf[:n]
	}
	buf := make([]byte, size)
	if _, err := io.ReadFull(conn, buf); err != nil {
		b.Fatal(err)
	}
	return buf
}

// askAll shares n questions among the connections, and says how long it took.
func askAll(b *testing.B, conns []net.Conn, n, size int) time.Duration {
	start := time.Now()
	var wg sync.WaitGroup
	for i, conn := range conns {
		wg.Go(func() {
			for range (n + i) / len(conns) {
				ask(b, conn, size)
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

// fixed is a connection to the baseline: a server that answers every read with the
// same bytes.
func fixed(b *testing.B, size int) net.Conn {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	b.Cleanup(cancel)
	context.AfterFunc(ctx, func() { listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		buf, reply := make([]byte, readSize), make([]byte, size)
		for {
			if _, err := conn.Read(buf); err != nil {
				return
			}
			if _, err := conn.Write(reply); err != nil {
				return
			}
		}
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return conn
}
