package target

import "testing"

// A server that waits for none of its children is at rest when its threads are.
func TestZombieRests(t *testing.T) {
	c := contained(t, DefaultLimits(1)).shell(t, "mkfifo f; exec 3<>f; true & exec cat <&3")
	var s scanner
	defer s.close()
	until(t, "rest, with a child that nobody has waited for", func() bool {
		threads, err := s.scan(c.pid)
		if err != nil {
			t.Fatal(err)
		}
		return len(s.processes) == 2 && len(threads) == 1 && threads[0].readsInput()
	})
}
