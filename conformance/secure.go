package conformance

import (
	"context"
	"crypto/tls"
	"fmt"
	"slices"

	"paycheck/conformance/dialect"
	"paycheck/conformance/play"
	"paycheck/conformance/secure"
)

// secureFlag is what a program may have to be told to encrypt, as the reference is.
const secureFlag = "--secure"

// encrypt finds out how the program speaks TLS, and whether it has to be told. The error
// is [ErrNotJudged] if it speaks none that the suite can.
func (s *suite) encrypt(ctx context.Context) error {
	s.env.Profile.Security.TLS = true
	state, why, err := s.shake(ctx, secure.Settings{})
	if l, ours := s.env.Host.(*launcher); ours && s.guessed && why != "" && err == nil {
		before := l.recipe
		l.recipe.Args = append(slices.Clone(before.Args), secureFlag)
		var again string
		if state, again, err = s.shake(ctx, secure.Settings{}); again == "" && err == nil {
			why = ""
			s.learned(l)
		} else {
			l.recipe, err = before, ctx.Err()
		}
	}
	if why != "" && err == nil {
		var old string
		if state, old, err = s.shake(ctx, secure.Settings{Old: true}); old == "" && err == nil {
			why, s.env.Profile.Security.Old = "", true
		}
	}
	switch {
	case err != nil:
		return err
	case why != "":
		return fmt.Errorf("%w: the server completes no TLS handshake (%s), and paycheck speaks no other encryption", ErrNotJudged, why)
	}
	s.notes = append(s.notes, "It speaks "+describe(state)+".")
	if state.Version == tls.VersionTLS10 {
		// The ciphers of TLS 1.0 that are left chain their blocks, and crypto/tls then
		// sends the first byte of a message alone, as a shield against BEAST.
		s.halved = "in TLS 1.0, the newest that the server speaks, paycheck can't send a message in one record"
	}
	return nil
}

// handshakeAlone reports whether the checks of a requirement send no messages.
func handshakeAlone(id string) bool { return id == "SEC-3" || id == "SEC-4" }

// describe says what a handshake has agreed on.
func describe(state tls.ConnectionState) string {
	text := secure.VersionName(state.Version)
	if key, err := secure.Key(state); err == nil {
		return fmt.Sprintf("%s, with an RSA key of %d bits", text, key.N.BitLen())
	}
	return text + ", with a key that is not RSA"
}

// shake tries a handshake with a fresh process, and says why it failed.
func (s *suite) shake(ctx context.Context, settings secure.Settings) (state tls.ConnectionState, why string, err error) {
	var startErr error
	_, err = s.try(ctx, dialect.Dialect{}, func(ctx context.Context, st *play.Stage) error {
		if startErr = st.Start(ctx); startErr != nil {
			why = startErr.Error()
			return startErr
		}
		got, ok, shook := st.Shakes(ctx, "alice", secure.NewClient(settings).Config)
		state = got
		switch {
		case ok:
			if l, ours := s.env.Host.(*launcher); ours {
				l.keep(st.Program.Dir)
			}
		case shook != nil:
			why = shook.Error()
		default:
			why = "it does not answer the first message"
		}
		return nil
	})
	return state, why, err
}

// sealed finds out whether the program books a sealed payment; payments are then sealed
// in every conversation.
func (s *suite) sealed(ctx context.Context) error {
	env := s.env
	env.Profile.Security.Sealed = true
	r, err := play.Run(ctx, &env, func(ctx context.Context, st *play.Stage) error {
		return st.Do(ctx, "given alice bob online\nalice has {a}\nbob > alice#7#bob\nalice has {a-7}")
	})
	if err != nil {
		return err
	}
	takes := r.Outcome == play.Held || r.Outcome == play.Tolerated
	s.env.Profile.Security.Sealed = takes
	if takes {
		s.notes = append(s.notes, "It takes sealed payments: those of every conversation are sealed.")
	} else {
		s.notes = append(s.notes, "It books no sealed payment (SEC-6): those of other conversations are not sealed.")
	}
	return nil
}
