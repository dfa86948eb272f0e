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
	if answers, ok := terminal.InputPipe().(io.Closer); ok {
		_ = answers.Close() // what it would answer to questions; it would wait until that is read
	}
	_, _ = terminal.Write(printed) // it fails only when closed
	lines := strings.Split(terminal.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \r")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}
