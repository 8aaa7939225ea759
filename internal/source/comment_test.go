package source

import (
	"errors"
	"strings"
	"testing"
)

// owners lists each comment with the text of what it belongs to.
func owners(t *testing.T, text string) []string {
	t.Helper()
	docs, err := parse(t, "a.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range docs {
		for _, c := range d.Comments("#") {
			r := c.Scope()
			covered := d.File.Text[d.File.Offset(r.Start):d.File.Offset(r.End)]
			first, _, _ := strings.Cut(string(covered), "\n")
			if !c.Node.Exists() {
				first = "(nothing)"
			}
			if c.Node == d.Root {
				first = "(document)"
			}
			out = append(out, c.Text+" -> "+first)
		}
	}
	return out
}

func TestCommentsBelongToWhatTheyStandBeside(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"behind a value", "a: 1 # x\nb: 2\n", "x -> a: 1"},
		{"behind a key with parts", "a: # x\n  b: 1\n", "x -> a: # x"},
		{"above a pair", "a: 1\n# x\nb: 2\n", "x -> b: 2"},
		{"above a pair inside", "a:\n  # x\n  b: 2\n  c: 3\n", "x -> b: 2"},
		{"above an item", "a:\n  # x\n  - b: 1\n    c: 2\n", "x -> b: 1"},
		{"behind the first pair of an item", "a:\n  - b: 1 # x\n    c: 2\n", "x -> b: 1 # x"},
		{"behind a later pair of an item", "a:\n  - b: 1\n    c: 2 # x\n", "x -> c: 2"},
		{"above the first pair", "# x\na: 1\n", "x -> a: 1"},
		{"above the document", "# x\n\na: 1\n", "x -> (document)"},
		{"above the mark of the document", "# x\n---\na: 1\n", "x -> (document)"},
		{"below the mark of the document", "---\n# x\n\na: 1\n", "x -> (document)"},
		{"at the end", "a: 1\n# x\n", "x -> (nothing)"},
		{"behind the end of a list over several lines", "a: [1,\n  2\n] # x\nb: 1\n", "x -> 2"},
		{"in a block of text", "a: |\n  # x\n  y # z\n# w\nb: 1\n", "w -> b: 1"},
		{"in a folded block and quotes", "a: >-\n  v # x\nb: \"p # q\" # r\nc: 'it''s # s'\n", "r -> b: \"p # q\""},
		{"no space before", "a: b#c\nd: e #f\n", "f -> d: e"},
		{"two marks", "a: 1 # x # y\n", "x # y -> a: 1"},
		{"the second document", "a: 1\n---\nb: 2 # x\n", "x -> b: 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(owners(t, tt.text), "; ")
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCommentRange(t *testing.T) {
	docs, err := parse(t, "a.yaml", "ü: ä   # capcheck: x  \n")
	if err != nil {
		t.Fatal(err)
	}
	c := docs[0].Comments("capcheck")
	if len(c) != 1 || c[0].At.Range != (Range{Position{1, 8}, Position{1, 21}}) {
		t.Errorf("got %+v", c)
	}
}

func TestSuppressions(t *testing.T) {
	const text = `name: x
steps:
  # capcheck: ignore[CAP102, CAP105] until=2026-12-31 by=ana -- asked for in the ticket
  - id: a
    operation: b
  - id: c # capcheck: ignore[CAP300] -- known
    description: |
      # capcheck: ignore[CAP999] -- this is text
  - id: d # see the notes on capcheck: they help
`
	docs, err := parse(t, "a.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	got, faults := docs[0].Suppressions()
	if len(faults) > 0 || len(got) != 2 {
		t.Fatalf("got %+v, faults %v", got, faults)
	}
	a := got[0]
	if strings.Join(a.Rules, "+") != "CAP102+CAP105" || a.Until != "2026-12-31" || a.By != "ana" || a.Reason != "asked for in the ticket" {
		t.Errorf("first: %+v", a)
	}
	if s := a.Scope(); s.Start != (Position{4, 5}) || s.End != (Position{5, 17}) {
		t.Errorf("first holds for %v", s)
	}
	if s := got[1].Scope(); s.Start != (Position{6, 5}) || s.End.Line != 8 || got[1].Until != "" {
		t.Errorf("second: %+v holds for %v", got[1], s)
	}
}

func TestSuppressionsThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"capcheck: ignore":                              "names no rules",
		"capcheck: ignore[]":                            "empty rule",
		"capcheck: ignore[CAP1,]":                       "empty rule",
		"capcheck: ignore[CAP1":                         "names no rules",
		"capcheck: ignore[CAP1] until=tomorrow -- x":    "is none",
		"capcheck: ignore[CAP1] until=2026-02-29 -- x":  "is none",
		"capcheck: ignore[CAP1] until=2026-13-01 -- x":  "is none",
		"capcheck: ignore[CAP1] because of the weather": "means nothing here",
		"capcheck: ignore[CAP1] by= -- x":               "means nothing here",
		"capcheck: allow[CAP1] -- x":                    "names no rules",
	} {
		docs, err := parse(t, "a.yaml", "a: 1 # "+text+"\n")
		if err != nil {
			t.Fatal(err)
		}
		got, faults := docs[0].Suppressions()
		if len(got) != 0 || len(faults) != 1 || !strings.Contains(faults[0].Error(), want) {
			t.Errorf("%s: got %v, faults %v, want %q", text, got, faults, want)
		}
	}
	for _, day := range []string{"2024-02-29", "2000-02-29", "2026-12-31"} {
		if !isDate(day) {
			t.Errorf("%s is a day", day)
		}
	}
	for _, day := range []string{"1900-02-29", "2026-00-10", "2026-04-31", "2026-1-1", "2026/01/01", "20260101", ""} {
		if isDate(day) {
			t.Errorf("%s is no day", day)
		}
	}
}

func TestSalvageKeepsWhatStandsBeforeTheFault(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		keys       int // of the document saved, -1: nothing is
	}{
		{"cut off in a key", "a: 1\nb:\n  c: 2\n  descrip\n\n# end\n", 2},
		{"cut off in quotes", "a: 1\nb: 'x\nc: 3\nd: 4\n", 1},
		{"a wrong character", "a: 1\nb: 2\nc: %x\n", 2},
		{"in the second document", "a: 1\n---\nb: 2\nc: 3\nd\n", 2},
		{"at the very beginning", "%%\na: 1\n", -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := NewFile("a.yaml", []byte(tt.text), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			_, fault := Parse(f, Limits{})
			var at *Error
			if !errors.As(fault, &at) || at.At.Range.Start.Line == 0 {
				t.Fatalf("fault %v has no place", fault)
			}
			saved := Salvage(f, Limits{}, fault)
			if tt.keys < 0 {
				if saved != nil {
					t.Fatalf("saved %v", saved.Root)
				}
				return
			}
			if saved == nil || saved.Root.Len() != tt.keys {
				t.Fatalf("saved %+v, want %d keys", saved, tt.keys)
			}
			for key := range saved.Root.Pairs() {
				if line := f.Line(key.Start().Line); !strings.HasPrefix(line, key.Text()+":") {
					t.Errorf("key %s is said to stand in %q", key.Text(), line)
				}
			}
		})
	}
}

func TestOnlyKeepsPlaces(t *testing.T) {
	f, err := NewFile("a.txt", []byte("one\ntwo\nthree\nfour"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Only(2, 4); string(got.Text) != "\ntwo\nthree\n" || got.Line(3) != "three" {
		t.Errorf("got %q", got.Text)
	}
	if got := f.Only(4, 99); got.Line(4) != "four" || got.Line(2) != "" {
		t.Errorf("got %q", got.Text)
	}
	if got := f.Only(5, 2); string(got.Text) != "" {
		t.Errorf("got %q", got.Text)
	}
}

// Comments of any text: no panic, and every place lies in the text.
func FuzzComments(f *testing.F) {
	f.Add("a: 1 # x\n")
	f.Add("# capcheck: ignore[A] -- b\n- |2\n   # no\n  # yes\n")
	f.Add("a: &x [1, # c\n 2]\nb: *x # d\n---\n# e\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := NewFile("a.yaml", []byte(text), Limits{})
		if err != nil {
			return
		}
		docs, err := Parse(file, Limits{Depth: 20, Nodes: 2000, Documents: 5})
		if err != nil {
			Salvage(file, Limits{Depth: 20, Nodes: 2000, Documents: 5}, err)
		}
		for _, d := range docs {
			for _, c := range d.Comments("#") {
				r := c.At.Range
				if r.End.Before(r.Start) || r.Start.Line > file.Lines() {
					t.Fatalf("comment %+v lies outside", c.At)
				}
				if s := c.Scope(); s.End.Before(s.Start) {
					t.Fatalf("scope %+v ends before it begins", s)
				}
			}
			d.Suppressions()
		}
	})
}
