package listing

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// blocks returns the examples of a page of the documentation, by language.
func blocks(t *testing.T, page, language string) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/formats/" + page)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		out = append(out, m[1])
	}
	return out
}

// The examples of the documentation are what the program reads and writes.
func TestDocumentedExamples(t *testing.T) {
	for _, text := range blocks(t, "assessment.md", "yaml") {
		a := load(t, fileOf(t, "doc.yaml", text), Options{})
		if a.Name.Value != "Ledger Mate" || len(a.Layers) != 2 || len(a.Tools) != 2 {
			t.Errorf("reads %+v", a)
		}
	}
	for _, text := range blocks(t, "streams.md", "json") {
		if got := stream(strings.NewReader(text), "-", StreamOptions{}); got.sum.Rows != 1 {
			t.Errorf("%s: %q", text, got.errs)
		}
	}
	csv := blocks(t, "streams.md", "csv")
	if len(csv) != 2 {
		t.Fatalf("%d examples", len(csv))
	}
	if got := stream(strings.NewReader(csv[0]), "-", StreamOptions{}); CSVHeader+got.out != csv[1] {
		t.Errorf("the example answers\n%s%s", CSVHeader, got.out)
	}
}

// Every field is explained.
func TestEveryFieldIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/formats/assessment.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range assessmentFields {
		if !strings.Contains(string(text), "`"+field+"`") {
			t.Errorf("%s is not in the documentation", field)
		}
	}
}
