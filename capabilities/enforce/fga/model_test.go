package fga

import (
	"errors"
	"strings"
	"testing"

	"agentrisk/internal/source"
)

func TestParseModel(t *testing.T) {
	p := model(t, files)
	if got := strings.Join(p.Types(), " "); got != "agent file folder user" {
		t.Error(got)
	}
	if got := strings.Join(p.Relations("file"), " "); got != "blocked parent viewer" {
		t.Error(got)
	}
	if p.ID() != model(t, files).ID() || p.ID() == model(t, files+"\n").ID() {
		t.Error("the id does not name the text")
	}
	if len(p.Relations("planet")) != 0 {
		t.Error("relations of no type")
	}
}

func TestParseModelRefuses(t *testing.T) {
	for text, want := range map[string]Kind{
		"":                                      Model,
		"model\n  schema 1.0\ntype user\n":      Model,
		"model\n  schema 1.1\ntype user\n  rel": Model,
		"model\n  schema 1.1\ntype user\ntype f\n  relations\n    define v: [planet]\n":      Model,
		"model\n  schema 1.1\ntype user\ntype f\n  relations\n    define v: w\n":             Model,
		"model\n  schema 1.1\ntype user\ntype f\n  relations\n    define v: [user:*]\n":      Public,
		"model\n  schema 1.1\ntype user\n" + strings.Repeat("# long\n", maxModel/6):          Model,
		"model\n  schema 1.1\ntype user\ntype f\n  relations\n    define v: v\n":             Model,
		"model\n  schema 1.1\ntype user\ntype f\n  relations\n    define v: [user with x]\n": Model,
	} {
		if _, err := ParseModel(text); !errors.Is(err, want) {
			t.Errorf("%.80q: %v, want %v", text, err, want)
		}
	}
}

func TestSyntaxErrorHasAPlace(t *testing.T) {
	_, err := ParseModel("model\n  schema 1.1\ntype user\ntype f\n  relations\n    define v [user]\n")
	var at *source.Error
	if !errors.As(err, &at) || at.At.Range.Start.Line != 6 {
		t.Errorf("%v", err)
	}
}

// FuzzParseModel: no text breaks the reader, and what it takes has no public
// wildcard.
func FuzzParseModel(f *testing.F) {
	f.Add(files)
	f.Add("model\n  schema 1.1\ntype user\n")
	f.Add("model\n  schema 1.1\ntype f\n  relations\n    define v: [f:*]\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseModel(text)
		if (p == nil) == (err == nil) {
			t.Fatalf("%v %v", p, err)
		}
		if p != nil && wildcard(p.proto) != "" {
			t.Error("a wildcard passed")
		}
	})
}
