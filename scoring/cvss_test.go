package scoring

import (
	"errors"
	"strings"
	"testing"
)

func TestParseCVSS(t *testing.T) {
	base31 := "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
	tests := []struct {
		name, in, vector, version, base, full, nomenclature, maturity, notes string
	}{
		{"v4.0 base", toolMisuse, toolMisuse, "4.0", "9.4", "9.4", "CVSS-B", "not-defined", "threat-not-defined"},
		{"v4.0 with threat", toolMisuse + "/E:P", toolMisuse + "/E:P", "4.0", "9.4", "8.5", "CVSS-BT", "proof-of-concept", "cvss-base-only"},
		{"attacked", toolMisuse + "/E:A", toolMisuse + "/E:A", "4.0", "9.4", "9.4", "CVSS-BT", "attacked", ""},
		{"unreported", toolMisuse + "/E:U", toolMisuse + "/E:U", "4.0", "9.4", "7.6", "CVSS-BT", "unreported", "cvss-base-only"},
		{"with environment", toolMisuse + "/E:A/MAV:P", toolMisuse + "/E:A/MAV:P", "4.0", "9.4", "8.6", "CVSS-BTE", "attacked", "cvss-base-only"},
		{"explicit X", toolMisuse + "/E:X/CR:X", toolMisuse, "4.0", "9.4", "9.4", "CVSS-B", "not-defined", "threat-not-defined"},
		{"no impact", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", "", "4.0", "0", "0", "CVSS-B", "not-defined", "threat-not-defined"},
		{"where FIRST differs", referenceDiffers, referenceDiffers, "4.0", "5", "5", "CVSS-B", "not-defined", "threat-not-defined cvss-reference-differs"},
		{"v3.1", base31, base31, "3.1", "9.8", "9.8", "", "not-defined", "cvss-v3"},
		{"v3.1 in another order", "CVSS:3.1/C:H/I:H/A:H/S:U/UI:N/PR:N/AC:L/AV:N", base31, "3.1", "9.8", "9.8", "", "not-defined", "cvss-v3"},
		{"v3.1 temporal", base31 + "/E:U/RL:O", base31 + "/E:U/RL:O", "3.1", "9.8", "8.5", "", "not-defined", "cvss-v3 cvss-base-only"},
		{"v3.1 environmental", base31 + "/MAV:P", base31 + "/MAV:P", "3.1", "9.8", "6.8", "", "not-defined", "cvss-v3 cvss-base-only"},
		// MISS = 1 − 0.72 × 0.44 × 0.44; 6.42 × MISS + 3.887 = 9.41, up to 9.5.
		{"v3.1 requirement alone", base31 + "/CR:L", base31 + "/CR:L", "3.1", "9.8", "9.5", "", "not-defined", "cvss-v3 cvss-base-only"},
		{"v3.0", "CVSS:3.0/AV:L/AC:H/PR:H/UI:R/S:C/C:L/I:N/A:N", "", "3.0", "2.3", "2.3", "", "not-defined", "cvss-v3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, notes, err := ParseCVSS(test.in)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, n := range notes {
				ids = append(ids, n.ID)
			}
			if test.vector == "" {
				test.vector = test.in
			}
			got := []string{c.Vector, c.Version, c.Base.String(), c.Full.String(), c.Nomenclature, c.Maturity.String(), strings.Join(ids, " ")}
			want := []string{test.vector, test.version, test.base, test.full, test.nomenclature, test.maturity, test.notes}
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("got %q, want %q", got[i], want[i])
				}
			}
		})
	}
}

func TestCVSSErrorsNameTheMetric(t *testing.T) {
	tests := []struct {
		in     string
		offset int
		want   string
	}{
		{"", 0, "does not begin with CVSS:4.0/"},
		{"AV:N/AC:L/Au:N/C:P/I:P/A:P", 0, "CVSS v2 has no such prefix"},
		{"CVSS:4.1/AV:N", 0, "does not begin with"},
		{"cvss:4.0/AV:N", 0, "does not begin with"},
		{"CVSS:4.0/", 9, `"" is not a metric of this version (metrics look like AV:N)`},
		{"CVSS:4.0/AV:N", 13, "AC is missing (every base metric is mandatory, as in AC:L)"},
		{strings.Replace(toolMisuse, "AV:N", "AV:Q", 1), 9, `AV cannot be "Q" (expected one of N, A, L, P)`},
		{strings.Replace(toolMisuse, "UI:A", "UI:R", 1), 29, `UI cannot be "R"`},
		{strings.Replace(toolMisuse, "/UI:A", "", 1), 58, "UI is missing"},
		{strings.Replace(toolMisuse, "UI:A", "UI:A/UI:A", 1), 34, "UI is given twice"},
		{strings.Replace(toolMisuse, "/AV:N/AC:L", "/AC:L/AV:N", 1), 14, "AV must come before AC"},
		{strings.Replace(toolMisuse, "AV:N", "AV=N", 1), 9, `"AV=N" is not a metric`},
		{toolMisuse + "/", 64, `"" is not a metric`},
		{toolMisuse + "x", 59, `SA cannot be "Hx"`},
		{toolMisuse + "/E:H", 64, `E cannot be "H" (expected one of X, A, P, U)`},
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H", 40, "A is missing"},
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/A:H", 45, "A is given twice"},
		{"CVSS:3.0/AV:N/AC:L/PR:N/UI:A/S:U/C:H/I:H/A:H", 24, `UI cannot be "A" (expected one of N, R)`},
		{"CVSS:4.0/" + strings.Repeat("AV:N/", 200), 0, "longer than 512 bytes"},
	}
	for _, test := range tests {
		_, _, err := ParseCVSS(test.in)
		var ce *CVSSError
		if !errors.As(err, &ce) {
			t.Errorf("%.60s: got %v, want a *CVSSError", test.in, err)
			continue
		}
		if ce.Offset != test.offset || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.60s: offset %d, %q; want offset %d, …%s…", test.in, ce.Offset, err, test.offset, test.want)
		}
	}
}

func TestMaturityGivesTheThreatOfEachFormula(t *testing.T) {
	wants := map[string]string{
		"aivss-0.8":           "0.5–1 0.5 0.97 1",
		"aivss-0.5":           "0.91–1 0.91 0.97 1",
		"aivss-0.5-mitigated": "0.75–1 0.75 0.9 1",
		"aivss-ssvc":          "1 1 1 1",
	}
	for id, want := range wants {
		var got []string
		for m := MaturityNotDefined; m <= MaturityAttacked; m++ {
			got = append(got, m.Threat(lookup(t, id)).String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", id, got)
		}
	}
}

func FuzzCVSS(f *testing.F) {
	for _, s := range []string{
		toolMisuse, toolMisuse + "/E:P/CR:H/MAV:L/S:P/U:Red", toolMisuse + "/E:X",
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H/E:P/RL:O/RC:C/MS:U", "CVSS:3.0/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N",
		"CVSS:4.0/AV:N", "CVSS:3.1/", "CVSS:2.0/AV:N",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, _, err := ParseCVSS(s)
		if err != nil {
			var ce *CVSSError
			if !errors.As(err, &ce) || ce.Offset < 0 || ce.Offset > len(s) {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if c.Base < 0 || c.Base > ten || c.Base%tenth != 0 || c.Full < 0 || c.Full > ten || c.Full%tenth != 0 {
			t.Fatalf("%q: scores %s and %s", s, c.Base, c.Full)
		}
		again, _, err := ParseCVSS(c.Vector)
		if err != nil || again != c {
			t.Fatalf("%q prints as %q, which reads as %+v (%v), not %+v", s, c.Vector, again, err, c)
		}
	})
}
