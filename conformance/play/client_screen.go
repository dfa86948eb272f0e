package play

import "strings"

// shownRows is how many of the last lines of a screen a finding keeps.
const shownRows = 12

// rows are the last lines of a screen.
func rows(screen string) []string {
	lines := strings.Split(strings.TrimRight(screen, "\n "), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return nil
	}
	return lines[max(0, len(lines)-shownRows):]
}
