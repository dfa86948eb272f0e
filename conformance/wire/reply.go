package wire

import "paycheck/spec/edition"

// A Reply is what the program said to one request: a list, or one line.
type Reply struct {
	Text   string // of the first line
	List   *List  // nil: it is no list
	Raw    []byte // its bytes, what was skipped before it included
	Before []Line // lines that came unasked before it
}

// Next cuts the first reply from unread bytes. It returns false as long as more is
// needed; final says that no more will come, so that whatever is there is the reply.
func Next(data []byte, e edition.Edition, final bool) (Reply, bool) {
	lines := Lines(data)
	var before []Line
	for len(lines) > 0 && lines[0].End != "" && news(lines[0].Text) {
		before = append(before, lines[0])
		lines = lines[1:]
	}
	if len(lines) == 0 && final && len(before) > 0 {
		// Nothing else came, so the last of them is the answer.
		last := before[len(before)-1]
		return Reply{Text: last.Text, Raw: data[:last.Stop], Before: before[:len(before)-1]}, true
	}
	if len(lines) == 0 || lines[0].End == "" && !final {
		return Reply{}, false
	}
	list, used, s := readList(lines, e.KeyLine, final)
	switch s {
	case notYet:
		return Reply{}, false
	case complete:
		return Reply{Text: lines[0].Text, List: &list, Raw: data[:lines[used-1].Stop], Before: before}, true
	}
	return Reply{Text: lines[0].Text, Raw: data[:lines[0].Stop], Before: before}, true
}
