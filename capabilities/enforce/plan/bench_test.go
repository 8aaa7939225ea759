package plan

import "testing"

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
