package scoring

import (
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseDecimal(t *testing.T) {
	tests := []struct {
		in   string
		want Decimal
		text string
	}{
		{"0", 0, "0"}, {"-0", 0, "0"}, {"7", 70000, "7"}, {"7.0", 70000, "7"}, {"0.5", 5000, "0.5"},
		{"0.83", 8300, "0.83"}, {"0.0001", 1, "0.0001"}, {"0.50000000", 5000, "0.5"}, {"-0.25", -2500, "-0.25"},
		{"10", 100000, "10"}, {"9.9999", 99999, "9.9999"}, {"123456789", 1234567890000, "123456789"},
		{"5e-1", 5000, "0.5"}, {"1E1", 100000, "10"}, {"2.5e+2", 2500000, "250"}, {"0e99", 0, "0"}, {"0.000001e2", 1, "0.0001"},
	}
	for _, test := range tests {
		got, err := ParseDecimal(test.in)
		if err != nil || got != test.want || got.String() != test.text {
			t.Errorf("%s: got %d %q (%v), want %d %q", test.in, got, got, err, test.want, test.text)
		}
	}
}

func TestParseDecimalErrors(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", "it is empty"},
		{"-", "a digit is expected"}, {"+1", "a digit is expected"}, {".5", "a digit is expected"}, {"x", "a digit is expected"},
		{" 1", "a digit is expected"}, {"NaN", "a digit is expected"}, {"５", "a digit is expected"},
		{"1.", "a digit is expected after the point"}, {"1.x", "a digit is expected after the point"},
		{"07.5", "leading zero"}, {"00", "leading zero"},
		{"0.83x", `"x" is not part of a number`}, {"1 ", `" " is not part`}, {"1,5", `",5" is not part`}, {"0x1F", `"x1F" is not part`}, {"1_0", `"_0"`},
		{"1e", "its exponent must have one or two digits"}, {"1e-", "one or two digits"}, {"1e100", "one or two digits"}, {"1ex", "its exponent is not a number"},
		{"0.00001", "more than four decimals"}, {"1e-5", "more than four decimals"}, {"0.12345", "more than four decimals"},
		{"1e17", "too large"}, {"99999999999999999", "too large"}, {"9999999999999999999", "more than 18 digits"},
		{"0." + strings.Repeat("0", 60), "longer than 40 characters"},
	}
	for _, test := range tests {
		got, err := ParseDecimal(test.in)
		var de *DecimalError
		if !errors.As(err, &de) || got != 0 || de.Hint == "" || len(de.Text) > 40 {
			t.Errorf("%q: got %v, %v; want a *DecimalError with a hint", test.in, got, err)
			continue
		}
		if !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %q, want …%s…", test.in, err, test.want)
		}
	}
}

func TestDecimalRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Decimal(rapid.Int64Range(-1e15, 1e15).Draw(t, "d"))
		got, err := ParseDecimal(d.String())
		if err != nil || got != d {
			t.Fatalf("%d prints %q, reads %d (%v)", d, d, got, err)
		}
	})
}

func TestDecimalJSON(t *testing.T) {
	type value struct {
		D Decimal  `json:"d"`
		I Interval `json:"i"`
	}
	text, err := json.Marshal(value{8300, Interval{5000, One}})
	if err != nil || string(text) != `{"d":0.83,"i":{"low":0.5,"high":1}}` {
		t.Fatal(string(text), err)
	}
	var v value
	if err := json.Unmarshal(text, &v); err != nil || v != (value{8300, Interval{5000, One}}) {
		t.Fatal(v, err)
	}
	for _, bad := range []string{`{"d":0.12345}`, `{"d":"0.5"}`} {
		var de *DecimalError
		if err := json.Unmarshal([]byte(bad), &v); !errors.As(err, &de) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestReadingNumbersAllocatesNothing(t *testing.T) {
	text := []byte("0.83")
	var d Decimal
	if n := testing.AllocsPerRun(100, func() {
		if err := d.UnmarshalJSON(text); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestExact(t *testing.T) {
	tests := []struct {
		e    Exact
		want string
	}{
		{Exact{0, 17}, "0"}, {Exact{225525, 5}, "2.25525"}, {Exact{1e17, 17}, "1"}, {Exact{-500, 4}, "-0.05"},
		{Exact{7, 0}, "7"}, {Exact{1, 17}, "0.00000000000000001"}, {Exact{1e18, 17}, "10"}, {ExactOf(8300), "0.83"},
	}
	for _, test := range tests {
		if got := test.e.String(); got != test.want {
			t.Errorf("%+v: got %s, want %s", test.e, got, test.want)
		}
		text, err := json.Marshal(test.e)
		if err != nil || string(text) != test.want {
			t.Errorf("%+v: JSON %s (%v)", test.e, text, err)
		}
	}
	if got := (ExactInterval{Exact{5, 1}, Exact{50, 2}}); !got.Known() || got.String() != "0.5" {
		t.Errorf("equal numbers of two scales: %v", got)
	}
}

func TestExactCmpAgreesWithRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) Exact {
			return Exact{rapid.Int64Range(-1100, 1100).Draw(t, name) * pow10[rapid.IntRange(0, 15).Draw(t, name+"zeros")],
				uint8(rapid.IntRange(0, maxScale).Draw(t, name+"scale"))}
		}
		a, b := draw("a"), draw("b")
		if got, want := a.Cmp(b), exactRat(a).Cmp(exactRat(b)); got != want {
			t.Fatalf("%v cmp %v: got %d, want %d", a, b, got, want)
		}
	})
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"0", "0.83", "-1.5", "1e-1", "07", "1.", ".5", "99999999999999999999", "0.00001", "1e99", "−1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDecimal(s)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(s)
		if !ok || rat(d).Cmp(want) != 0 {
			t.Fatalf("%q reads as %s", s, d)
		}
		if again, err := ParseDecimal(d.String()); err != nil || again != d {
			t.Fatalf("%q prints as %q, which reads as %s (%v)", s, d, again, err)
		}
	})
}
