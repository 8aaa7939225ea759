package runs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"agentrisk/internal/report"
)

// The width of text: what the terminal has, within bounds, and 80 elsewhere.
const (
	leastColumns = 40
	usualColumns = 80
	mostColumns  = 120
	ownLine      = 6 // how far text is set in below a lead on a line of its own
)

// page collects the lines of a report for people.
type page struct {
	strings.Builder
	term    report.Terminal
	columns int
}

func newPage(term report.Terminal) *page {
	columns := usualColumns
	if term.Width > 0 {
		columns = min(max(term.Width, leastColumns), mostColumns)
	}
	return &page{term: term, columns: columns}
}

func (p *page) to(w io.Writer) error {
	_, err := io.WriteString(w, p.String())
	return err
}

func (p *page) line(format string, args ...any) {
	p.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " "))
	p.WriteByte('\n')
}

// wrapped prints text behind lead, further lines below its first word. A lead that
// leaves little room stands on a line of its own.
func (p *page) wrapped(lead, text string) {
	indent := report.Width(lead)
	if p.columns-indent < leastColumns/2 && report.Width(text) > p.columns-indent {
		p.line("%s", lead)
		lead, indent = strings.Repeat(" ", ownLine), ownLine
	}
	lines := report.Wrap(text, max(p.columns-indent, leastColumns/2))
	if len(lines) == 0 {
		lines = []string{""}
	}
	for i, line := range lines {
		if i > 0 {
			lead = strings.Repeat(" ", indent)
		}
		p.line("%s%s", lead, line)
	}
}

// exact prints text behind lead and breaks it anywhere, so that not even a space
// of it is lost. The text must be printable.
func (p *page) exact(lead, text string) {
	indent := report.Width(lead)
	room := max(p.columns-indent, leastColumns/2)
	for first := true; first || text != ""; first = false {
		if !first {
			lead = strings.Repeat(" ", indent)
		}
		end, used := 0, 0
		for i, r := range text {
			w := report.Width(string(r))
			if used+w > room {
				break
			}
			used, end = used+w, i+len(string(r))
		}
		p.WriteString(lead + text[:end] + "\n")
		text = text[end:]
	}
}

func (p *page) heading(text string) {
	p.line("")
	for _, line := range report.Wrap(text, p.columns) {
		p.line("%s", p.term.Paint(report.Bold, line))
	}
}

// field is a line of the head of a report; an empty value prints nothing.
type field struct{ name, value string }

func (p *page) fields(indent string, list ...field) {
	width := 0
	for _, f := range list {
		if f.value != "" {
			width = max(width, report.Width(f.name))
		}
	}
	for _, f := range list {
		if f.value != "" {
			p.wrapped(indent+report.Pad(f.name, width)+"  ", f.value)
		}
	}
}

// values prints a map of JSON values, a name a line, in order of the names.
func (p *page) values(indent string, values map[string]any) {
	names := slices.Sorted(maps.Keys(values))
	width := 0
	for _, name := range names {
		width = max(width, report.Width(spelled(name)))
	}
	width = min(width, 30)
	for _, name := range names {
		p.exact(indent+report.Pad(spelled(name), width)+" = ", shownValue(values[name]))
	}
}

// shownValue is a value as JSON; of a secret only its hash, without quotes, so
// that no text can pass for one.
func shownValue(v any) string {
	if secret, ok := v.(map[string]any); ok && len(secret) == 1 {
		if hash, ok := secret["$secret_sha256"].(string); ok {
			return "[secret] sha-256 " + spelled(hash)
		}
	}
	return quoted(v)
}

// quoted is a value as JSON in which every character shows: those that a terminal
// would hide or act on are written as escapes.
func quoted(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprintf("(cannot be shown: %s)", report.Printable(err.Error()))
	}
	return spelled(strings.TrimRight(b.String(), "\n"))
}

// spelled writes out what does not show.
func spelled(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == ' ' || unicode.IsGraphic(r) && !unicode.Is(unicode.Zs, r) && !unicode.Is(unicode.Cf, r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// moment is a time as reports write it; "" for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// plural is a number and its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// list is never null in JSON.
func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}
