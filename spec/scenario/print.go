package scenario

import (
	"fmt"
	"strings"
)

func (a Limit) String() string { return fmt.Sprintf("given limit %d", a.N) }

func (a Given) String() string {
	return "given " + strings.Join(a.Names, " ") + " " + string(a.State)
}

func (a Send) String() string { return a.Who + " > " + a.Message.String() }

func (a Expect) String() string {
	text := a.Who + " < " + joinReplies(a.Want)
	if len(a.Tolerated) > 0 {
		text += " ~ " + joinReplies(a.Tolerated)
	}
	// Continuation marks stand under the mark of the reply.
	return strings.ReplaceAll(text, "\n|", "\n"+strings.Repeat(" ", len(a.Who)+1)+"|")
}

func joinReplies(replies []Reply) string {
	texts := make([]string, len(replies))
	for i, r := range replies {
		texts[i] = r.String()
	}
	return strings.Join(texts, " / ")
}

func (a Serve) String() string {
	return strings.ReplaceAll("server > "+a.Reply.String(), "\n|", "\n       |")
}

func (a Raw) String() string {
	text := a.Who + " sends"
	for _, segment := range a.Segments {
		text += " " + quote(segment)
	}
	return text
}

func (a Link) String() string {
	text := a.Who + " " + string(a.Verb)
	if a.From != "" {
		text += " from " + a.From
	}
	return text
}

func (a Has) String() string { return a.Who + soon(a.Soon) + " has " + a.Balance.String() }

func (a Sees) String() string {
	no := ""
	if a.Absent {
		no = "no "
	}
	return a.Who + soon(a.Soon) + " sees " + no + a.Name
}

func soon(yes bool) string {
	if yes {
		return " soon"
	}
	return ""
}

func (a Server) String() string {
	text := "server " + string(a.Verb)
	if a.Signal != "" {
		text += " " + a.Signal
	}
	return text
}

func (a User) String() string {
	text := strings.Join(append([]string{"user", a.Verb}, a.Args...), " ")
	if a.Verb == "types" || a.Verb == "sees" {
		text += fmt.Sprintf(" %q", a.Quoted)
	}
	return text
}
