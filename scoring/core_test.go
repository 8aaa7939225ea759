package scoring

import "testing"

func TestScoreOfThePublishedToolMisuseExample(t *testing.T) {
	f, ok := Lookup(DefaultID)
	if !ok {
		t.Fatal("default formula is missing")
	}
	in := f.Unknown()
	in.Base = Exactly(Tenths(94))
	for i, v := range []Decimal{One, One, One, One, One, One, half, One, One, half} {
		in.Factors[i] = Exactly(v)
	}
	in.Threat, in.Mitigation = Exactly(9700), Exactly(One)
	if err := f.Check(&in); err != nil {
		t.Fatal(err)
	}
	r := f.Score(&in)
	if got := r.AARS.String() + " " + r.Raw.String() + " " + r.Score.String() + " " + r.BandLow.String(); got != "0.5238 9.9238 9.9 Critical" {
		t.Error(got)
	}
}

func BenchmarkScore(b *testing.B) {
	f, _ := Lookup(DefaultID)
	in := f.Unknown()
	in.Base = Exactly(Tenths(94))
	for i := range in.Factors {
		in.Factors[i] = Exactly(half)
	}
	in.Threat, in.Mitigation = Exactly(9700), Exactly(One)
	b.ReportAllocs()
	var sink Decimal
	for b.Loop() {
		r := f.Score(&in)
		sink += r.Score.High
	}
	_ = sink
}
