package fuzz

import (
	"fmt"
	"strings"

	"paycheck/spec/scenario"
)

// shell writes a finding in a server as a script of bash, which talks to a server that
// runs already. What bash alone can't do is left to paycheck replay, and then the script
// says only that.
func (s *Subject) shell(f *Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#!/bin/bash\n# %s is broken: %s.\n", f.ID, oneLine(f.Why))
	if why := beyondShell(f.Script); why != "" {
		b.WriteString(leaves(why))
		return b.String()
	}
	b.WriteString(shellHead)
	for _, a := range f.Acts {
		switch a := a.(type) {
		case scenario.Send:
			fmt.Fprintf(&b, "say %s %s\n", a.Who, printf(s.render(a.Message)))
		case scenario.Raw:
			for _, segment := range a.Segments {
				fmt.Fprintf(&b, "say %s %s\n", a.Who, printf(s.fill(segment)))
			}
		case scenario.Link:
			verb := "open"
			if a.Verb == scenario.Closes {
				verb = "shut"
			}
			fmt.Fprintf(&b, "%s %s\n", verb, a.Who)
		}
	}
	return b.String()
}

// shell is the same for a finding in a client: that bash can't type at it.
func (f *Finding) shell() string {
	return fmt.Sprintf("#!/bin/bash\n# %s is broken: %s.\n", f.ID, oneLine(f.Why)) + leaves("type at a client")
}

// leaves names the command that can do what bash can't. The conversation lies beside the
// script.
func leaves(what string) string {
	return fmt.Sprintf("echo \"bash alone can not %s; use: paycheck replay PROGRAM ${0%%.sh}.txt\" >&2\nexit 2\n", what)
}

// shellHead has the commands of the script. A reply is what comes within half a second.
const shellHead = `# Start the server, then: bash FILE PORT [HOST]
port=${1:?which port? give it} host=${2:-127.0.0.1}
declare -A fd
open() {
	[ -n "${fd[$1]}" ] && return
	exec {n}<>"/dev/tcp/$host/$port" || exit 1
	fd[$1]=$n
}
say() {
	open "$1"
	echo "$1 > $2"
	printf "$2" >&"${fd[$1]}"
	while IFS= read -r -t 0.5 -u "${fd[$1]}" line; do echo "$1 < $line"; done
}
shut() {
	[ -n "${fd[$1]}" ] || return
	exec {fd[$1]}>&-
	unset "fd[$1]"
}
`

// beyondShell says what of a conversation bash alone can't do; empty: nothing.
func beyondShell(sc Script) string {
	if sc.Together > 0 {
		return "send from several clients at one moment"
	}
	for _, a := range sc.Acts {
		switch link, _ := a.(scenario.Link); {
		case link.From != "":
			return "connect from another address"
		case link.Verb == scenario.Resets:
			return "reset a connection"
		case link.Verb == scenario.HalfCloses:
			return "close one side of a connection"
		}
	}
	return ""
}

// printf quotes bytes for printf and for the shell around it.
func printf(data []byte) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, c := range data {
		switch {
		case c == '%':
			b.WriteString("%%")
		case c < ' ' || c > '~' || c == '\'' || c == '\\':
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('\'')
	return b.String()
}
