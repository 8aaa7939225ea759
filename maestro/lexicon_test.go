package maestro

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"agentrisk/scoring/listing"
)

// slow finds patterns the plain way: each pattern, at each token, word by word.
func slow(l *lexicon, patterns map[string]reading, tokens []token) map[match]bool {
	out := map[match]bool{}
	for pattern, what := range patterns {
		parts := strings.Fields(pattern)
		for first := range tokens {
			best := -1
			var walk func(part, i int, literal uint32)
			walk = func(part, i int, literal uint32) {
				if part == len(parts) {
					if best < 0 || i-1 < best {
						best = i - 1
					}
					return
				}
				gap := parts[part] == ".."
				if gap {
					part++
				}
				words, _ := l.expand(parts[part])
				passed, skipped := 0, 0
				for at := i; at < len(tokens); at++ {
					if at > first && (tokens[at].gap == sentence || !gap && tokens[at].gap != joined) {
						return
					}
					if slices.Contains(words, tokens[at].word) {
						walk(part+1, at+1, literal|1<<(at-first))
					}
					skip := l.skips[tokens[at].word]
					if at == first && part == 0 {
						return
					}
					if !skip {
						passed++
					}
					skipped++
					if gap && (passed > maxGap || skipped >= 2*maxGap+1) || !gap && (!skip || skipped > maxSkip) {
						return
					}
				}
			}
			walk(0, first, 0)
			if best >= 0 {
				out[match{first: first, last: best, reading: what}] = true
			}
		}
	}
	return out
}

// The trie finds what a plain search finds, in texts made of the lexicon's own
// words, and nothing else.
func TestMatcherAgreesWithPlainSearch(t *testing.T) {
	m := builtin()
	patterns := map[string]reading{}
	var words []string
	entries := readYAML(t, "data/traits.yaml").Get("traits")
	for i, n := range entries.Items() {
		for _, p := range texts(n.Get("words")) {
			patterns[p] = reading{showsTrait, int16(i)}
		}
	}
	for w := range m.lexicon.words {
		words = append(words, w)
	}
	slices.Sort(words)
	lex := newLexicon()
	lex.named, lex.skips = m.lexicon.named, m.lexicon.skips
	for p, what := range patterns {
		if err := lex.add(p, what); err != nil {
			t.Fatal(err)
		}
	}
	list := make([]string, 0, len(patterns))
	for p := range patterns {
		list = append(list, p)
	}
	slices.Sort(list)
	random, matched := rand.New(rand.NewPCG(1, 2)), 0
	for range 60 {
		text := randomText(random, m.lexicon, list, words)
		tokens := tokenize(text, false)
		want := slow(lex, patterns, tokens)
		byMeaning := map[match]int{}
		for found := range want {
			key := match{first: found.first, reading: found.reading}
			if have, again := byMeaning[key]; !again || found.last < have {
				byMeaning[key] = found.last
			}
		}
		got := lex.find(tokens)
		matched += len(got)
		for _, g := range got {
			key := match{first: g.first, reading: g.reading}
			if last, ok := byMeaning[key]; !ok || last != g.last {
				t.Fatalf("in %q: %s from %d to %d, plain search to %d (%v)", text, m.traits[g.trait].id, g.first, g.last, last, ok)
			}
			delete(byMeaning, key)
		}
		for missed := range byMeaning {
			t.Fatalf("in %q: %s at %d is missed", text, m.traits[missed.trait].id, missed.first)
		}
	}
	if matched < 600 {
		t.Errorf("%d matches are too few to compare", matched)
	}
}

// randomText strings together pieces of patterns, other words, articles and
// punctuation.
func randomText(random *rand.Rand, l *lexicon, patterns, words []string) string {
	var b strings.Builder
	for range 30 {
		switch random.IntN(5) {
		case 0:
			b.WriteString(words[random.IntN(len(words))])
		case 1:
			b.WriteString([]string{"the", "any", ",", ".", "zebra", "and"}[random.IntN(6)])
		default:
			for _, part := range strings.Fields(patterns[random.IntN(len(patterns))]) {
				if part == ".." {
					part = []string{"", "zebra", "the zebra", "zebra, zebra zebra", "a b c d"}[random.IntN(5)]
				} else if options, err := l.expand(part); err == nil {
					part = options[random.IntN(len(options))]
				}
				b.WriteString(part + " ")
			}
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// No word of these is in the lexicon.
var bland = strings.Fields("apple river greets window happy lemon walks quickly garden tulip sings yellow velvet harbour cloudless marble quiet lantern drifts pebble meadow orchard swan copper fable")

func TestBlandWordsAreBland(t *testing.T) {
	for _, w := range bland {
		if len(builtin().lexicon.words[w]) > 0 {
			t.Errorf("%q is in the lexicon", w)
		}
	}
}

// A description without any words for a layer never maps it.
func TestNothingIsMappedByDefault(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(bland), 0, 60).Draw(t, "words"), " ")
		r := Assess(describe(text))
		for _, l := range r.Layers {
			if l.Status != listing.NotCertain || len(l.Evidence)+len(l.Threats) > 0 {
				t.Fatalf("%q makes %s %s", text, l.ID, l.Status)
			}
		}
		if len(r.Traits)+len(r.Chains) > 0 {
			t.Fatalf("%q has traits or chains", text)
		}
	})
}

// Removing the quoted evidence of a layer from a description unmaps the layer.
func TestRemovingTheWordsUnmaps(t *testing.T) {
	for _, j := range readJudged(t, "testdata/agents.yaml") {
		if len(j.agent.Tools) > 0 {
			continue
		}
		for i, l := range Assess(j.agent).Layers {
			text := j.agent.Description.Value
			for round := 0; l.Status == listing.Mapped; round++ {
				if round == 20 {
					t.Fatalf("%s: %s stays mapped: %q", j.agent.Name.Value, l.ID, text)
				}
				for _, e := range l.Evidence {
					if !strings.Contains(strings.Join(strings.Fields(j.agent.Description.Value), " "), e.Quote) {
						t.Fatalf("%s: evidence %q is not in the text", j.agent.Name.Value, e.Quote)
					}
					text = strings.ReplaceAll(text, e.Quote, "tulip")
				}
				l = Assess(describe(text)).Layers[i]
			}
		}
	}
}

// Words before, between and after do not take a trait away, and the same agent
// gives the same report.
func TestSurroundingsDoNotMatter(t *testing.T) {
	examples := []string{"It sends emails to customers.", "It runs shell commands.", "It uses RAG.", "Users log in with SSO."}
	ids := []string{"effect-message", "effect-execute", "retrieval", "authentication"}
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(ids)-1).Draw(t, "example")
		words := rapid.SliceOfN(rapid.SampledFrom(bland), 0, 20)
		text := strings.Join(words.Draw(t, "before"), " ") + ". " + examples[i] + " " + strings.Join(words.Draw(t, "after"), " ")
		if !hitOf(Assess(describe(text)), ids[i], Present) {
			t.Fatalf("%q does not show %s", text, ids[i])
		}
	})
}
