package inputs

import (
	"os"
	"slices"
	"strings"
	"testing"

	"agentrisk/internal/source"
)

func rulesFile(t *testing.T) source.Node {
	t.Helper()
	doc, err := embeddedRules()
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root
}

// TestRulesFindTheirTexts: every rule has an id, a source, words for people, and
// texts that show it; one without texts is shown by another test.
func TestRulesFindTheirTexts(t *testing.T) {
	texts := map[string]string{}
	for _, one := range append(specimens(t, "before.yaml"), specimens(t, "after.yaml")...) {
		if _, twice := texts[one.id]; twice {
			t.Errorf("two texts are %s", one.id)
		}
		texts[one.id] = one.text
	}
	for _, n := range rulesFile(t).Get("rules").Items() {
		id := n.Get("id").Text()
		for _, field := range []string{"says", "means", "source", "harmless"} {
			if n.Get(field).Text() == "" {
				t.Errorf("%s has no %s", id, field)
			}
		}
		if n.Get("texts").Len() == 0 && id != Incomplete && id != idSize {
			t.Errorf("%s names no texts", id)
		}
		for _, name := range n.Get("texts").Items() {
			text, ok := texts[name.Text()]
			if !ok {
				t.Errorf("%s names %s, which does not exist", id, name.Text())
			}
			if !slices.ContainsFunc(Scan(text), func(s Signal) bool { return s.ID == id }) {
				t.Errorf("%s does not find %s: %v", id, name.Text(), Scan(text))
			}
		}
	}
}

// TestRulesInCodeExist: what the code reports stands in the data.
func TestRulesInCodeExist(t *testing.T) {
	r, err := loadRules()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{Incomplete, idEncoded, idHidden, idDirection, idInvisible, idTags, idSelectors, idControls, idMixed, idSize} {
		if !slices.ContainsFunc(r.list, func(one *rule) bool { return one.id == id }) {
			t.Errorf("%s is not in rules.yaml", id)
		}
	}
}

// TestSymbolsFit: no word of the rules is more words of the rules than are looked
// at.
func TestSymbolsFit(t *testing.T) {
	r, err := loadRules()
	if err != nil {
		t.Fatal(err)
	}
	for word := range r.words {
		var s symbols
		if r.lookup([]byte(word), &s); s.n == len(s.ids) {
			t.Errorf("%q fills all symbols", word)
		}
	}
	for word := range r.prefixes {
		var s symbols
		if r.lookup([]byte(word), &s); s.n == len(s.ids) {
			t.Errorf("%q fills all symbols", word)
		}
	}
}

// TestNeedsAreInThePattern: what a pattern is looked up by occurs in each text that
// it finds, or it would be passed over.
func TestNeedsAreInThePattern(t *testing.T) {
	r, err := loadRules()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"before.yaml", "after.yaml", "last.yaml"} {
		for _, one := range specimens(t, name) {
			text := r.clean(one.text)
			for _, p := range r.patterns {
				if p.re.MatchString(text) && !p.worthwhile(strings.ToLower(text)) {
					t.Errorf("%s: %s matches and is not tried", one.id, p.re)
				}
			}
		}
	}
}

// TestRulesInTheGuide: the guide names every rule.
func TestRulesInTheGuide(t *testing.T) {
	text, err := os.ReadFile("../../../docs/runtime/inputs.md")
	if err != nil {
		t.Fatal(err)
	}
	r, err := loadRules()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range r.list {
		if !strings.Contains(string(text), "| "+one.id+" |") {
			t.Errorf("docs/runtime/inputs.md does not name %s", one.id)
		}
	}
}
