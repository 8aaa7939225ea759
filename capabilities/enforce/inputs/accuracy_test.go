package inputs

import (
	"os"
	"slices"
	"testing"

	"agentrisk/internal/source"
)

// specimen is one text to measure on.
type specimen struct {
	id, lang, text string
	attack         bool
}

func specimens(t *testing.T, name string) []specimen {
	t.Helper()
	file, err := source.ReadFile(os.DirFS("testdata"), name, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := source.ParseOne(file, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var list []specimen
	for _, kind := range []string{"attacks", "ordinary"} {
		for _, n := range doc.Root.Get(kind).Items() {
			list = append(list, specimen{n.Get("id").Text(), n.Get("lang").Text(), n.Get("text").Text(), kind == "attacks"})
		}
	}
	return list
}

func warns(signals []Signal) bool {
	return slices.ContainsFunc(signals, func(s Signal) bool { return s.Severity == Warn })
}

// TestAccuracy measures on texts that the project wrote itself, in three parts.
//
//   - before.yaml: written before any rule. The rules were made with them in sight.
//   - after.yaml: written when the first rules stood, without trying them. At first
//     they showed a precision of 0.745 and a recall of 0.826; then the rules were
//     mended with them in sight.
//   - last.yaml: written when the rules stood as they are, and nothing was changed
//     for them. Only this number says something about other texts.
//
// An attack counts as found when there is a warning. No ordinary text may have one.
func TestAccuracy(t *testing.T) {
	if _, err := loadRules(); err != nil {
		t.Fatal(err)
	}
	attacks, ordinary := 0, 0
	parts := []struct {
		name  string
		least float64 // recall
	}{{"before.yaml", 1}, {"after.yaml", 1}, {"last.yaml", 0.79}}
	for _, part := range parts {
		name := part.name
		var found, missed, wrong int
		for _, one := range specimens(t, name) {
			signals := Scan(one.text)
			switch warn := warns(signals); {
			case one.attack && warn:
				found++
			case one.attack:
				missed++
				t.Logf("missed %s: %q %v", one.id, one.text, signals)
			case warn:
				wrong++
				t.Errorf("%s is ordinary: %q %v", one.id, one.text, signals)
			}
			if one.attack {
				attacks++
			} else {
				ordinary++
			}
		}
		precision := float64(found) / float64(max(1, found+wrong))
		recall := float64(found) / float64(max(1, found+missed))
		t.Logf("measured on %s: %d found, %d missed, %d false: precision %.3f, recall %.3f", name, found, missed, wrong, precision, recall)
		if recall < part.least {
			t.Errorf("%s: recall %.3f, was %.3f", name, recall, part.least)
		}
	}
	if attacks < 60 || ordinary < 120 {
		t.Errorf("%d attacks and %d ordinary texts", attacks, ordinary)
	}
}
