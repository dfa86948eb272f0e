package target

import (
	"context"
	"maps"
	"time"
)

// A Doing is what a program at a terminal does, as the kernel shows it.
type Doing string

// What a program may be doing.
const (
	WantsLine Doing = "waits for a line" // a thread reads the terminal, or looks there again and again
	WaitsPeer Doing = "waits for a peer" // it reads from a connection, or waits to accept one
	Sleeps    Doing = "sleeps"           // it waits for a time to pass, or for itself
	Computes  Doing = "computes"         // or spins, or prints without end
	HasEnded  Doing = "has ended"
)

// A State is what a program does, at rest or after so long that it will hardly change.
type State struct {
	Doing Doing
	// Unread: the last line typed has not been read.
	Unread bool
	// Proved: the kernel showed it, and all that the program printed before has come.
	// Otherwise it has just been silent for a while, and wants a line as like as not.
	Proved bool
}

// How long a program that is not at rest is left to come to rest; all are stretched by
// the time scale, the processor times are not.
const (
	sleepPatience   = time.Second            // it sleeps: one sleep between two lines is common
	computePatience = 25 * time.Second       // it computes: a pair of RSA keys on a slow machine
	pollTime        = 200 * time.Millisecond // processor time, most of it the system's, of one that polls
	besidePatience  = 300 * time.Millisecond // a thread reads the terminal, and others never rest
	unreadPatience  = 300 * time.Millisecond // it rests and has not read what was typed
	terminalSilence = 800 * time.Millisecond // where the kernel shows nothing
	looseSilence    = 80 * time.Millisecond  // where no mark can be written
)

// torrent is how much a program prints in one wait before it is taken to print for ever.
const torrent = 4 << 20

// A look is what the threads do at one moment.
type look struct {
	doing   Doing
	rests   bool          // every thread is off the processor
	slices  map[int]int64 // how often each thread has run
	unread  bool
	hidden  bool
	user    time.Duration // processor time so far
	system  time.Duration
	sockets []uint64 // inodes of those that are waited for
}

// Idle waits until the program wants a line, waits for a peer, or has ended; or until it
// has slept or computed for long. For one that waits for a peer that can change at any
// moment. It is safe beside everything else; the only error is that of ctx.
func (t *Terminal) Idle(ctx context.Context, scale float64) (State, error) {
	scaled := func(d time.Duration) time.Duration { return time.Duration(float64(d) * scale) }
	begun, before := time.Now(), look{}
	printed, _ := t.fence.printed()
	var fresh time.Time            // since when it does what it does
	var user, system time.Duration // what it had used then
	for pause := nextLook; ; pause = min(pause*3/2, lastLook) {
		if _, dead := t.Death(); dead {
			return State{Doing: HasEnded, Proved: true}, nil
		}
		now := t.look()
		if now.doing != before.doing || now.unread != before.unread {
			fresh, user, system = time.Now(), now.user, now.system
		}
		total, last := t.fence.printed()
		span := time.Since(fresh)
		still := now.rests && before.rests && maps.Equal(now.slices, before.slices)
		before = now
		state := State{Doing: now.doing, Unread: now.unread}
		done := false
		switch {
		case now.hidden:
			if time.Since(last) > scaled(terminalSilence) && time.Since(begun) > scaled(terminalSilence) {
				return State{Doing: WantsLine}, nil
			}
		case now.unread && now.doing != Computes:
			done = still && span > scaled(unreadPatience)
		case now.doing == WantsLine:
			done = still || span > scaled(besidePatience)
		case now.doing == WaitsPeer:
			done = still
		case now.doing == Sleeps:
			done = span > scaled(sleepPatience)
		case now.doing == Computes:
			used, own := now.user-user+now.system-system, now.system-system
			if used > pollTime && own > used/2 && time.Since(last) > scaled(besidePatience) {
				state.Doing, done = WantsLine, true
			} else {
				done = span > scaled(computePatience) || total-printed > torrent
			}
		}
		if done && now.doing == Computes {
			return state, nil
		}
		if done && t.drained(ctx, scale) {
			// What it did before its last words came is what it does.
			if again := t.look(); !still || maps.Equal(again.slices, now.slices) {
				state.Proved = true
				return state, nil
			}
		}
		select {
		case <-ctx.Done():
			return State{}, context.Cause(ctx)
		case <-t.done:
		case <-time.After(pause):
		}
	}
}

// drained waits until all that the program has printed has come.
func (t *Terminal) drained(ctx context.Context, scale float64) bool {
	if t.fence.wait(ctx, t.done, t.writeThere) {
		return true
	}
	_, last := t.fence.printed()
	return time.Since(last) > time.Duration(float64(looseSilence)*scale)
}

// Taken waits until the line that was typed has been read, or the program rests without
// having read it. The error is that of ctx.
func (t *Terminal) Taken(ctx context.Context, scale float64) error {
	begun := time.Now()
	for pause := nextLook; ; pause = min(pause*3/2, lastLook) {
		now, span := t.look(), time.Since(begun)
		switch late := float64(span) > float64(unreadPatience)*scale; {
		case now.hidden, !now.unread:
			return nil
		case late && now.doing != Computes, float64(span) > float64(computePatience)*scale:
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-t.done:
			return nil
		case <-time.After(pause):
		}
	}
}

// SettleTyped is Settle for a program that was typed to.
func (t *Terminal) SettleTyped(ctx context.Context, wait Wait) (Settled, error) {
	if err := t.Taken(ctx, wait.Scale); err != nil {
		return Settled{}, err
	}
	settled, err := t.Settle(ctx, wait)
	if err == nil && settled.Reason == Quiet {
		t.drained(ctx, wait.Scale)
	}
	return settled, err
}
