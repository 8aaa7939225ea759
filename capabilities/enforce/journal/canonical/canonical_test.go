package canonical_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"agentrisk/capabilities/enforce/journal/canonical"
)

func TestOneSpelling(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"members by key", `{"b":1, "a" : [true,null,"x"]}`, `{"a":[true,null,"x"],"b":1}`},
		{"numbers", `[1.0, 1e2, -0, 0.1, 1e21, 1e-7, 0.000001, 100000000000000000000, -1.50]`, `[1,100,0,0.1,1e+21,1e-7,0.000001,100000000000000000000,-1.5]`},
		{"escapes become characters", `"\u0041\u00e9\u20AC\/"`, `"Aé€/"`},
		{"controls stay escaped", `"\u0000\u001f\n\t\b\f\r\"\\"`, `"\u0000\u001f\n\t\b\f\r\"\\"`},
		{"surrogate pairs", `"\ud83d\ude00"`, `"😀"`},
		// U+1F600 is d83d de00 in UTF-16 and sorts before U+FB33, unlike in UTF-8.
		{"keys by UTF-16", `{"\ufb33":1,"\ud83d\ude00":2,"\u20ac":3,"1":4}`, "{\"1\":4,\"\u20ac\":3,\"\U0001f600\":2,\"\ufb33\":1}"},
		{"largest exact integer", `9007199254740991`, `9007199254740991`},
		{"exact beyond 2^53", `9007199254740994`, `9007199254740994`},
		{"nothing inside", `{"a":{},"b":[]}`, `{"a":{},"b":[]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := canonical.Parse([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestRefusedTexts(t *testing.T) {
	deep := strings.Repeat("[", canonical.MaxDepth+2) + strings.Repeat("]", canonical.MaxDepth+2)
	for _, tt := range []struct{ name, in, want string }{
		{"a key twice", "{\"a\":1,\n \"a\":2}", `line 2, column 4: the key "a" stands twice`},
		{"a key twice in two spellings", `{"a":1,"\u0061":2}`, "stands twice"},
		{"two numbers with one double", `{"id":9007199254740993}`, "more digits than can be held exactly"},
		{"too many digits", `0.1000000000000000000001`, "more digits"},
		{"too large", `1e400`, "out of range"},
		{"too small", `1e-400`, "too small"},
		{"lone surrogate", `"\ud800"`, "half of a surrogate pair"},
		{"low surrogate first", `"\ude00\ud83d"`, "half of a surrogate pair"},
		{"high before something else", `"\ud83dx\ude00"`, "half of a surrogate pair"},
		{"not UTF-8", "\"\xff\"", "not UTF-8"},
		{"two values", `1 2`, "not JSON"},
		{"nothing", ``, "not JSON"},
		{"a comment", `{"a":1} // b`, "not JSON"},
		{"too deep", deep, "levels deep"},
		{"too long", `"` + strings.Repeat("a", canonical.MaxBytes) + `"`, "more than 1048576 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := canonical.Parse([]byte(tt.in))
			var typed *canonical.Error
			if !errors.As(err, &typed) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an Error with %q", err, tt.want)
			}
		})
	}
}

func TestMarshalTakesPlainValuesOnly(t *testing.T) {
	type token struct{ Value string }
	for name, v := range map[string]any{
		"struct":           token{"x"},
		"pointer":          &token{"x"},
		"bytes":            []byte("x"),
		"secret":           canonical.Hide("x"),
		"secret inside":    map[string]any{"a": []any{canonical.Hide("x")}},
		"pointer to one":   map[string]any{"a": new(canonical.Secret)},
		"marshaller":       json.RawMessage(`1`),
		"not a number":     math.NaN(),
		"infinite":         math.Inf(1),
		"imprecise":        int64(math.MaxInt64),
		"bad number":       json.Number("0x10"),
		"number with rest": json.Number("1 "),
		"bad text":         "\xff",
		"bad key":          map[string]any{"\xff": 1},
	} {
		if got, err := canonical.Marshal(v); err == nil {
			t.Errorf("%s: recorded as %s", name, got)
		}
	}
	got, err := canonical.Marshal(map[string]any{"n": 3, "f": 0.5, "s": []string{"a"}, "u": uint64(7), "m": map[string]string{"k": "v"}, "j": canonical.JSON{}})
	if err != nil || got.String() != `{"f":0.5,"j":null,"m":{"k":"v"},"n":3,"s":["a"],"u":7}` {
		t.Errorf("got %s, %v", got, err)
	}
}

// Values: parsing the canonical text again changes nothing, and it means what
// the standard library reads in the input.
func TestParseIsStable(t *testing.T) {
	value := rapid.Custom(func(t *rapid.T) any { return drawValue(t, 3) })
	rapid.Check(t, func(t *rapid.T) {
		first, err := canonical.Marshal(value.Draw(t, "value"))
		if err != nil {
			t.Fatal(err)
		}
		again, err := canonical.Parse(first.Bytes())
		if err != nil || again != first {
			t.Fatalf("%s became %s, %v", first, again, err)
		}
		indented, err := json.MarshalIndent(json.RawMessage(first.Bytes()), "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if again, err = canonical.Parse(indented); err != nil || again.Hash() != first.Hash() {
			t.Fatalf("%s, indented, became %s, %v", first, again, err)
		}
	})
}

func drawValue(t *rapid.T, depth int) any {
	kinds := 4
	if depth > 0 {
		kinds = 6
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Bool().Draw(t, "bool")
	case 2:
		return rapid.String().Draw(t, "text")
	case 3:
		return rapid.Float64().Draw(t, "number")
	case 4:
		items := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			items = append(items, drawValue(t, depth-1))
		}
		return items
	}
	members := map[string]any{}
	for range rapid.IntRange(0, 3).Draw(t, "members") {
		members[rapid.String().Draw(t, "key")] = drawValue(t, depth-1)
	}
	return members
}

// Numbers are spelled as the standard library's JSON encoder, which also follows
// ECMAScript, spells them.
func TestNumbersAgreeWithTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64().Filter(func(f float64) bool { return f != 0 }).Draw(t, "f")
		want, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := canonical.Marshal(f)
		if err != nil || got.String() != string(want) {
			t.Fatalf("%v: got %s, %v, want %s", f, got, err, want)
		}
	})
}

func TestSumTellsListsApart(t *testing.T) {
	seen := map[string][]string{}
	for _, parts := range [][]string{{}, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"1:a"}, {"a1:b"}, {"b", "a"}} {
		sum := canonical.Sum(parts...)
		if other, ok := seen[sum]; ok {
			t.Errorf("%q and %q share a hash", parts, other)
		}
		seen[sum] = parts
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5,"x",null,true]}`, `"\ud83d\ude00"`, `"\ud800"`, `1e400`, `{"a":1,"a":2}`, `9007199254740993`, "\"\xff\"", `-0.0e-0`, `[[[[`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if json.Valid(data) {
			whole, tokens, sound, err := canonical.BothWays(data)
			if sound != (err == nil) || sound && !reflect.DeepEqual(whole, tokens) {
				t.Fatalf("%q at once: %v %v; token by token: %v %v", data, whole, sound, tokens, err)
			}
		}
		got, err := canonical.Parse(data)
		if err != nil {
			if !json.Valid(data) {
				return
			}
			var typed *canonical.Error
			if !errors.As(err, &typed) {
				t.Fatalf("untyped error %T", err)
			}
			return
		}
		var want, have any
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatalf("accepted %q, which the standard library refuses: %v", data, err)
		}
		if err := json.Unmarshal(got.Bytes(), &have); err != nil || !reflect.DeepEqual(want, have) {
			t.Fatalf("%q became %s, which means something else", data, got)
		}
		if again, err := canonical.Parse(got.Bytes()); err != nil || again != got {
			t.Fatalf("%s is not stable: %s, %v", got, again, err)
		}
	})
}

// TestPlain: a value is the same as when it comes back from its text.
func TestPlain(t *testing.T) {
	type inner struct {
		N float64 `json:"n"`
		T string  `json:"t,omitempty"`
	}
	for _, in := range []any{
		nil, true, "text \xff", 1, 1.0, 1e21, 1e-7, json.Number("1.0"), json.Number("-0"), json.Number("100e-2"), []byte("ab"),
		map[string]any{"a": []any{inner{2, ""}, map[string]int{"b": 3}}, "z": json.RawMessage(`{"y": 10.50}`)},
	} {
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := canonical.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := canonical.Plain(in); err != nil || !reflect.DeepEqual(got, parsed.Value()) {
			t.Errorf("%s: %#v, %v, want %#v", text, got, err, parsed.Value())
		}
	}
	for _, in := range []any{make(chan int), json.Number("1e400"), json.RawMessage(`{"a":1,"a":2}`), map[float64]int{}} {
		if got, err := canonical.Plain(in); err == nil {
			t.Errorf("%v became %v", in, got)
		}
	}
}

// TestSharesNoKey: a key that stands twice is found however deep it stands, and
// whatever the texts around it look like.
func TestSharesNoKey(t *testing.T) {
	for _, in := range []string{
		`{"a":1,"a":1}`, `{"a:b":1,"c":{"d":":","d":2}}`, `[{"x\":":1},{"y":[{"z":0,"z":0}]}]`, `{"\\":1,"\\":2}`, `{"a":{"b":1},"a":{"b":1,"c":2}}`,
	} {
		if v, err := canonical.Parse([]byte(in)); err == nil {
			t.Errorf("%s: read as %s", in, v)
		}
	}
	for _, in := range []string{`{"a:b":":","c\":":{"d":"\\"},"e":[":"]}`, `{"":{"":{}}}`} {
		if v, err := canonical.Parse([]byte(in)); err != nil || v.String() != in {
			t.Errorf("%s: %v, %s", in, err, v)
		}
	}
}
