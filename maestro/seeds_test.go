package maestro

import (
	"strings"
	"testing"

	"agentrisk/internal/source"
	"agentrisk/scoring/listing"
)

func seed(t *testing.T, name string) *listing.Agent {
	t.Helper()
	in := shared(t, "seeds/"+name)
	f, err := source.Read(name, in, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	agents, err := listing.Load(f, listing.Options{})
	if err != nil || len(agents) != 1 {
		t.Fatalf("%d agents, %v", len(agents), err)
	}
	return agents[0]
}

func statuses(r Report) string {
	var b strings.Builder
	for _, l := range r.Layers {
		b.WriteByte(map[listing.Status]byte{listing.Mapped: 'M', listing.NotCertain: '?', listing.NotApplicable: '-'}[l.Status])
	}
	return b.String()
}

func TestSeeds(t *testing.T) {
	for name, want := range map[string]string{
		"000_1ea768e357730643.txt": "??M?MMM",
		"001_37e6da26667f67f2.txt": "??MM?MM",
	} {
		r := Assess(seed(t, name))
		if got := statuses(r); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		for _, l := range r.Layers {
			if len(l.Evidence) == 0 || l.Evidence[0].At.File != name || l.Evidence[0].At.Range.Start.Line == 0 {
				t.Errorf("%s: %s has no evidence with a place", name, l.ID)
			}
		}
	}
}

// The evidence points at the words it quotes.
func TestSeedPlaces(t *testing.T) {
	for _, name := range []string{"000_1ea768e357730643.txt", "001_37e6da26667f67f2.txt"} {
		a := seed(t, name)
		f, err := source.Read(name, shared(t, "seeds/"+name), source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		checked := 0
		for _, h := range Assess(a).Traits {
			for _, e := range h.Evidence {
				if strings.Contains(e.Quote, "|") {
					continue // the quote of a factor is its whole row
				}
				start, end := f.Offset(e.At.Range.Start), f.Offset(e.At.Range.End)
				if got := source.Quote(string(f.Text[start:end])); got != e.Quote {
					t.Errorf("%s: %s quotes %q, the file has %q", name, e.Rule, e.Quote, got)
				}
				checked++
			}
		}
		if checked == 0 {
			t.Errorf("%s: no trait was seen", name)
		}
	}
}

// What the pages of the seeds say without their notes on layers.
func TestSeedWithoutNotes(t *testing.T) {
	a := seed(t, "001_37e6da26667f67f2.txt")
	a.Layers = nil
	r := Assess(a)
	if got := statuses(r); got != "??MM?M"+got[6:] {
		t.Errorf("the description alone gives %s", got)
	}
	a.Description.Value = "Lorem ipsum dolor sit amet."
	if got := statuses(Assess(a)); got != "???????" {
		t.Errorf("without words for any layer: %s", got)
	}
}
