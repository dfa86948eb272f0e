package driver

import (
	"io"
	"strings"

	"github.com/charmbracelet/x/vt"

	"paycheck/conformance/target"
)

// screen is what a terminal shows after all of this was printed: lines without the
// blanks at their ends, and no empty ones at the end.
func screen(printed []byte) string {
	terminal := vt.NewEmulator(target.TerminalCols, target.TerminalRows)
	answered := make(chan struct{})
	go func() { // what the terminal would answer to questions; it waits until that is read
		defer close(answered)
		_, _ = io.Copy(io.Discard, terminal)
	}()
	_, _ = terminal.Write(printed) // it fails only when closed
	_ = terminal.Close()
	<-answered
	lines := strings.Split(terminal.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \r")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}
