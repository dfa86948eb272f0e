package conformance

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"

	"paycheck/conformance/dialect"
	"paycheck/conformance/play"
	"paycheck/conformance/transcript"
)

// What servers of other protocols say first, so that nobody else can be meant.
var others = []struct {
	says *regexp.Regexp
	what string
}{
	{regexp.MustCompile(`^HTTP/\d|^<(!DOCTYPE|html)`), "a web server"},
	{regexp.MustCompile(`^SSH-\d`), "an SSH server"},
	{regexp.MustCompile(`(?i)^220[ -].*(smtp|ftp)`), "a mail or FTP server"},
	{regexp.MustCompile(`^-ERR unknown command`), "a Redis server"},
}

// foreign tells a program of another protocol from one that is wrong. Only what is
// certain counts; the error then is [ErrNotJudged].
func foreign(t hearing) error {
	text := strings.TrimLeft(string(t.first), "\r\n\x00 ")
	what := ""
	for _, o := range others {
		if o.says.MatchString(text) {
			first, _, _ := strings.Cut(text, "\n")
			what = fmt.Sprintf("it answers as %s does: %s", o.what, transcript.Visible([]byte(strings.TrimSpace(first))))
		}
	}
	if t.asked > 0 && t.echoed == t.asked {
		what = "it sends back what it is sent"
	}
	if what == "" || t.reach > nowhere {
		return nil
	}
	return fmt.Errorf("%w: this is no server of the payment protocol, %s; is it the right program?", ErrNotJudged, what)
}

// encrypted finds out whether the program answers the first message of a TLS handshake
// in TLS, be it with a refusal; the error then is [ErrNotJudged].
func (s *suite) encrypted(ctx context.Context) error {
	is := false
	_, err := s.try(ctx, dialect.Dialect{}, func(ctx context.Context, st *play.Stage) error {
		conn, err := st.Conn(ctx, "alice")
		if err != nil {
			return err
		}
		if err := conn.Send(clientHello()); err != nil {
			return nil //nolint:nilerr // it closed at once: it is not TLS
		}
		err = st.Rest(ctx)
		is = tlsRecord(conn.Raw())
		return err
	})
	if err == nil && is {
		err = fmt.Errorf("%w: the server wants TLS; give --secure to judge it inside that", ErrNotJudged)
	}
	return err
}

// tlsRecord reports whether bytes begin with the header of a handshake or an alert
// (RFC 8446, 5.1).
func tlsRecord(raw []byte) bool {
	const alert, handshake = 21, 22
	return len(raw) >= 3 && (raw[0] == alert || raw[0] == handshake) && raw[1] == 3 && raw[2] <= 4
}

// clientHello is what a TLS client sends first.
func clientHello() []byte {
	var sent bytes.Buffer
	config := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10} //nolint:gosec // nothing is said to it
	_ = tls.Client(unanswered{Writer: &sent}, config).Handshake()                 // it ends where the answer would be read
	return sent.Bytes()
}

// unanswered is a connection on which nothing comes.
type unanswered struct {
	net.Conn
	io.Writer
}

func (d unanswered) Write(data []byte) (int, error) { return d.Writer.Write(data) }
func (unanswered) Read([]byte) (int, error)         { return 0, io.EOF }
func (unanswered) Close() error                     { return nil }
