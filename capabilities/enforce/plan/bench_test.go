package plan

import (
	"strconv"
	"testing"
)

func BenchmarkCompile(b *testing.B) {
	doc := read(b, "testdata", "borrowed-key.yaml")[0]
	offered := service()
	for b.Loop() {
		if _, err := Compile(doc, "", Options{Operations: offered}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHolds(b *testing.B) {
	n, err := parseExpression("$statusCode == 200 && steps.check.allowed == false && five < 9", true, anything)
	if err != nil {
		b.Fatal(err)
	}
	given, c := env(b), Condition{node: n}
	for b.Loop() {
		if holds, err := c.Holds(given); !holds || err != nil {
			b.Fatal(holds, err)
		}
	}
}

// BenchmarkQuery judges a filter over lists of two sizes: the time of each item
// stays the same.
func BenchmarkQuery(b *testing.B) {
	for _, size := range []int{1000, 100_000} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			list := make([]any, size)
			for i := range list {
				list[i] = map[string]any{"id": "x", "tags": []any{"a", "b"}}
			}
			n, _, err := queried("count($[?@.id == $inputs.word || @.tags[?@ == 'c']]) == 0", newNode(node{kind: kBody, name: "own"}))
			if err != nil {
				b.Fatal(err)
			}
			given := Env{Inputs: map[string]any{"word": "moss"}, Steps: map[string]Result{"own": {Known: true, Body: list}}}
			for b.Loop() {
				if holds, err := (Condition{node: n}).Holds(given); !holds || err != nil {
					b.Fatal(holds, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/item")
		})
	}
}
