package plan

import (
	"context"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"agentrisk/capabilities/lint"
)

// TestNeedsAreLints: of every labelled document, the needs of each step of a plan
// are those of lint's matrix.
func TestNeedsAreLints(t *testing.T) {
	linter, err := lint.New(lint.Config{Profile: lint.Audit, Today: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	compared, refused := 0, 0
	for name, root := range labelled(t) {
		for _, doc := range read(t, root, name) {
			rows := map[[2]string]lint.StepResult{}
			flows := map[string]bool{}
			for _, row := range linter.Lint(context.Background(), read(t, root, name)).Steps {
				rows[[2]string{row.Flow, row.Step}] = row
				flows[row.Flow] = true
			}
			for flow := range flows {
				p, err := Compile(doc, flow, Options{})
				var refusal *Refusal
				if errors.As(err, &refusal) {
					refused++
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range p.Steps {
					row, ok := rows[[2]string{flow, s.ID}]
					if !ok {
						continue // of a flow that this one runs
					}
					compared++
					for _, pair := range [][2]string{
						{s.Needs.Authentication.State, string(row.Needs.Authentication)}, {s.Needs.Authorization.State, string(row.Needs.Authorization)},
						{s.Needs.Approval.State, string(row.Needs.Approval)}, {s.Needs.Audit.State, string(row.Needs.Audit)},
						{string(s.Operation.Effect), row.Effect}, {string(s.Control), row.Control},
					} {
						if pair[0] != pair[1] && (s.Kind == Call || pair[0] != "") {
							t.Errorf("%s %s %s: %q in the plan, %q of lint", name, flow, s.ID, pair[0], pair[1])
						}
					}
				}
			}
		}
	}
	t.Logf("%d steps compared; %d flows refused", compared, refused)
	if compared < 100 {
		t.Errorf("only %d steps compared", compared)
	}
}

// labelled lists the documents with labels and the folder of each.
func labelled(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(shared(t), "data/labels/steps.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, row := range rows[1:] {
		out[row[0]] = filepath.Join(shared(t), "data/capabilities")
		if _, err := fs.Stat(os.DirFS(out[row[0]]), row[0]); err != nil {
			out[row[0]] = filepath.Join(shared(t), "data/arazzo")
		}
	}
	return out
}
