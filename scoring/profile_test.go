package scoring

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestProfileClasses(t *testing.T) {
	tests := []struct{ letters, class, possible string }{
		{"N N N U N L N L", "A0", "[A0]"},
		{"N N N P W H W H", "A1", "[A1]"},
		{"M S C P M M M M", "A1", "[A1]"},
		{"N N L U N L N L", "A2", "[A2]"},
		{"D C N P M M M M", "A2", "[A2]"},
		{"I C N P M M M M", "A2", "[A2]"},
		{"D S N R M M M M", "A2", "[A2]"},
		{"I S N R M M M M", "A1", "[A1]"},
		{"M C N R M M M M", "A1", "[A1]"},
		{"X N N U N L N L", "AX", "[A0 A1]"},
		{"X C L P N L N L", "AX", "[A2]"},
		{"X X X X X X X X", "AX", "[A0 A1 A2]"},
		{"D X C P X X X X", "AX", "[A1 A2]"},
	}
	for _, test := range tests {
		var p Profile
		for i, letter := range strings.Fields(test.letters) {
			p[i] = letter[0]
		}
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		if got := p.Class().String(); got != test.class {
			t.Errorf("%s: class %s, want %s", test.letters, got, test.class)
		}
		if got := fmt.Sprint(p.PossibleClasses()); got != test.possible {
			t.Errorf("%s: possible %s, want %s", test.letters, got, test.possible)
		}
		if p.Complete() != !strings.Contains(test.letters, "X") {
			t.Errorf("%s: complete %v", test.letters, p.Complete())
		}
	}
}

const someProfile = "AIVSS:1.0/LC:D/CP:C/AP:L/SR:R/EX:W/PT:H/CA:M/TD:H"

func TestProfileVector(t *testing.T) {
	p, err := ParseProfile(someProfile)
	if err != nil || p.String() != someProfile {
		t.Fatal(p, err)
	}
	tests := []struct {
		in     string
		offset int
		want   string
	}{
		{"", 0, "does not begin with AIVSS:1.0"},
		{"AIVSS:2.0/LC:D", 0, "does not begin with AIVSS:1.0"},
		{"AIVSS:1.0", 9, "LC is missing (all eight metrics are mandatory"},
		{"AIVSS:1.0/LC:D/CP:C/AP:L/SR:R/EX:W/PT:H/CA:M", 44, "TD is missing"},
		{"AIVSS:1.0/CP:C", 10, `"CP:C" stands where LC belongs`},
		{"AIVSS:1.0/LC:Q", 13, `LC cannot be "Q" (expected one of D, I, M, N, X)`},
		{"AIVSS:1.0/LC:", 13, `LC cannot be ""`},
		{"AIVSS:1.0/LC", 13, `LC cannot be ""`},
		{"AIVSS:1.0/LC:DI", 13, `LC cannot be "DI"`},
		{someProfile + "/TD:H", 50, "something follows"},
		{someProfile + "/", 50, "something follows"},
	}
	for _, test := range tests {
		_, err := ParseProfile(test.in)
		var ve *VectorError
		if !errors.As(err, &ve) || ve.Offset != test.offset || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want offset %d …%s…", test.in, err, test.offset, test.want)
		}
	}
}

func TestProfileBesideCVSS(t *testing.T) {
	p, err := ParseProfile(someProfile)
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := ParseCVSS(toolMisuse + "/E:P")
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Assess(&c)
	if err != nil {
		t.Fatal(err)
	}
	if *got.Score != c.Full || *got.Score == c.Base || *got.Band != BandHigh || got.Class != ClassA2 || !got.Complete {
		t.Errorf("%+v", got)
	}
	text, err := json.Marshal(got)
	if err != nil || !strings.Contains(string(text), `"profile":"`+someProfile+`","class":"A2","possible_classes":["A2"],"complete":true,"score":8.5,"band":"High"`) {
		t.Errorf("%s %v", text, err)
	}
	if got, err := p.Assess(nil); err != nil || got.Score != nil || got.Band != nil {
		t.Errorf("without a vector there is no CVSS-BTE: %+v %v", got, err)
	}
	old, _, err := ParseCVSS("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")
	if err != nil {
		t.Fatal(err)
	}
	var ce *CVSSError
	if _, err := p.Assess(&old); !errors.As(err, &ce) {
		t.Errorf("v3.1: %v", err)
	}
	var ne *NameError
	if _, err := (Profile{}).Assess(&c); !errors.As(err, &ne) {
		t.Errorf("an empty profile: %v", err)
	}
}

func TestParseCandidate(t *testing.T) {
	with := toolMisuse + "/E:P"
	for in, want := range map[string]string{
		with + " " + someProfile: with + " " + someProfile,
		with + "/" + someProfile: with + " " + someProfile,
		someProfile:              someProfile,
	} {
		c, err := ParseCandidate(in)
		if err != nil || c.String() != want || (c.Score == nil) != (in == someProfile) {
			t.Errorf("%s: %+v %v", in, c, err)
		}
	}
	var ve *VectorError
	if _, err := ParseCandidate(with + " AIVSS:1.0/LC:Q"); !errors.As(err, &ve) || ve.Offset != len(with)+1+13 {
		t.Errorf("%v", err)
	}
	if _, err := ParseCandidate(with + ";" + someProfile); !errors.As(err, &ve) {
		t.Errorf("%v", err)
	}
	var ce *CVSSError
	for _, in := range []string{"CVSS:4.0/AV:N " + someProfile, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H " + someProfile} {
		if _, err := ParseCandidate(in); !errors.As(err, &ce) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func FuzzProfile(f *testing.F) {
	for _, s := range []string{someProfile, "AIVSS:1.0/LC:X/CP:X/AP:X/SR:X/EX:X/PT:X/CA:X/TD:X", "AIVSS:1.0/LC:", "AIVSS:1.0/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseProfile(s)
		if err != nil {
			return
		}
		if p.String() != s || p.Check() != nil || len(p.PossibleClasses()) == 0 {
			t.Fatalf("%q prints as %q", s, p)
		}
	})
}
