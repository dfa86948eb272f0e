package conformance

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"strings"

	"paycheck/conformance/counter"
	"paycheck/conformance/driver"
	"paycheck/conformance/play"
	"paycheck/conformance/secure"
	"paycheck/conformance/transcript"
)

// transport is how everything is encrypted at first.
func transport(s secure.Settings) (counter.Transport, error) {
	server, err := secure.Server()
	if err != nil {
		return counter.Transport{}, err
	}
	payee, err := secure.Payee()
	return counter.Transport{Server: server, Payee: payee, Settings: s}, err
}

// encryptClient finds out how a client speaks TLS to its server, and gives the drivers
// that it does so with: it may have to be told. The error is [ErrNotJudged] if it speaks
// none that the suite can.
func (s *suite) encryptClient(ctx context.Context) ([]driver.Driver, error) {
	all, first := s.cfg.Drivers(), ""
	for _, settings := range []secure.Settings{{}, {Old: true}} {
		t, err := transport(settings)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotJudged, err)
		}
		s.client.env.Transport = t
		for _, d := range all {
			state, why, err := s.shakeClient(ctx, d)
			if err != nil {
				return nil, err
			}
			if first == "" {
				first = why
			}
			if why != "" {
				continue
			}
			s.notes = append(s.notes, "It speaks "+secure.VersionName(state.Version)+" to the server.")
			if state.Version == tls.VersionTLS10 {
				s.halved = "in TLS 1.0, the newest that the client speaks, paycheck can't send a message in one record"
			}
			return told(all, strings.Contains(d.Args, secureFlag)), nil
		}
	}
	return nil, fmt.Errorf("%w: the client begins no TLS session with its server (%s), and paycheck speaks no other encryption", ErrNotJudged, first)
}

// told gives those drivers that tell the client to encrypt, or those that do not.
func told(all []driver.Driver, yes bool) (some []driver.Driver) {
	for _, d := range all {
		if strings.Contains(d.Args, secureFlag) == yes {
			some = append(some, d)
		}
	}
	return some
}

// shakeClient tries a handshake with a fresh process, and says why it failed.
func (s *suite) shakeClient(ctx context.Context, d driver.Driver) (state tls.ConnectionState, why string, err error) {
	host := *s.client
	host.driver = d
	env := s.client.env
	env.Host = &host
	why = "it does not connect"
	r, err := play.RunClient(ctx, &env, func(ctx context.Context, st *play.ClientStage) error {
		did := st.Do(ctx, "user registers alice") // where it fails, the client may have connected
		if st.Counter == nil || st.Counter.Conn() == nil {
			return did
		}
		conn := st.Counter.Conn()
		over := func() bool {
			_, ok, failed := conn.State()
			return ok || failed != nil
		}
		if _, err := st.Until(ctx, over); err != nil {
			return err
		}
		got, ok, failed := conn.State()
		state, why = got, ""
		if came := conn.Beneath(); !ok {
			why = "it does not go on with the handshake"
			if failed != nil {
				why = failed.Error()
			}
			if len(came) > 0 && came[0] != handshakeRecord {
				why = "it sends " + transcript.Visible(came[:min(len(came), 40)])
			}
		}
		return nil
	})
	if err == nil && why == "it does not connect" && r.Why != "" {
		why += ": " + r.Why
	}
	return state, why, err
}

// handshakeRecord is the first byte of a TLS connection (RFC 8446, 5.1).
const handshakeRecord = 0x16

// bare reports whether the client has sent a peer something that is no TLS.
func bare(st *play.ClientStage, peer string) bool {
	if st.Counter == nil {
		return false
	}
	for _, came := range st.Counter.Beneath(st.Fresh(peer)) {
		if len(came) > 0 && came[0] != handshakeRecord && bytes.Contains(came, []byte("#")) {
			return true
		}
	}
	return false
}

// sealedByPeers finds out whether the client takes sealed payments; those that are paid to
// it are then sealed in every conversation.
func (s *suite) sealedByPeers(ctx context.Context) error {
	if s.client.env.Transport.Payee == nil {
		return nil
	}
	env := s.client.env
	env.Transport.Sealed = true
	r, err := play.RunClient(ctx, &env, func(ctx context.Context, st *play.ClientStage) error {
		if err := st.Do(ctx, "given alice online"); err != nil {
			return err
		}
		key, err := st.Key(ctx, "bob")
		if err != nil {
			return err
		}
		s.client.env.Shown = key
		return st.Do(ctx, "bob > bob#7#alice\nserver < bob#7#alice")
	})
	if err != nil {
		return err
	}
	takes := r.Outcome == play.Held || r.Outcome == play.Tolerated
	s.client.env.Transport.Sealed = takes
	if takes {
		s.notes = append(s.notes, "It takes sealed payments: those that peers make are sealed.")
	} else {
		s.notes = append(s.notes, "It passes on no sealed payment (SEC-26): those of other conversations are not sealed.")
	}
	return nil
}
