package effects

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// sane checks what holds for every operation, however strange.
func sane(t testing.TB, c *Classifier, op Operation) {
	t.Helper()
	r := c.Classify(op)
	if !r.Effect.Valid() || !r.Control.Valid() || r.Basis == "" || r.Confidence == "" || len(r.Evidence) == 0 {
		t.Fatalf("%+v: %+v", op, r)
	}
	if again := c.Classify(op); !reflect.DeepEqual(r, again) {
		t.Fatalf("%+v: %+v, then %+v", op, r, again)
	}
	if strings.EqualFold(op.Method, "DELETE") && r.Basis != ByCatalogue && r.Basis != ByDocument && r.Effect == Read {
		t.Fatalf("%+v: DELETE reads", op)
	}
}

func FuzzClassify(f *testing.F) {
	f.Add("createRefund", "acme", "POST", "/v1/refunds", "Creates a refund.")
	f.Add("updateemailtemplatewithid", "", "PUT", "/a/{id}:x", "")
	f.Add("$sourceDescriptions.a.b", "workos", "", "https://", "This tool")
	f.Add("{x}#/paths/~1a/get", "", "", "", "")
	f.Add("a_or_b", "", "BREW", "///", "or and or")
	c := newClassifier(f)
	f.Fuzz(func(t *testing.T, id, provider, method, path, description string) {
		sane(t, c, Operation{ID: id, Provider: provider, Method: method, Path: path, Description: description})
	})
}

var words = rapid.SampledFrom([]string{"get", "list", "create", "delete", "update", "send", "run", "approve", "check", "or", "by", "payment", "user", "role",
	"api", "key", "message", "job", "order", "frob", "policy", "audit", "log", "session", "deleted", "to", "all"})

func anyName(t *rapid.T) []string { return rapid.SliceOfN(words, 1, 6).Draw(t, "name") }

// A hint never lowers what is known without it, and destructive never lowers at all.
func TestHintsNeverLower(t *testing.T) {
	c := newClassifier(t)
	rapid.Check(t, func(t *rapid.T) {
		op := Operation{ID: strings.Join(anyName(t), "_"), Method: rapid.SampledFrom([]string{"", "GET", "POST", "PUT", "DELETE"}).Draw(t, "method")}
		bare := c.Classify(op)
		hint := rapid.Bool().Draw(t, "hint")
		op.Hints = Hints{ReadOnly: &hint}
		if rapid.Bool().Draw(t, "destructive") {
			op.Hints = Hints{Destructive: &hint}
		}
		told := c.Classify(op)
		if bare.Basis != ByUnknown && told.Effect.rank() > bare.Effect.rank() {
			t.Fatalf("%+v: %s without the hint, %s with it", op, bare.Effect, told.Effect)
		}
	})
}

// How the words of a name are joined does not matter.
func TestStyleDoesNotMatter(t *testing.T) {
	c := bareClassifier(t)
	rapid.Check(t, func(t *rapid.T) {
		name := anyName(t)
		snake := c.Classify(Operation{ID: strings.Join(name, "_")})
		camel := name[0]
		for _, w := range name[1:] {
			camel += strings.ToUpper(w[:1]) + w[1:]
		}
		for _, other := range []string{strings.Join(name, "-"), strings.Join(name, " "), camel, strings.ToUpper(camel[:1]) + camel[1:]} {
			if r := c.Classify(Operation{ID: other}); r.Effect != snake.Effect || r.Control != snake.Control {
				t.Fatalf("%v: %s/%s in snake case, %s/%s as %s", name, snake.Effect, snake.Control, r.Effect, r.Control, other)
			}
		}
	})
}

// GET is safe by definition: whatever the noun, it changes nothing unless the
// name itself begins with a verb that does.
func TestGetReads(t *testing.T) {
	c := bareClassifier(t)
	nouns := rapid.SampledFrom([]string{"payments", "users", "roles", "jobs", "orders", "messages", "policies", "logs"})
	rapid.Check(t, func(t *rapid.T) {
		noun := nouns.Draw(t, "noun")
		if r := c.Classify(Operation{ID: "list_" + noun, Method: "GET", Path: "/v1/" + noun}); r.Effect != Read || r.Control != None {
			t.Fatalf("%s: %+v", noun, r)
		}
	})
}

func BenchmarkClassify(b *testing.B) {
	c := newClassifier(b)
	for _, name := range []string{"operations.tsv", "squashed.tsv"} {
		list := items(b, filepath.Join("testdata", name))
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				c.Classify(list[i%len(list)].op)
			}
		})
	}
}

// What a process pays once: the lexicon, the rules and the catalogue.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := readLexicon(); err != nil {
			b.Fatal(err)
		}
		if _, err := readCatalogue(); err != nil {
			b.Fatal(err)
		}
	}
}
