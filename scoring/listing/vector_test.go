package listing

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// A vector that is printed from an input reads back to that input.
func TestVectorReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(scoring.Formulas()).Filter(func(f *scoring.Formula) bool { return f.Kind == scoring.KindScore }).Draw(t, "formula")
		in := f.Unknown()
		in.Base = scoring.Exactly(scoring.Tenths(rapid.IntRange(0, 100).Draw(t, "base")))
		for i := range f.Factors {
			if l := rapid.SampledFrom(f.Factors[i].Levels).Draw(t, "level"); rapid.Bool().Draw(t, "known") {
				in.Factors[i] = scoring.Exactly(l.Value)
			}
		}
		text, err := scoring.FormatVector(&scoring.Vector{Formula: f, Input: in})
		if err != nil {
			t.Fatal(err)
		}
		file, err := source.NewFile("v.txt", []byte(text+"\n"), source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		agents, err := Load(file, Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, now, err := agents[0].Input()
		if err != nil || got != f || now != in || agents[0].Form != FormVector {
			t.Fatalf("%s reads as %s %+v, %v", text, got.ID, now, err)
		}
	})
}

func TestVectorFaultsHaveAPlace(t *testing.T) {
	tests := []struct{ text, at string }{
		{"  AIVSS:0.8/BS:7.5/AU:0.3", "v.txt:1:23"},
		{"\nCVSS:4.0/AV:Q/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/AIVSS:0.8/AU:1", "v.txt:2:10"},
		{"AIVSS:1.0/LC:D/CP:S/AP:Q/SR:R/EX:W/PT:M/CA:N/TD:M", "v.txt:1:24"},
	}
	for _, tt := range tests {
		file, err := source.NewFile("v.txt", []byte(tt.text), source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = Load(file, Options{})
		var e *source.Error
		if !errors.As(err, &e) || e.At.String() != tt.at {
			t.Errorf("%q: %v, want a fault at %s", tt.text, err, tt.at)
		}
	}
}
