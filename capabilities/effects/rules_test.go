package effects

import (
	"path/filepath"
	"strings"
	"testing"

	"agentrisk/internal/source"
)

func node(t *testing.T, name string) source.Node {
	t.Helper()
	root, err := embedded(name)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// Each entry has an id of its own and a source, and each word stands once.
func TestLexiconIsWellFormed(t *testing.T) {
	root := node(t, "lexicon.yaml")
	ids := map[string]bool{}
	for _, list := range []string{"verbs", "nouns", "contexts"} {
		words := map[string]string{}
		for _, entry := range root.Get(list).Items() {
			id := entry.Get("id").Text()
			if id == "" || ids[id] || entry.Get("source").Text() == "" {
				t.Errorf("%s: entry %q needs an id of its own and a source", entry.Location(), id)
			}
			ids[id] = true
			for _, key := range []string{"sure", "strong", "lead", "weak", "words", "phrases"} {
				list := strings.FieldsSeq(entry.Get(key).Text())
				if key == "phrases" {
					list = phrases(entry.Get(key))
				}
				for w := range list {
					if other := words[w]; other != "" {
						t.Errorf("%s: %q stands in %s already", entry.Location(), w, other)
					}
					words[w] = id
				}
			}
		}
	}
}

func TestRulesAreWellFormed(t *testing.T) {
	root := node(t, "rules.yaml")
	lexicon := node(t, "lexicon.yaml")
	classes, domains := map[string]bool{}, map[string]bool{}
	for _, e := range lexicon.Get("verbs").Items() {
		classes[e.Get("class").Text()] = true
	}
	for _, e := range lexicon.Get("nouns").Items() {
		domains[e.Get("domain").Text()] = true
	}
	for _, made := range []domain{noNoun, unknownNoun, "secret-value", "queue-message"} {
		domains[string(made)] = true
	}
	ids, used := map[string]bool{}, map[string]bool{}
	for _, list := range []string{"effects", "controls"} {
		for _, r := range root.Get(list).Items() {
			id := r.Get("id").Text()
			if id == "" || ids[id] || r.Get("source").Text() == "" {
				t.Errorf("%s: rule %q needs an id of its own and a source", r.Location(), id)
			}
			ids[id] = true
			checkNames(t, r, classes, domains, used)
		}
	}
	for name := range root.Get("concepts").Pairs() {
		if !used[name.Text()] {
			t.Errorf("%s: no rule uses the concept %s", name.Location(), name.Text())
		}
	}
}

func checkNames(t *testing.T, r source.Node, classes, domains, used map[string]bool) {
	t.Helper()
	for _, c := range r.Get("verbs").Items() {
		if !classes[c.Text()] {
			t.Errorf("%s: no verb has the class %s", c.Location(), c.Text())
		}
	}
	for _, d := range r.Get("nouns").Items() {
		if !domains[d.Text()] {
			t.Errorf("%s: no noun has the domain %s", d.Location(), d.Text())
		}
	}
	for _, key := range []string{"verb", "with", "without", "provider"} {
		for _, c := range r.Get(key).Items() {
			for _, one := range strings.Split(c.Text(), "|") {
				used[one] = true
				if class, ok := strings.CutPrefix(one, "class:"); ok && !classes[class] {
					t.Errorf("%s: no verb has the class %s", c.Location(), class)
				}
			}
		}
	}
}

// Each rule decides at least one of our fixtures, so that none is there in vain.
func TestEveryRuleIsNeeded(t *testing.T) {
	c := bareClassifier(t)
	fired := map[string]bool{}
	for _, name := range fixtures {
		for _, it := range items(t, filepath.Join("testdata", name)) {
			for _, id := range rules(c.Classify(it.op)) {
				fired[id] = true
			}
		}
	}
	root := node(t, "rules.yaml")
	for _, list := range []string{"effects", "controls"} {
		for _, r := range root.Get(list).Items() {
			if id := r.Get("id").Text(); !fired[id] {
				t.Errorf("%s: rule %s decides no fixture", r.Location(), id)
			}
		}
	}
}
