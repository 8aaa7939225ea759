package report

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"agentrisk/internal/source"
)

func TestParseOutputs(t *testing.T) {
	formats := []string{"text", "json"}
	tests := []struct {
		name   string
		values []string
		want   []Output
		err    string
	}{
		{"default", nil, []Output{{"text", ""}}, ""},
		{"several", []string{"json=out.json", "text"}, []Output{{"json", "out.json"}, {"text", ""}}, ""},
		{"dash is standard output", []string{"json=-"}, []Output{{"json", ""}}, ""},
		{"unknown", []string{"xml"}, nil, "unknown format"},
		{"twice to standard output", []string{"json", "text=-"}, nil, "standard output"},
		{"twice to one file", []string{"json=a", "text=./a"}, nil, "go to ./a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseOutputs(tt.values, formats)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("got error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil || len(got) != len(tt.want) {
				t.Fatalf("got %v, %v", got, err)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Errorf("output %d is %v, want %v", i, got[i], tt.want[i])
				}
			}
		})
	}
}

func TestWriteIsAllOrNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report")
	out := Output{Format: "json", Path: path}
	if err := out.Write(nil, func(w io.Writer) error { _, err := io.WriteString(w, "first"); return err }); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := out.Write(nil, func(w io.Writer) error { _, _ = io.WriteString(w, "half"); return broken })
	if !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "first" {
		t.Errorf("the file holds %q", got)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestWriteKeepsModeAndLink(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("symbolic links and modes are tested on other systems")
	}
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	if err := os.WriteFile(real, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v (%v)", info.Mode(), err)
	}
	if info, _ := os.Stat(real); info.Mode().Perm() != 0o644 {
		t.Errorf("mode became %v", info.Mode())
	}
	if got, _ := os.ReadFile(real); string(got) != "new" {
		t.Errorf("holds %q", got)
	}
}

func TestWideCharactersAlign(t *testing.T) {
	table := Table{Heading: []string{"name", "n"}, Rows: [][]string{{"日本", "1"}, {"abc", "22"}}, Right: map[int]bool{1: true}}
	var b bytes.Buffer
	if err := table.Text(&b); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	if len(lines) != 3 {
		t.Fatalf("got %q", b.String())
	}
	for _, line := range lines[1:] {
		if Width(strings.TrimRight(line, " ")) != Width(strings.TrimRight(lines[0], " ")) {
			t.Errorf("%q is not as wide as %q", line, lines[0])
		}
	}
	b.Reset()
	if err := table.Markdown(&b); err != nil || !strings.Contains(b.String(), "| 日本 ") || !strings.Contains(b.String(), "--:") {
		t.Errorf("markdown %q, %v", b.String(), err)
	}
}

func TestWrapAndCut(t *testing.T) {
	for _, line := range Wrap(strings.Repeat("日本 words and ", 20), 30) {
		if Width(line) > 30 {
			t.Errorf("%q is %d wide", line, Width(line))
		}
	}
	if got := Cut("日本語テキスト", 7); Width(got) > 7 || !strings.HasSuffix(got, "…") {
		t.Errorf("cut to %q", got)
	}
	if got := Printable("a\x1b[31mb\u202ec\u0085"); strings.ContainsAny(got, "\x1b\u202e\u0085") {
		t.Errorf("control characters pass: %q", got)
	}
}

func TestPaint(t *testing.T) {
	if got := (Terminal{}).Paint(Red, "x"); got != "x" {
		t.Errorf("coloured %q", got)
	}
	if got := (Terminal{Color: true}).Paint(Red, "x"); got != "\x1b[31mx\x1b[0m" || Width(got) != 1 {
		t.Errorf("got %q", got)
	}
}

func TestSARIFAt(t *testing.T) {
	at := source.Location{File: "./dir with space/é.yaml", Range: source.Range{Start: source.Position{Line: 2, Column: 3}, End: source.Position{Line: 2, Column: 5}}}
	got := SARIFAt(at).PhysicalLocation
	if got.ArtifactLocation.URI != "dir%20with%20space/%C3%A9.yaml" || *got.Region != (SARIFRegion{2, 3, 2, 5}) {
		t.Errorf("got %+v %+v", got.ArtifactLocation, got.Region)
	}
	if got := SARIFAt(source.Location{File: "a"}).PhysicalLocation; got.Region != nil {
		t.Errorf("a region without a place: %+v", got.Region)
	}
	var b bytes.Buffer
	if err := NewSARIF(SARIFComponent{Name: "x"}, true).Write(&b); err != nil || !strings.Contains(b.String(), `"results": []`) {
		t.Errorf("results are null: %s, %v", b.String(), err)
	}
}
