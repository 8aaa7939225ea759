package findings

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/report"
	"agentrisk/internal/source"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

// forms are all forms of a report, by the name of their expected output.
func forms(r *Report) map[string]func(io.Writer) error {
	text := func(term report.Terminal) func(io.Writer) error {
		return func(w io.Writer) error { return r.Text(w, term) }
	}
	return map[string]func(io.Writer) error{
		"text.txt": text(report.Terminal{}), "narrow.txt": text(report.Terminal{Width: 48}), "wide.txt": text(report.Terminal{Width: 200}),
		"color.txt": text(report.Terminal{Color: true}), "report.json": r.JSON, "report.ndjson": r.NDJSON, "report.sarif": r.SARIF,
		"junit.xml": r.JUnit, "github.txt": r.GitHub, "gitlab.json": r.GitLab, "report.md": r.Markdown, "report.html": r.HTML,
		"explain-color.txt": func(w io.Writer) error {
			return r.Explain(w, report.Terminal{Color: true}, &r.Result.Findings[0])
		},
		"explain.txt": func(w io.Writer) error { return r.Explain(w, report.Terminal{}, &r.Result.Findings[0]) },
	}
}

func TestGolden(t *testing.T) {
	for name, write := range forms(example()) {
		t.Run(name, func(t *testing.T) { golden(t, filepath.Join("testdata", "example", name), write) })
	}
	for name, write := range forms(clean()) {
		if strings.HasPrefix(name, "explain") {
			continue
		}
		t.Run("clean/"+name, func(t *testing.T) { golden(t, filepath.Join("testdata", "clean", name), write) })
	}
}

func golden(t *testing.T, path string, write func(io.Writer) error) {
	t.Helper()
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("differs from %s; go test -update rewrites it:\n%s", path, diff)
	}
}

// TestWidth: text keeps to the columns of its terminal.
func TestWidth(t *testing.T) {
	for _, width := range []int{0, 48, 80, 100, 300} {
		var b bytes.Buffer
		if err := example().Text(&b, report.Terminal{Width: width}); err != nil {
			t.Fatal(err)
		}
		want := map[int]int{0: usualColumns, 300: mostColumns}[width]
		if want == 0 {
			want = width
		}
		for line := range strings.Lines(b.String()) {
			if got := report.Width(strings.TrimRight(line, "\n")); got > want {
				t.Errorf("a line takes %d columns of %d: %s", got, want, line)
			}
		}
	}
}

// TestCarets: what is marked stands above its carets, wide letters counted.
func TestCarets(t *testing.T) {
	var b bytes.Buffer
	if err := example().Text(&b, report.Terminal{}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	found := 0
	for i, line := range lines {
		at := strings.Index(line, "^")
		if at < 0 || i == 0 {
			continue
		}
		found++
		marked := between(lines[i-1], report.Width(line[:at]), report.Width(strings.TrimRight(line[:strings.LastIndex(line, "^")+1], " ")))
		if marked != "支払い" && marked != "END" {
			t.Errorf("the carets stand below %q", marked)
		}
	}
	if found != 2 {
		t.Errorf("%d lines of carets, not 2", found)
	}
}

// between is the text that stands in the columns from start up to end.
func between(line string, start, end int) string {
	column, out := 0, ""
	for _, r := range line {
		if column >= start && column < end {
			out += string(r)
		}
		column += report.Width(string(r))
	}
	return out
}

// TestLongLines: a line that is too long to be worked on for every finding is not
// shown; its place is.
func TestLongLines(t *testing.T) {
	r := example()
	text, err := source.NewFile("one.json", []byte(strings.Repeat("\u0301", 1<<20)), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	r.Source = func(string) *source.File { return text }
	r.Result.Findings = nil
	for i := range 20_000 {
		r.Result.Findings = append(r.Result.Findings, lint.Finding{Rule: "CAP105", Severity: lint.Error, Message: "m",
			Location: place("one.json", 1, 40*i+1, 40*i+9)})
	}
	var b bytes.Buffer
	if err := r.Text(&b, report.Terminal{}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "\u0301") || !strings.Contains(b.String(), "--> one.json:1:799961") {
		t.Errorf("the report begins %.300s", b.String())
	}
}

// TestHostileText: nothing that the input says can act in a form.
func TestHostileText(t *testing.T) {
	for name, write := range forms(example()) {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		if !strings.HasSuffix(name, "color.txt") && strings.Contains(text, "\x1b") {
			t.Errorf("%s holds an escape sequence", name)
		}
		if strings.HasSuffix(name, ".html") && (strings.Contains(text, "<script") || strings.Contains(text, "<b>bold")) {
			t.Errorf("%s holds markup of the input", name)
		}
		if name == "report.md" && (strings.Contains(text, "<b>") || strings.Contains(text, " @someone")) {
			t.Errorf("%s holds markup of the input", name)
		}
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "::error::no") || strings.HasPrefix(line, "::error file=x") {
				t.Errorf("%s holds a command of the input: %s", name, line)
			}
		}
	}
}
