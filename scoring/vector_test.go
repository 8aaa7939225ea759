package scoring

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const toolMisuse = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H"

func mustVector(t testing.TB, s string) Vector {
	t.Helper()
	v, err := ParseVector(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}

func mustFormat(t testing.TB, v *Vector) string {
	t.Helper()
	s, err := FormatVector(v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestVectorCanonicalForm(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"canonical with CVSS",
			toolMisuse + "/AIVSS:0.8/AU:1/TO:1/LA:1/CX:1/ND:1/OP:1/PE:0.5/ID:1/MA:1/SM:0.5/TM:P/MF:N", ""},
		{"bare base, nothing else known",
			"AIVSS:0.8/BS:7.5", "AIVSS:0.8/BS:7.5/AU:X/TO:X/LA:X/CX:X/ND:X/OP:X/PE:X/ID:X/MA:X/SM:X/TM:X/MF:X"},
		{"nothing known", "AIVSS:0.8f", "AIVSS:0.8f/BS:X/AU:X/TO:X/LA:X/CX:X/ND:X/OP:X/PE:X/ID:X/MA:X/SM:X/TM:X/MF:X"},
		{"any order", "AIVSS:0.8/MF:S/SM:0/TM:U/BS:10/AU:0.5",
			"AIVSS:0.8/BS:10/AU:0.5/TO:X/LA:X/CX:X/ND:X/OP:X/PE:X/ID:X/MA:X/SM:0/TM:U/MF:S"},
		{"ranges", "AIVSS:0.8/BS:7.5-8.5/AU:0.5-1/TO:0-1/TM:U-P/MF:S-P",
			"AIVSS:0.8/BS:7.5-8.5/AU:0.5-1/TO:X/LA:X/CX:X/ND:X/OP:X/PE:X/ID:X/MA:X/SM:X/TM:U-P/MF:S-P"},
		{"full range is X", "AIVSS:0.8/BS:0-10/TM:U-A/MF:S-N", "AIVSS:0.8/BS:X/AU:X/TO:X/LA:X/CX:X/ND:X/OP:X/PE:X/ID:X/MA:X/SM:X/TM:X/MF:X"},
		{"continuous takes numbers", "AIVSS:0.8c/BS:7.50/AU:0.2/PL:0.3/SM:0.1/TO:0.4/PE:0.2/CX:0.5/ID:0.3/MA:0.2/ND:0.4/OP:0.3/TM:1/MF:0.85",
			"AIVSS:0.8c/BS:7.5/AU:0.2/PL:0.3/SM:0.1/TO:0.4/PE:0.2/CX:0.5/ID:0.3/MA:0.2/ND:0.4/OP:0.3/TM:1/MF:0.85"},
		{"average with a stated AARS", "AIVSS:0.5/BS:9.4/AS:8.5/TM:P",
			"AIVSS:0.5/BS:9.4/AS:8.5/AU:X/TO:X/PE:X/ID:X/MA:X/ND:X/SM:X/PL:X/CX:X/OP:X/TM:P"},
		{"AARS stated as unknown", "AIVSS:0.5m/BS:9.4/AS:X/TM:P/MF:P",
			"AIVSS:0.5m/BS:9.4/AS:X/AU:X/TO:X/MA:X/ND:X/SM:X/ID:X/PE:X/NL:X/DA:X/XD:X/TM:P/MF:P"},
		{"exploit maturity sets the threat", toolMisuse + "/E:A/AIVSS:0.8/MF:N",
			toolMisuse + "/E:A/AIVSS:0.8/AU:X/TO:X/LA:X/CX:X/ND:X/OP:X/PE:X/ID:X/MA:X/SM:X/TM:A/MF:N"},
		{"unless the threat is given", toolMisuse + "/E:A/AIVSS:0.8/TM:X",
			toolMisuse + "/E:A/AIVSS:0.8/AU:X/TO:X/LA:X/CX:X/ND:X/OP:X/PE:X/ID:X/MA:X/SM:X/TM:X/MF:X"},
		{"undefined CVSS metrics vanish", toolMisuse + "/E:X/AIVSS:0.8/TM:P",
			toolMisuse + "/AIVSS:0.8/AU:X/TO:X/LA:X/CX:X/ND:X/OP:X/PE:X/ID:X/MA:X/SM:X/TM:P/MF:X"},
		{"v3.1 is reordered", "CVSS:3.1/C:H/I:H/A:H/AV:N/AC:L/PR:N/UI:N/S:U/AIVSS:0.8/TM:P",
			"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/AIVSS:0.8/AU:X/TO:X/LA:X/CX:X/ND:X/OP:X/PE:X/ID:X/MA:X/SM:X/TM:P/MF:X"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := mustVector(t, test.in)
			want := test.want
			if want == "" {
				want = test.in
			}
			got := mustFormat(t, &v)
			if got != want {
				t.Fatalf("got  %s\nwant %s", got, want)
			}
			if again := mustVector(t, got); again != v {
				t.Errorf("the canonical form reads differently: %s", cmp.Diff(v.Input, again.Input))
			}
		})
	}
}

func TestVectorErrorsNameThePlace(t *testing.T) {
	tests := []struct {
		in     string
		offset int
		want   string
	}{
		{"", 0, "no part that begins with AIVSS:"},
		{"AIVSS:", 6, `"" names no formula (expected one of 0.8, 0.8c, 0.8f, 0.5, 0.5m, 1.0, ssvc)`},
		{"AIVSS:0.9/AU:1", 6, `"0.9" names no formula`},
		{"xAIVSS:0.8", 1, "a slash must stand before"},
		{"AIVSS:0.8/", 10, `"" is no metric`},
		{"AIVSS:0.8/AU", 10, `"AU" is no metric`},
		{"AIVSS:0.8/AU:", 10, `"AU:" is no metric`},
		{"AIVSS:0.8/AU:1/ZZ:1", 15, `aivss-0.8 has no metric "ZZ" (expected one of BS, AU, TO, LA, CX, ND, OP, PE, ID, MA, SM, TM, MF)`},
		{"AIVSS:0.8/PL:1", 10, `aivss-0.8 has no metric "PL"`},
		{"AIVSS:0.8/AS:1", 10, `aivss-0.8 has no metric "AS"`},
		{"AIVSS:0.5/MF:N", 10, `aivss-0.5 has no metric "MF" (expected one of BS, AS, AU,`},
		{"AIVSS:0.8/AU:1/AU:1", 15, "AU is given twice"},
		{"AIVSS:0.8/TO:1/AU:1/TO:1", 20, "TO is given twice"},
		{"AIVSS:0.8/AU:0.7", 13, "Autonomy cannot be 0.7 (expected one of 0, 0.5, 1, a range such as low-high, or X)"},
		{"AIVSS:0.8/AU:1-0.5", 13, "the range 1-0.5 does not rise"},
		{"AIVSS:0.8/AU:1-1", 13, "does not rise"},
		{"AIVSS:0.8/AU:-1", 13, "it is empty"},
		{"AIVSS:0.8/AU:x", 13, "a digit is expected"},
		{"AIVSS:0.8/TM:0.97", 13, `"0.97" is no level of Threat multiplier (ThM) (expected one of A (attacked), P (proof-of-concept), U (unreported)`},
		{"AIVSS:0.8c/TM:1.2", 14, "cannot be 1.2 (expected a number from 0 to 1.1"},
		{"AIVSS:0.8/BS:7.55", 13, "CVSS base score cannot be 7.55"},
		{"AIVSS:0.8/BS:10.1", 13, "CVSS base score cannot be 10.1"},
		{toolMisuse + "/AIVSS:0.8/BS:9.4", 74, "BS repeats the base"},
		{"AIVSS:0.8/" + strings.Repeat("AU:1/", 300), 1024, "longer than 1024 bytes"},
	}
	for _, test := range tests {
		_, err := ParseVector(test.in)
		var ve *VectorError
		if !errors.As(err, &ve) {
			t.Errorf("%.40s: got %v, want a *VectorError", test.in, err)
			continue
		}
		if ve.Offset != test.offset || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.40s: offset %d, %q; want offset %d, …%s…", test.in, ve.Offset, err, test.offset, test.want)
		}
	}
}

func TestVectorOfAFormulaWithoutScore(t *testing.T) {
	for _, s := range []string{"AIVSS:1.0/LC:D", "AIVSS:ssvc/TH:P"} {
		var ke *KindError
		if _, err := ParseVector(s); !errors.As(err, &ke) {
			t.Errorf("%s: got %v, want a *KindError", s, err)
		}
	}
}

func TestFormatVectorRefuses(t *testing.T) {
	v := mustVector(t, "AIVSS:0.8/BS:7.5")
	v.Input.Factors[2] = Exactly(7000)
	var ve *ValueError
	if _, err := FormatVector(&v); !errors.As(err, &ve) || ve.Part != "language" {
		t.Errorf("a value outside the set: %v", err)
	}
	v = mustVector(t, toolMisuse+"/AIVSS:0.8")
	v.Input.Base = Exactly(Tenths(50))
	if _, err := FormatVector(&v); !errors.As(err, &ve) || ve.Part != PartBase {
		t.Errorf("a base that is not the vector's: %v", err)
	}
}

func FuzzVector(f *testing.F) {
	for _, s := range []string{
		toolMisuse + "/AIVSS:0.8/AU:1/TO:0.5/LA:X/CX:0/ND:1/OP:X/PE:0/ID:0.5/MA:0/SM:0/TM:P/MF:N",
		toolMisuse + "/E:P/MAV:L/AIVSS:0.8f/AU:0.5-1",
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/AIVSS:0.8/TM:U-P",
		"AIVSS:0.8c/BS:7.5-8/AU:0.2-0.45/PL:0.3/TM:1.1/MF:0.85",
		"AIVSS:0.5/BS:9.4/AS:8.5/TM:P", "AIVSS:0.5m/AS:4.75/MF:P", "AIVSS:1.0/LC:D", "AIVSS:0.8/AU:1/AU:1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseVector(s)
		if err != nil {
			return
		}
		if err := v.Formula.Check(&v.Input); err != nil {
			t.Fatalf("%q parses to an input that Check refuses: %v", s, err)
		}
		text := mustFormat(t, &v)
		again := mustVector(t, text)
		if again != v {
			t.Fatalf("%q prints as %q, which reads differently", s, text)
		}
		if twice := mustFormat(t, &again); twice != text {
			t.Fatalf("%q prints as %q and then as %q", s, text, twice)
		}
		r := v.Formula.Score(&v.Input)
		if r.Score.Low < 0 || r.Score.Low > r.Score.High || r.Score.High > ten {
			t.Fatalf("%q scores %v", s, r.Score)
		}
	})
}

func BenchmarkVectorParseScore(b *testing.B) {
	const s = toolMisuse + "/AIVSS:0.8/AU:1/TO:1/LA:1/CX:1/ND:1/OP:1/PE:0.5/ID:1/MA:1/SM:0.5/TM:P/MF:N"
	b.ReportAllocs()
	for b.Loop() {
		v, err := ParseVector(s)
		if err != nil {
			b.Fatal(err)
		}
		if r := v.Formula.Score(&v.Input); r.Score.High != Tenths(99) {
			b.Fatal(r.Score)
		}
	}
}
