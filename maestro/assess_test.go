package maestro

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"agentrisk/internal/source"
	"agentrisk/scoring/listing"
)

// sound checks what holds of every report.
func sound(a *listing.Agent, r Report) error {
	if again := Assess(a); !reflect.DeepEqual(r, again) {
		return fmt.Errorf("the same agent gives another report")
	}
	if len(r.Layers) != 7 {
		return fmt.Errorf("%d layers", len(r.Layers))
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if bytes.Contains(text, []byte(":null")) {
		return fmt.Errorf("a slice is null: %s", text)
	}
	for _, l := range r.Layers {
		switch {
		case l.Status == listing.Mapped && len(l.Evidence) == 0 && statedStatus(a, l.ID) == nil:
			return fmt.Errorf("%s is mapped without evidence", l.ID)
		case l.Status == listing.NotApplicable && len(l.Threats) > 0:
			return fmt.Errorf("%s is not applicable and has threats", l.ID)
		case l.Status == listing.NotCertain && len(l.Threats) > 0 && len(l.Notes) == 0:
			return fmt.Errorf("%s is not certain and has threats without a note", l.ID)
		}
		for _, f := range l.Threats {
			if len(f.Evidence) == 0 || f.Reason == "" || f.Advice == "" || f.Rule == "" || f.Basis == "" {
				return fmt.Errorf("%s in %s lacks a part", f.ID, l.ID)
			}
		}
	}
	for _, c := range r.Chains {
		if (c.State == Shown) != (len(c.Open) == 0) {
			return fmt.Errorf("chain %s is %s with %v open", c.ID, c.State, c.Open)
		}
		for _, link := range c.Links {
			if link.State == Shown && len(link.Evidence) == 0 {
				return fmt.Errorf("chain %s shows %q without evidence", c.ID, link.Name)
			}
		}
	}
	return nil
}

func TestReportsAreSound(t *testing.T) {
	for _, name := range []string{"testdata/agents.yaml", "testdata/heldout.yaml"} {
		for _, j := range readJudged(t, name) {
			if err := sound(j.agent, Assess(j.agent)); err != nil {
				t.Errorf("%s: %v", j.agent.Name.Value, err)
			}
		}
	}
	if err := sound(&listing.Agent{}, Assess(nil)); err != nil {
		t.Error(err)
	}
}

// Golden reports show every part: words, tools, factors, notes.
func TestGoldenReports(t *testing.T) {
	const page = `schema: agentrisk.assessment/v1
name: Orders desk
formula: aivss-0.8-continuous
description: |
  Reads incoming emails of customers, looks up orders in the CRM
  and issues refunds on its own. There is no audit log.
factors:
  persistent_memory: {value: 0.8, why: remembers customers across sessions}
  dynamic_identity: 0.9
layers:
  L4: Holds an API key in environment variables; could be exposed to other tenants.
tools:
  - name: issue_refund
    description: Pays money back to the customer
`
	f, err := source.NewFile("orders.yaml", []byte(page), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	agents, err := listing.Load(f, listing.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := Assess(agents[0])
	if err := sound(agents[0], r); err != nil {
		t.Error(err)
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/orders.golden.json", append(text, '\n'))
	checkPlaces(t, f, r)
}

// checkPlaces compares each quote with the text at its place. A place that spans
// a whole field must at least hold the quote.
func checkPlaces(t *testing.T, f *source.File, r Report) {
	t.Helper()
	exact := 0
	for _, h := range r.Traits {
		for _, e := range h.Evidence {
			at := string(f.Text[f.Offset(e.At.Range.Start):f.Offset(e.At.Range.End)])
			if at == "0.8" || at == "0.9" {
				continue // words on a factor stand at its value
			}
			if at == e.Quote {
				exact++
			}
			if !strings.Contains(strings.Join(strings.Fields(at), " "), e.Quote) {
				t.Errorf("%s quotes %q, at %s stands %q", e.Rule, e.Quote, e.At, at)
			}
		}
	}
	if exact == 0 {
		t.Error("no evidence has the place of its own words")
	}
}

func TestPlaces(t *testing.T) {
	line := func(n, from, to int) source.Evidence {
		return source.Evidence{At: source.Location{File: "f", Range: source.Range{
			Start: source.Position{Line: n, Column: from}, End: source.Position{Line: n, Column: to}}}}
	}
	tests := []struct {
		name string
		text string
		at   []source.Evidence
		form listing.Form
		want string // the place of "café"
	}{
		{"one line", "un café noir", []source.Evidence{line(3, 5, 17)}, "", "3:8-3:12"},
		{"quoted", "un café noir", []source.Evidence{line(3, 5, 19)}, listing.FormAssessment, "3:9-3:13"},
		{"two lines", "déjà un\ncafé noir", []source.Evidence{line(3, 5, 12), line(4, 1, 10)}, "", "4:1-4:5"},
		{"a tag behind", "un café noir", []source.Evidence{line(3, 5, 17), line(2, 30, 38)}, "", "3:8-3:12"},
		{"an entity", "un café noir", []source.Evidence{line(3, 5, 40)}, "", "3:5-3:40"},
		{"no place", "un café noir", nil, "", "0:0-0:0"},
	}
	for _, tt := range tests {
		start := strings.Index(tt.text, "café")
		p := newPlacer(tt.text, tt.at, tt.form)
		p.at(len(tt.text), len(tt.text)) // places are asked for in any order
		r := p.at(start, start+len("café")).At.Range
		if got := fmt.Sprintf("%d:%d-%d:%d", r.Start.Line, r.Start.Column, r.End.Line, r.End.Column); got != tt.want {
			t.Errorf("%s: at %s, want %s", tt.name, got, tt.want)
		}
	}
}

func FuzzAssess(f *testing.F) {
	f.Add("It sends emails, never without approval; stateless.", "create_user", "Uses an API key.")
	f.Add("no no no memory, tools or, nor and", "ÄöÜ__x", "could")
	f.Add("e-mail e-mails’s don’t 3.5 — (", "", "")
	f.Fuzz(func(t *testing.T, about, tool, note string) {
		about = strings.ToValidUTF8(about, "?") // files are checked to be UTF-8, names need not be
		a := describe(about)
		a.Description.Evidence = []source.Evidence{{At: source.Location{File: "f", Range: source.Range{
			Start: source.Position{Line: 1, Column: 1}, End: source.Position{Line: 1, Column: len([]rune(about)) + 1}}}}}
		a.Tools = []listing.Tool{{Name: tool}}
		a.Layers = []listing.LayerNote{{Layer: "L4", Text: note}}
		r := Assess(a)
		if err := sound(a, r); err != nil {
			t.Fatal(err)
		}
		runes := []rune(about)
		for _, h := range r.Traits {
			for _, e := range h.Evidence {
				if e.At.File == "" {
					continue
				}
				from, to := e.At.Range.Start.Column, e.At.Range.End.Column
				if from < 1 || to > len(runes)+1 || from >= to || source.Quote(string(runes[from-1:to-1])) != e.Quote {
					t.Fatalf("%s quotes %q at %d to %d of %q", e.Rule, e.Quote, from, to, about)
				}
			}
		}
	})
}

// The work is linear in the text: twice the text, twice the time. Read ns/op of
// the sizes; hostile texts are made of what the reader looks at longest.
func BenchmarkAssess(b *testing.B) {
	typical := "The agent reads incoming emails of customers, looks up their orders in the CRM, and issues refunds once a manager has approved them. Every action is logged. "
	for name, piece := range map[string]string{
		"typical": typical, "denials": "no memory, ", "articles": "sends the the the the ", "words": "read emails sends store ",
	} {
		for _, size := range []int{1 << 10, 1 << 14, 1 << 18} {
			a := describe(strings.Repeat(piece, size/len(piece)+1))
			b.Run(fmt.Sprintf("%s/%dKiB", name, size>>10), func(b *testing.B) {
				b.SetBytes(int64(len(a.Description.Value)))
				b.ReportAllocs()
				for b.Loop() {
					Assess(a)
				}
			})
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := load(embedded); err != nil {
			b.Fatal(err)
		}
	}
}
