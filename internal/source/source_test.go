package source

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"
)

func parse(t *testing.T, name, text string) ([]*Document, error) {
	t.Helper()
	f, err := NewFile(name, []byte(text), Limits{})
	if err != nil {
		return nil, err
	}
	return Parse(f, Limits{Depth: 20, Nodes: 1000, Documents: 3})
}

// Each range is checked by the text it covers.
func TestRangesCoverTheirText(t *testing.T) {
	const doc = `plain: some words # comment
date: 2026-01-02
"quoted": "a \" b"
single: 'it''s'
folded: >-
  one
  two

after: &anchor !!str tagged
alias: *anchor
flow: {a: [1, 2 , ] , b: "}" }
empty:
wide: "日本"
list:
  - first
    goes on
  - {x: y}
last: |
  text
   more
`
	docs, err := parse(t, "a.yaml", doc)
	if err != nil {
		t.Fatal(err)
	}
	root, f := docs[0].Root, docs[0].File
	want := map[string]string{
		"plain": "some words", "date": "2026-01-02", "quoted": `"a \" b"`, "single": "'it''s'",
		"folded": ">-\n  one\n  two", "after": "&anchor !!str tagged", "alias": "*anchor",
		"flow": `{a: [1, 2 , ] , b: "}" }`, "wide": `"日本"`, "empty": "",
		"list": "- first\n    goes on\n  - {x: y}", "last": "|\n  text\n   more",
	}
	for key, text := range want {
		r := root.Get(key).Range()
		if got := string(f.Text[f.Offset(r.Start):f.Offset(r.End)]); got != text {
			t.Errorf("%s: range %v covers %q, want %q", key, r, got, text)
		}
	}
	if got := root.Get("alias").Text(); got != "tagged" {
		t.Errorf("alias reads %q", got)
	}
	if r := root.Get("wide").Range(); r.End.Column-r.Start.Column != 4 {
		t.Errorf("columns count bytes: %v", r)
	}
}

func TestJSONHasTheSameTree(t *testing.T) {
	docs, err := parse(t, "a.json", "{\"a\": [1, 2.5, true, null],\n\t\"b\": {\"c\": \"\\ud83d\\ude00\"}}")
	if err != nil {
		t.Fatal(err)
	}
	root := docs[0].Root
	if got := root.Get("b").Get("c").Text(); got != "😀" {
		t.Errorf("surrogate pair reads %q", got)
	}
	if at := root.Get("b").Get("c").Location().String(); at != "a.json:2:13" {
		t.Errorf("at %s", at)
	}
	if r := root.Get("a").Range(); r.End != (Position{1, 27}) {
		t.Errorf("list ends at %v", r.End)
	}
	tags := []string{"!!int", "!!float", "!!bool", "!!null"}
	for i, item := range root.Get("a").Items() {
		if item.Tag() != tags[i] {
			t.Errorf("item %d is %s, want %s", i, item.Tag(), tags[i])
		}
	}
}

func TestFaultsHaveAPlace(t *testing.T) {
	deep := strings.Repeat("[", 30) + strings.Repeat("]", 30)
	bomb := "a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
	tests := []struct{ name, file, text, id, at string }{
		{"syntax", "a.yaml", "a: b\nc: [1, 2\nd: e\n", "syntax", "a.yaml:2:1"},
		{"tab", "a.yaml", "a:\n\tb: c\n", "syntax", "a.yaml:2:2"},
		{"json", "a.json", "{\"a\": tru}", "syntax", "a.json:1:7"},
		{"json cut", "a.json", "{\"a\": [1,", "syntax", "a.json:1:10"},
		{"json twice", "a.json", "{}{}", "several-documents", "a.json:1:3"},
		{"deep", "a.yaml", deep, "too-deep", "a.yaml:1:21"},
		{"deep json", "a.json", deep, "too-deep", "a.json:1:21"},
		{"deep by alias", "a.yaml", "a: &a [[[[[[[[[[1]]]]]]]]]]\nb: [[[[[[[[[[*a]]]]]]]]]]\n", "too-deep", "a.yaml:2:14"},
		{"cycle", "a.yaml", "a: &a\n  b: *a\n", "alias-cycle", "a.yaml:2:6"},
		{"bomb", "a.yaml", bomb, "too-large", "a.yaml:3:4"},
		{"binary", "a.yaml", "a: \x00", "binary", "a.yaml:1:4"},
		{"encoding", "a.yaml", "é: \xff", "encoding", "a.yaml:1:4"},
		{"documents", "a.yaml", "a\n---\nb\n---\nc\n---\nd\n", "too-many-documents", "a.yaml:6:1"},
		{"undefined alias", "a.yaml", "a: *b\n", "syntax", "a.yaml:1:1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(t, tt.file, tt.text)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if e.ID != tt.id || e.At.String() != tt.at {
				t.Errorf("got %s at %s (%v), want %s at %s", e.ID, e.At, e, tt.id, tt.at)
			}
		})
	}
}

func TestDuplicateKeys(t *testing.T) {
	many := strings.Builder{}
	for i := range 60 {
		many.WriteString(strings.Repeat("k", i+1) + ": 1\n")
	}
	many.WriteString("kkk: 2\n")
	for _, text := range []string{"a: 1\nb:\n  c: 1\n  \"c\": 2\n", many.String(), `{"x": {"y": 1, "y": 1}}`} {
		docs, err := parse(t, "a.yaml", text)
		if err != nil {
			t.Fatal(err)
		}
		if p := docs[0].Problems; len(p) != 1 || p[0].ID != "duplicate-key" {
			t.Errorf("%.20q: problems %v, want one duplicate key", text, p)
		}
		if _, err := ParseOne(docs[0].File, Limits{}); err == nil {
			t.Errorf("%.20q: accepted", text)
		}
	}
}

func TestMerge(t *testing.T) {
	docs, err := parse(t, "a.yaml", "base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\nall:\n  <<: [*b, *m]\n  x: own\n")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for k, v := range docs[0].Root.Get("all").Pairs() {
		if _, again := got[k.Text()]; !again {
			got[k.Text()] = v.Text()
		}
	}
	if got["x"] != "own" || got["y"] != "2" || got["z"] != "4" || len(got) != 3 {
		t.Errorf("merged to %v", got)
	}
	if got := docs[0].Root.Get("all").Get("y").Text(); got != "2" {
		t.Errorf("Get reads %q", got)
	}
}

func TestMissingNodeIsSafe(t *testing.T) {
	var n Node
	for range n.Pairs() {
		t.Error("a pair of nothing")
	}
	for range n.Items() {
		t.Error("an item of nothing")
	}
	if n.Get("a").Get("b").Exists() || !n.IsNull() || n.Text() != "" || n.Kind() != Missing || n.Location() != (Location{}) || n.Tag() != "" {
		t.Error("a missing node is something")
	}
}

func TestPositionsAndOffsetsAgree(t *testing.T) {
	f, err := NewFile("a", []byte("\xef\xbb\xbfé\r\nxy\n\nlast"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for offset := range len(f.Text) + 1 {
		if offset == 1 { // inside é
			continue
		}
		if got := f.Offset(f.Position(offset)); got != offset {
			t.Errorf("offset %d comes back as %d by %v", offset, got, f.Position(offset))
		}
	}
	if f.Line(1) != "é" || f.Line(4) != "last" || f.Line(5) != "" || f.Lines() != 4 {
		t.Error("lines are cut wrongly")
	}
}

// Bytes and code points are converted as counting them one by one would.
func TestColumnsCountCodePoints(t *testing.T) {
	for _, unit := range []string{"a", "aé", "日本x", "😀\n", "é\r\nabc"} {
		text := []byte(strings.Repeat(unit, 3*block/len(unit)+7))
		c := newColumns(text)
		for _, from := range []int{0, len(unit), block / len(unit) * len(unit), len(text)} {
			for offset := from; offset <= len(text); offset++ {
				if offset < len(text) && !begins(text[offset]) {
					continue
				}
				want := utf8.RuneCount(text[from:offset])
				if got := c.count(from, offset); got != want {
					t.Fatalf("%q: %d code points from byte %d to %d, want %d", unit, got, from, offset, want)
				}
				if got := c.after(from, want); got != offset {
					t.Fatalf("%q: code point %d from byte %d begins at %d, want %d", unit, want, from, got, offset)
				}
			}
			for _, n := range []int{len(text) - from + 1, 3 * len(text), math.MaxInt} {
				if got := c.after(from, n); got != len(text) {
					t.Errorf("%q: behind the end lies %d", unit, got)
				}
			}
		}
	}
}

// A part of a file keeps the places of the whole.
func TestOnlyKeepsColumns(t *testing.T) {
	whole, err := NewFile("a", []byte("é: 1\nxé: 2\nlast: 3\n"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	part := whole.Only(2, 3)
	at := Position{Line: 2, Column: 5}
	if got := part.Text[part.Offset(at)]; got != '2' {
		t.Errorf("%v is %q", at, got)
	}
	if got := part.Position(part.Offset(at)); got != at {
		t.Errorf("comes back as %v", got)
	}
}

// A document on one line is read in time that grows with its length.
func BenchmarkOneLine(b *testing.B) {
	for _, items := range []int{1000, 10_000, 100_000} {
		for _, word := range []string{"ab", "é"} {
			text := []byte("[" + strings.Repeat(`{"`+word+`":"x"},`, items) + "1]")
			b.Run(fmt.Sprintf("%s/%d", word, items), func(b *testing.B) {
				for b.Loop() {
					f, err := NewFile("a.json", text, Limits{})
					if err != nil {
						b.Fatal(err)
					}
					docs, err := Parse(f, Limits{})
					if err != nil {
						b.Fatal(err)
					}
					for _, item := range docs[0].Root.Items() {
						item.Range()
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(items), "ns/item")
			})
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"autonomy", "opacity", "multi_agent", "self_mod"}
	for name, want := range map[string]string{
		"autonmy": "autonomy", "Multi-Agent": "multi_agent", "opactiy": "opacity", "selfmod": "self_mod",
		"temperature": "", "": "", "x": "",
	} {
		if got := Nearest(name, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestQuote(t *testing.T) {
	if got := Quote("  two\n\t words "); got != "two words" {
		t.Errorf("got %q", got)
	}
	if got := []rune(Quote(strings.Repeat("é ", 300))); len(got) > MaxQuote {
		t.Errorf("%d code points", len(got))
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"a: [b, {c: d}]\n", "{\"a\": 1}", "- |\n x\n-\n", "&a [*a]", "<<: {a: b}\n? [x]\n: y", "a: 'b\n c'\n---\n..."} {
		f.Add("a.yaml", seed)
		f.Add("a.json", seed)
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		file, err := NewFile(name, []byte(text), Limits{})
		if err != nil {
			return
		}
		docs, err := Parse(file, Limits{Nodes: 1000})
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("untyped error %v", err)
		}
		for _, doc := range docs {
			walk(t, doc.Root)
		}
	})
}

func walk(t *testing.T, n Node) {
	r := n.Range()
	if r.End.Before(r.Start) {
		t.Fatalf("%v ends before it starts: %v", n.Text(), r)
	}
	for _, item := range n.Items() {
		walk(t, item)
	}
	for k, v := range n.Pairs() {
		walk(t, k)
		walk(t, v)
	}
}

// A block that states its depth may begin deeper than it goes on.
func TestBlockWithStatedDepth(t *testing.T) {
	const doc = "a: |2\n     deep\n  flat\nb: 1\nc:\n  - d: >1-\n        deep\n     flat\n  - |1\n    deep\n   flat\n  - e\n"
	docs, err := parse(t, "a.yaml", doc)
	if err != nil {
		t.Fatal(err)
	}
	root, f := docs[0].Root, docs[0].File
	covered := func(n Node) string {
		r := n.Range()
		return string(f.Text[f.Offset(r.Start):f.Offset(r.End)])
	}
	if got := covered(root.Get("a")); got != "|2\n     deep\n  flat" {
		t.Errorf("a covers %q", got)
	}
	var items []Node
	for _, item := range root.Get("c").Items() {
		items = append(items, item)
	}
	if got := covered(items[0].Get("d")); got != ">1-\n        deep\n     flat" {
		t.Errorf("d covers %q", got)
	}
	if got := covered(items[1]); got != "|1\n    deep\n   flat" {
		t.Errorf("the second item covers %q", got)
	}
}

func TestDuplicateKeysTheLastCounts(t *testing.T) {
	docs, err := parse(t, "a.yaml", "a: 1\nb: 2\na: 3\nc: &c {a: 4, d: 5}\ne: {<<: [*c, {d: 6, f: 7}], a: 8}\na: 9\n")
	if err != nil {
		t.Fatal(err)
	}
	root := docs[0].Root
	if len(docs[0].Problems) != 2 {
		t.Errorf("problems %v", docs[0].Problems)
	}
	var keys []string
	for key, value := range root.Pairs() {
		keys = append(keys, key.Text()+"="+value.Text())
	}
	if got := strings.Join(keys, " "); got != "b=2 c= e= a=9" || root.Get("a").Text() != "9" {
		t.Errorf("pairs %s, a %s", got, root.Get("a").Text())
	}
	keys = nil
	for key, value := range root.Get("e").Pairs() {
		keys = append(keys, key.Text()+"="+value.Text())
	}
	if got := strings.Join(keys, " "); got != "a=8 d=5 f=7" {
		t.Errorf("merged pairs %s", got)
	}
}

// Wide maps, with and without duplicates and merges, are read in linear time: a
// quadratic reader would not come to an end here.
func TestWideMapsAreLinear(t *testing.T) {
	var b strings.Builder
	b.WriteString("base: &base\n")
	for i := range 60000 {
		fmt.Fprintf(&b, "  k%d: x\n", i)
	}
	b.WriteString("own:\n  <<: *base\n")
	for i := range 60000 {
		fmt.Fprintf(&b, "  o%d: x\n", i)
	}
	b.WriteString("  o1: again\n")
	f, err := NewFile("a.yaml", []byte(b.String()), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	docs, err := Parse(f, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for range docs[0].Root.Get("own").Pairs() {
		n++
	}
	if n != 120000 {
		t.Errorf("%d pairs", n)
	}
}
