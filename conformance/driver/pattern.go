package driver

import (
	"regexp"
	"strings"
)

var digits = regexp.MustCompile(`\d+`)

// pattern makes of what a client has printed the pattern of a step: its last line, in
// which a number stands for any, and a name of this run for anything. A line that holds
// data of a list is no prompt.
func pattern(text string, v Values) string {
	line := lastLine(text)
	if line == "" || strings.Contains(line, "#") || len(line) > 120 {
		return ""
	}
	out := digits.ReplaceAllString(regexp.QuoteMeta(line), `\d+`)
	for _, name := range []string{v.Name, v.Payee} {
		if name != "" {
			out = strings.ReplaceAll(out, digits.ReplaceAllString(regexp.QuoteMeta(name), `\d+`), `.*`)
		}
	}
	if strings.Trim(out, `.*\d+ `) == "" {
		return ""
	}
	return out
}
