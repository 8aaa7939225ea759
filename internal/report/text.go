package report

import (
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// Terminal says how text for people may look.
type Terminal struct {
	Color bool
	Width int // columns; 0 means 80
}

// Columns is the width of a report: 80, or less on a narrower terminal.
func (t Terminal) Columns() int {
	if t.Width <= 0 || t.Width > 80 {
		return 80
	}
	return max(t.Width, 40)
}

// Style is one look of text.
type Style string

// The few looks in use.
const (
	Bold   Style = "1"
	Faint  Style = "2"
	Red    Style = "31"
	Green  Style = "32"
	Yellow Style = "33"
	Purple Style = "35"
)

// Paint gives text a look where colour is wanted.
func (t Terminal) Paint(style Style, text string) string {
	if !t.Color || text == "" {
		return text
	}
	return "\x1b[" + string(style) + "m" + text + "\x1b[0m"
}

// Width counts the columns that text takes: wide characters two, combining ones
// and escape sequences none. Characters of ambiguous width count one, whatever
// the locale, so that a report is the same everywhere.
func Width(text string) int {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return twwidth.WidthWithOptions(text, twwidth.Options{})
		}
	}
	return len(text) // the usual, for which the library looks at every character and remembers the text
}

// Pad fills text up to a width with spaces on the right.
func Pad(text string, width int) string {
	if missing := width - Width(text); missing > 0 {
		return text + strings.Repeat(" ", missing)
	}
	return text
}

// Cut shortens text to a width, the last column an ellipsis.
func Cut(text string, width int) string {
	if Width(text) <= width {
		return text
	}
	var b strings.Builder
	used := 0
	for _, r := range text {
		w := Width(string(r))
		if used+w > width-1 {
			break
		}
		b.WriteRune(r)
		used += w
	}
	return strings.TrimRight(b.String(), " ") + "…"
}

// Wrap breaks text into lines of at most width columns, at spaces; a word that is
// wider stands alone. Control characters, which could drive a terminal, are
// shown as ".".
func Wrap(text string, width int) []string {
	var lines []string
	var line strings.Builder
	used := 0
	for _, word := range strings.Fields(Printable(text)) {
		w := Width(word)
		if used > 0 && used+1+w > width {
			lines = append(lines, line.String())
			line.Reset()
			used = 0
		}
		if used > 0 {
			line.WriteByte(' ')
			used++
		}
		line.WriteString(word)
		used += w
	}
	if used > 0 {
		lines = append(lines, line.String())
	}
	return lines
}

// Printable replaces control characters: input is written by strangers and may
// hold escape sequences.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r < ' ', r == 0x7f, 0x80 <= r && r < 0xa0, 0x202a <= r && r <= 0x202e, 0x2066 <= r && r <= 0x2069:
			return '.'
		}
		return r
	}, text)
}
