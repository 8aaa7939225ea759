package effects

import (
	"strings"
	"testing"

	"agentrisk/internal/source"
)

func entries(t *testing.T, text string) ([]Entry, error) {
	t.Helper()
	file, err := source.NewFile("own.yaml", []byte(text), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := source.ParseOne(file, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return ReadEntries(doc.Root.Get("catalogue"))
}

func TestReadEntries(t *testing.T) {
	read, err := entries(t, `catalogue:
- {id: hr.ask_manager, control: approve}
- {provider: acme, method: POST, path: "/gate/{id}", effect: read, control: authorize, denial: allowed=false}
`)
	if err != nil || len(read) != 2 || read[0].Control != Approve || read[1].Denial != "allowed=false" {
		t.Fatalf("%+v %v", read, err)
	}
	c, err := New(read...)
	if err != nil {
		t.Fatal(err)
	}
	if r := c.Classify(Operation{ID: "hr.ask_manager"}); r.Control != Approve || r.Effect != Write {
		t.Errorf("%+v", r)
	}
	if r := c.Classify(Operation{Provider: "acme", Method: "POST", Path: "/gate/7"}); r.Denial != "allowed=false" {
		t.Errorf("%+v", r)
	}
	if none, err := entries(t, "rules: {}\n"); err != nil || none != nil {
		t.Errorf("%v %v", none, err)
	}
}

func TestReadEntriesRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"catalogue: x":                                        "own.yaml:1:12: the catalogue is text",
		"catalogue: [x]":                                      "own.yaml:1:13: an operation of the catalogue is text",
		"catalogue: [{id: a, contrl: approve}]":               `did you mean "control"?`,
		"catalogue: [{id: a, control: aprove}]":               `control aprove is not known; expected one of`,
		"catalogue: [{id: a, effect: mony}]":                  `did you mean "money"?`,
		"catalogue: [{id: a}]":                                "neither effect nor control",
		"catalogue: [{effect: read}]":                         "is not named",
		"catalogue: [{method: BREW, path: /a, effect: read}]": "BREW is no HTTP method",
		"catalogue: [{id: [a], effect: read}]":                "id is a list",
	} {
		if _, err := entries(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %q", text, err, want)
		}
	}
}
