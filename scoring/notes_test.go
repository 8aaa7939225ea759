package scoring

import (
	"strings"
	"testing"
)

func ids(notes []Note) string {
	var out []string
	for _, n := range notes {
		out = append(out, n.ID)
	}
	return strings.Join(out, " ")
}

func TestNotesWhereTheDisputesBite(t *testing.T) {
	tests := []struct{ name, vector, want string }{
		{"nothing to dispute", "AIVSS:0.8/BS:5/AU:0/TO:0/LA:0/CX:0/ND:0/OP:0/PE:0/ID:0/MA:0/SM:0/TM:P/MF:N", ""},
		{"no mitigation, many factors", "AIVSS:0.8/BS:5/AU:1/TO:1/LA:1/CX:1/ND:1/OP:1/PE:1/ID:1/MA:0/SM:0.5/TM:P/MF:N", "base-outweighed one-step-from-another-band"},
		{"below CVSS", "AIVSS:0.8/BS:8/AU:0/TO:0/LA:0/CX:0/ND:0/OP:0/PE:0/ID:0/MA:0/SM:0/TM:P/MF:P", "below-cvss"},
		{"below CVSS and capped", "AIVSS:0.8/BS:9/AU:0/TO:0/LA:0/CX:0/ND:0/OP:0/PE:0/ID:0/MA:0/SM:0/TM:P/MF:S", "below-cvss mf-cap"},
		{"capped, above CVSS", "AIVSS:0.8/BS:4/AU:1/TO:1/LA:1/CX:1/ND:1/OP:1/PE:1/ID:1/MA:1/SM:1/TM:A/MF:S", "mf-cap base-outweighed"},
		{"the floor is neither", "AIVSS:0.8f/BS:9/AU:0/TO:0/LA:0/CX:0/ND:0/OP:0/PE:0/ID:0/MA:0/SM:0/TM:P/MF:S", ""},
		{"clamped, overlapping", "AIVSS:0.8c/BS:5/AU:1/PL:1/SM:1/TO:1/PE:1/CX:1/ID:1/MA:1/ND:1/OP:1/TM:1.1/MF:1", "aars-clamped base-outweighed factors-overlap"},
		{"stated AARS differs", "AIVSS:0.5/BS:6/AS:5/AU:1/TO:0/PE:0/ID:0/MA:0/ND:0/SM:0/PL:1/CX:0/OP:0/TM:P", "aars-stated-differs"},
		{"stated AARS agrees", "AIVSS:0.5/BS:6/AS:2/AU:1/TO:0/PE:0/ID:0/MA:0/ND:0/SM:0/PL:1/CX:0/OP:0/TM:P", ""},
		{"v3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N/AIVSS:0.8/AU:0/TO:0/LA:0/CX:0/ND:0/OP:0/PE:0/ID:0/MA:0/SM:0/TM:P/MF:N", "cvss-v3"},
		{"threat left open", toolMisuse + "/AIVSS:0.8/AU:0/TO:0/LA:0/CX:0/ND:0/OP:0/PE:0/ID:0/MA:0/SM:0/MF:N", "threat-not-defined"},
		{"threat stated instead", toolMisuse + "/AIVSS:0.8/AU:0/TO:0/LA:0/CX:0/ND:0/OP:0/PE:0/ID:0/MA:0/SM:0/TM:P/MF:N", ""},
		{"threat contradicts", toolMisuse + "/E:A/AIVSS:0.8/AU:0/TO:0/LA:0/CX:0/ND:0/OP:0/PE:0/ID:0/MA:0/SM:0/TM:P/MF:N", "threat-differs"},
		{"base metrics only", toolMisuse + "/E:P/AIVSS:0.8/AU:0/TO:0/LA:0/CX:0/ND:0/OP:0/PE:0/ID:0/MA:0/SM:0/MF:N", "cvss-base-only"},
		{"perhaps below CVSS", "AIVSS:0.8/BS:5-9/AU:0/TO:0/LA:0/CX:0/ND:0/OP:0/PE:0/ID:0/MA:0/SM:0/TM:P/MF:P", "mf-cap"},
		{"unknown claims nothing", "AIVSS:0.8", ""},
		// 7.9 + 2.1 × 0.5 × 0.95 = 8.8975; with a sum of 10 it would be 8.95.
		{"one step of an unknown factor", "AIVSS:0.8/BS:7.9/AU:0-0.5/TO:1/LA:1/CX:1/ND:1/OP:1/PE:1/ID:1/MA:1/SM:1/TM:U/MF:N", ""},
		{"one step of a known factor", "AIVSS:0.8/BS:7.9/AU:0.5/TO:1/LA:1/CX:1/ND:1/OP:1/PE:1/ID:1/MA:1/SM:1/TM:U/MF:N", "one-step-from-another-band"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := mustVector(t, test.vector)
			r := v.Formula.Score(&v.Input)
			notes := v.Formula.Notes(&v.Input, &r, &v.CVSS)
			if got := ids(notes); got != test.want {
				t.Errorf("score %s: got %q, want %q", r.Score, got, test.want)
			}
			for _, n := range notes {
				if n.Message == "" || strings.HasSuffix(n.Message, ".") {
					t.Errorf("%s: %q", n.ID, n.Message)
				}
			}
		})
	}
}

func TestNoteOnADifferentBase(t *testing.T) {
	v := mustVector(t, toolMisuse+"/AIVSS:0.8/AU:0/TO:0/LA:0/CX:0/ND:0/OP:0/PE:0/ID:0/MA:0/SM:0/TM:P/MF:N")
	v.Input.Base = Exactly(Tenths(95))
	r := v.Formula.Score(&v.Input)
	if got := ids(v.Formula.Notes(&v.Input, &r, &v.CVSS)); got != NoteBaseDiffers {
		t.Error(got)
	}
	if got := ids(v.Formula.Notes(&v.Input, &r, nil)); got != "" {
		t.Error("without a vector there is nothing to differ from:", got)
	}
}

func TestNoteNumbers(t *testing.T) {
	// At a sum of 8.5 and ThM 0.97 the base's own weight is 0.1755.
	v := mustVector(t, "AIVSS:0.8/BS:5/AU:1/TO:1/LA:1/CX:1/ND:1/OP:1/PE:1/ID:1/MA:0.5/SM:0/TM:P/MF:S")
	if w, ok := v.Formula.BaseWeight(&v.Input); !ok || w.String() != "0.1755" {
		t.Error(w, ok)
	}
	r := v.Formula.Score(&v.Input)
	notes := v.Formula.Notes(&v.Input, &r, nil)
	if ids(notes) != "mf-cap base-outweighed" {
		t.Fatal(ids(notes))
	}
	if want := "with a mitigation factor of 0.67 no score exceeds 6.7"; !strings.Contains(notes[0].Message, want) {
		t.Errorf("%q lacks %q", notes[0].Message, want)
	}
	if want := "by 0.1755 only"; !strings.Contains(notes[1].Message, want) {
		t.Errorf("%q lacks %q", notes[1].Message, want)
	}
}
