package scoring_test

import (
	"fmt"

	"agentrisk/scoring"
)

func ExampleFormula_Score() {
	f, _ := scoring.Lookup("aivss-0.8")
	in := f.Unknown()
	in.Base = scoring.Exactly(scoring.Tenths(69))
	for key, tenths := range map[string]int{
		"autonomy": 10, "tools": 10, "language": 5, "context": 10, "non_determinism": 5,
		"opacity": 10, "persistence": 5, "identity": 0, "multi_agent": 10, // self_mod is not known
	} {
		i, _ := f.Factor(key)
		in.Factors[i] = scoring.Exactly(scoring.Tenths(tenths))
	}
	proof, _ := f.Threat.Level("proof-of-concept")
	in.Threat, in.Mitigation = scoring.Exactly(proof.Value), scoring.Exactly(scoring.One)
	if err := f.Check(&in); err != nil {
		fmt.Println(err)
		return
	}
	r := f.Score(&in)
	fmt.Println(r.Score, r.BandLow, r.BandHigh)
	// Output: 8.9–9.2 High Critical
}

func ExampleParseVector() {
	v, err := scoring.ParseVector("CVSS:4.0/AV:N/AC:H/AT:N/PR:N/UI:A/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N" +
		"/AIVSS:0.8/AU:0.5/TO:0/LA:1/CX:1/ND:1/OP:1/PE:1/ID:0/MA:0/SM:1/TM:P/MF:N")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range v.Formula.Explain(&v.Input)[0].Steps {
		fmt.Println(s.Name, "=", s.Expression, "=", s.Value)
	}
	// Output:
	// FS = 0.5 + 0 + 1 + 1 + 1 + 1 + 1 + 0 + 0 + 1 = 6.5
	// AARS = (10 − 2.1) × (6.5 / 10) × 0.97 = 4.98095
	// raw score = (2.1 + 4.98095) × 1 = 7.08095
	// score = 7.08095 half up to tenths = 7.1
	// severity = band of 7.1 = High
}

func ExampleFormula_Check() {
	f, _ := scoring.Lookup("aivss-0.8")
	in := f.Unknown()
	in.Factors[0] = scoring.Exactly(scoring.Tenths(7))
	fmt.Println(f.Check(&in))
	// Output: aivss-0.8: autonomy 0.7 is not allowed: expected one of 0, 0.5, 1 (aivss-0.8-continuous takes values between the levels)
}
