package page

import (
	"strings"

	"paycheck/conformance/transcript"
)

// A Row is one line of a byte string made visible.
type Row struct {
	Text string
	From int // the offset of its first byte; -1: the row says what was left out
	To   int // the offset after its last byte
}

// Rows makes bytes visible on at most so many rows of so many columns. A row ends
// after a line feed. What does not fit is left out and counted, and what is
// shown is the beginning and what stands around the byte at: the byte at begins
// a token of its own, so a mark can stand under it. With at below 0 only the beginning counts.
func Rows(data []byte, at, columns, most int) []Row {
	rows := layOut(data, at, columns)
	if len(rows) <= most {
		return rows
	}
	middle := rowOf(rows, at)
	if middle < most-1 { // the byte is in the first rows, or there is none
		kept := rows[:most-1]
		return append(kept[:most-1:most-1], leftOut(kept[most-2].To, len(data)))
	}
	last := min(middle+1, len(rows)-1)
	first := max(last-most+4, 1)
	kept := []Row{rows[0]}
	if first > 1 {
		kept = append(kept, leftOut(rows[0].To, rows[first].From))
	}
	kept = append(kept, rows[first:last+1]...)
	if last < len(rows)-1 {
		kept = append(kept, leftOut(rows[last].To, len(data)))
	}
	return kept
}

func leftOut(from, to int) Row {
	return Row{Text: "(" + Count(to-from, "byte") + " left out)", From: -1, To: -1}
}

// rowOf gives the row that holds the byte at, or the one it would follow.
func rowOf(rows []Row, at int) int {
	if at < 0 {
		return -1
	}
	for i, r := range rows {
		if at < r.To {
			return i
		}
	}
	return len(rows) - 1
}

func layOut(data []byte, at, columns int) []Row {
	var rows []Row
	row := Row{}
	var b strings.Builder
	end := func() {
		row.Text = b.String()
		rows = append(rows, row)
		row = Row{From: row.To, To: row.To}
		b.Reset()
	}
	for i := 0; i < len(data); {
		n := tokenAt(data, i, at)
		text := transcript.Visible(data[i : i+n])
		if b.Len() > 0 && b.Len()+len(text) > columns {
			end()
		}
		b.WriteString(text)
		row.To = i + n
		if data[i] == '\n' && i+n < len(data) {
			end()
		}
		i += n
	}
	if b.Len() > 0 || len(rows) == 0 {
		end()
	}
	return rows
}

// tokenAt is how many bytes from i are shown as one: a run of NUL, or one byte.
func tokenAt(data []byte, i, at int) int {
	n := 1
	for data[i] == 0 && i+n < len(data) && data[i+n] == 0 && i+n != at {
		n++
	}
	return n
}

// Caret gives the columns before the mark for the byte at in a row of data, and
// whether that byte, or the end of data just after it, is in this row.
func (r Row) Caret(data []byte, at int) (int, bool) {
	if r.From < 0 || at < r.From || at > r.To || at == r.To && r.To < len(data) {
		return 0, false
	}
	return len(transcript.Visible(data[r.From:at])), true
}
