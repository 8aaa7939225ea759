package decision

import (
	"encoding/json"
	"testing"
)

func TestVerdictRoundTrip(t *testing.T) {
	for _, v := range []Verdict{Deny, Allow, Modify, StepUp, Defer} {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var back Verdict
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		if back != v {
			t.Errorf("%s came back as %s", v, back)
		}
	}
}

func TestVerdictRefusesOtherWords(t *testing.T) {
	for _, word := range []string{"", "Allow", "permit", "deny "} {
		v := StepUp
		if err := v.UnmarshalText([]byte(word)); err == nil {
			t.Errorf("%q was read as %s", word, v)
		}
		if v != StepUp {
			t.Errorf("%q changed the verdict to %s", word, v)
		}
	}
}

func TestZeroVerdictDenies(t *testing.T) {
	if got := (Decision{}).Verdict; got != Deny {
		t.Errorf("zero decision is %s", got)
	}
	if d := Denied("policy", "why"); d.Verdict != Deny || d.SuppliedBy != ByRuntime {
		t.Errorf("Denied built %+v", d)
	}
}
