package fuzz

import (
	"regexp"
	"strings"
)

// Where programs say that they crashed: the sanitizers of gcc and clang, and Go.
var (
	sanitizer = regexp.MustCompile(`(?m)^.*(?:ERROR|WARNING): (\w*Sanitizer): ([\w-]+(?: [\w-]+)?)`)
	ubsan     = regexp.MustCompile(`(?m)^(\S+:\d+):\d+: runtime error: (.*)$`)
	frame     = regexp.MustCompile(`(?m)^\s*#\d+ (?:0x[0-9a-f]+ in )?(\S+) (\S+)`)
	goPanic   = regexp.MustCompile(`(?m)^(?:panic|fatal error): (.*)$`)
	goFrame   = regexp.MustCompile(`(?m)^((?:main|[\w./-]+/[\w./-]+)\.[\w.()*]+)\(`)
)

// crashFrame says what a program that crashed has printed of the place; empty: nothing.
func crashFrame(printed string) string {
	if m := sanitizer.FindStringSubmatchIndex(printed); m != nil {
		what := printed[m[2]:m[3]] + ": " + printed[m[4]:m[5]]
		for _, f := range frame.FindAllStringSubmatch(printed[m[1]:], -1) {
			if !strings.Contains(f[2], "sanitizer") && !strings.HasPrefix(f[1], "__") && strings.Contains(f[2], ":") {
				return what + " in " + f[1]
			}
		}
		return what
	}
	if m := ubsan.FindStringSubmatch(printed); m != nil {
		return m[2] + " at " + m[1]
	}
	if m := goPanic.FindStringSubmatchIndex(printed); m != nil {
		what := "panic: " + printed[m[2]:m[3]]
		if f := goFrame.FindStringSubmatch(printed[m[1]:]); f != nil {
			what += " in " + f[1]
		}
		return what
	}
	return ""
}
