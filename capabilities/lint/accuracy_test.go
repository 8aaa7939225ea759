package lint

import (
	"context"
	"encoding/csv"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type stepKey struct{ doc, flow, step string }

// labelled lints every document that has labels and returns its rows.
func labelled(t *testing.T, rows [][]string) map[stepKey]StepResult {
	t.Helper()
	l := newLinter(t, Config{Profile: Audit})
	out := map[stepKey]StepResult{}
	var seen []string
	for _, row := range rows {
		doc := row[0]
		if slices.Contains(seen, doc) {
			continue
		}
		seen = append(seen, doc)
		root := filepath.Join(shared(t), "data/capabilities")
		if _, err := fs.Stat(os.DirFS(root), doc); err != nil {
			root = filepath.Join(shared(t), "data/arazzo")
		}
		for _, s := range l.Lint(context.Background(), readShared(t, root, doc)).Steps {
			out[stepKey{doc, s.Flow, s.Step}] = s
		}
	}
	return out
}

func labels(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join(shared(t), "data/labels", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// TestStepsAccuracy: effects and controls of labelled steps, through reading,
// classifying and linting.
func TestStepsAccuracy(t *testing.T) {
	rows := labels(t, "steps.csv")
	got := labelled(t, rows)
	right := 0
	for _, row := range rows {
		s, ok := got[stepKey{row[0], row[1], row[2]}]
		switch {
		case !ok:
			t.Logf("no row for %v", row)
		case one(row[3], s.Effect) && one(row[4], s.Control):
			right++
		default:
			t.Logf("%v: %s, %s by %s", row, s.Effect, s.Control, s.Basis)
		}
	}
	share := float64(right) / float64(len(rows))
	t.Logf("effect and control exact: %d of %d, %.3f", right, len(rows), share)
	if share < 0.92 {
		t.Errorf("%.3f is below 0.92", share)
	}
}

func one(labels, got string) bool { return slices.Contains(strings.Split(labels, "|"), got) }

// missingOf writes what a row lacks as the labels do.
func missingOf(s StepResult) map[string]bool {
	out := map[string]bool{}
	for name, state := range map[string]State{"authentication": s.Needs.Authentication, "authorization": s.Needs.Authorization,
		"approval": s.Needs.Approval, "audit": s.Needs.Audit} {
		switch state {
		case Missing:
			out[name] = true
		case Late:
			out[name+"-late"] = true
		}
	}
	return out
}

// TestMissingAccuracy: the controls that labelled steps lack. What only one of
// the two raters gave counts neither for nor against.
func TestMissingAccuracy(t *testing.T) {
	steps, missing := labels(t, "steps.csv"), labels(t, "missing.csv")
	got := labelled(t, steps)
	want := map[stepKey]map[string]string{}
	for _, row := range missing {
		key := stepKey{row[0], row[1], row[2]}
		if want[key] == nil {
			want[key] = map[string]string{}
		}
		want[key][row[3]] = row[4]
	}
	var hit, extra, lost int
	for _, row := range steps {
		key := stepKey{row[0], row[1], row[2]}
		have := missingOf(got[key])
		for name := range have {
			switch want[key][name] {
			case "both":
				hit++
			case "":
				extra++
				t.Logf("%v lacks %s: not in the labels", key, name)
			}
		}
		for name, raters := range want[key] {
			if raters == "both" && !have[name] {
				lost++
				t.Logf("%v lacks %s: not found", key, name)
			}
		}
	}
	precision, recall := float64(hit)/float64(hit+extra), float64(hit)/float64(hit+lost)
	t.Logf("missing controls: precision %.3f, recall %.3f (%d right, %d too many, %d not found)", precision, recall, hit, extra, lost)
	if precision < 0.92 || recall < 0.92 {
		t.Error("precision and recall are to be 0.92 at least")
	}
}
