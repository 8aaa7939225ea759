package enforce_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/world"
	"agentrisk/capabilities/lint/facts"
	"agentrisk/internal/source"
)

// TestEveryPlanIsFoundAgain: what a run keeps of its capability leads to the same plan
// again, for the first and the last flow of every real document and page. Otherwise a
// run that waits could not go on.
func TestEveryPlanIsFoundAgain(t *testing.T) {
	b := setup(t)
	plans := 0
	for _, folder := range []string{shared(t, "data/capabilities"), shared(t, "data/arazzo"), shared(t, "seeds"), filepath.Join("..", "..", "testdata", "capabilities")} {
		reader := capabilities.NewReader(os.DirFS(folder), capabilities.Options{})
		for _, name := range filesOf(t, folder, ".yaml", ".yml", ".md", ".txt", ".json") {
			docs, err := reader.Read(name)
			if err != nil {
				continue // of another kind
			}
			for _, doc := range docs {
				names := append([]string{""}, slices.Sorted(maps.Keys(flowsOf(t, doc)))...)
				for _, flow := range []string{names[0], names[len(names)-1]} {
					p, err := b.Compile(doc, flow)
					if err != nil {
						continue
					}
					plans++
					again, err := b.FindAgain(p, folder)
					if err != nil || again.Digest() != p.Digest() {
						t.Errorf("%s, document %d, flow %q: %v", name, doc.Index, flow, err)
					}
				}
			}
		}
	}
	if t.Logf("%d plans", plans); plans < 500 {
		t.Error("too few")
	}
}

// TestHeldPlansAreFoundAgain: a file may hold several capabilities, some of them as
// text.
func TestHeldPlansAreFoundAgain(t *testing.T) {
	const one = "name: One\nspecification: Naftiko Capability Composition\nproviderId: hr\nsteps:\n  - {id: a, operation: drop_record}\n"
	const two = one + "  - {id: b, operation: get_record}\n"
	inside := func(text string) string { return "    " + strings.ReplaceAll(text, "\n", "\n    ") + "\n" }
	held := "apiVersion: v1\nkind: ConfigMap\ndata:\n  a.yaml: |\n" + inside(one) + "  b.yaml: |\n" + inside(two)
	b := setup(t)
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"page.md":  {"# Two\n\n```yaml\n" + one + "```\n\nand\n\n```yaml\n" + two + "```\n", 2},
		"two.yaml": {one + "---\n" + two, 2}, "map.yaml": {held, 2}, "mixed.yaml": {one + "---\n" + held, 3}, "same.yaml": {one + "---\n" + one, 2},
	} {
		file, err := source.NewFile(name, []byte(c.text), source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		docs := capabilities.NewReader(nil, capabilities.Options{}).ReadFile(file)
		if len(docs) != c.want {
			t.Errorf("%s: %d documents, want %d", name, len(docs), c.want)
		}
		for _, doc := range docs {
			p, err := b.Compile(doc, "")
			if err != nil {
				t.Fatal(err)
			}
			again, err := b.FindAgain(p, "")
			if err != nil || again.Digest() != p.Digest() || len(again.Steps) != len(p.Steps) {
				t.Errorf("%s, document %d: %v", name, doc.Index, err)
			}
		}
	}
}

// flowsOf is what the flows of a document may go by, and their ids.
func flowsOf(t *testing.T, doc *capabilities.Document) map[string]string {
	t.Helper()
	known, err := effects.New()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, f := range facts.Of(doc, classifier{known.In(doc)}).Flows {
		names[f.ID] = f.ID
		if f.Entry != nil && f.Entry.Adapter != nil {
			names[f.Entry.Adapter.Name+"/"+f.ID] = f.ID
		}
	}
	return names
}

type classifier struct{ *effects.InDocument }

func (c classifier) Entry(e *capabilities.Exposed) effects.Result { return c.Exposed(e) }

// TestImportedFileChanges: what a run imports is read again when it goes on, and what
// somebody approved is not done with another file than the one they saw.
func TestImportedFileChanges(t *testing.T) {
	const text = "naftiko: 1.0.0-alpha2\ncapability:\n  consumes:\n    - {import: hr, location: ./shared.yaml}\n  exposes:\n" +
		"    - {type: mcp, namespace: tools, port: 1, tools: [{name: drop, description: Deletes a record., call: hr.drop}]}\n"
	shared := func(path string) string {
		return "naftiko: 1.0.0-alpha2\nconsumes: [{type: http, namespace: hr, baseUri: 'https://hr.example', resources: [{name: r, path: " + path +
			", operations: [{name: drop, method: DELETE}]}]}]"
	}
	for name, c := range map[string]struct {
		change func(folder string) error
		want   enforce.Outcome
	}{
		"as it was": {func(string) error { return nil }, enforce.Completed},
		"changed": {func(folder string) error {
			return os.WriteFile(filepath.Join(folder, "shared.yaml"), []byte(shared("/everything")), 0o600)
		}, enforce.Failed},
		"gone":  {func(folder string) error { return os.Remove(filepath.Join(folder, "shared.yaml")) }, enforce.Failed},
		"moved": {os.RemoveAll, enforce.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			b.tenant("lakeside", func(t *world.Tenant) {
				asking(t)
				t.Egress = append(t.Egress, "hr.example")
			})
			folder := t.TempDir()
			for name, text := range map[string]string{"a.yaml": text, "shared.yaml": shared("/record")} {
				if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			docs, err := capabilities.NewReader(os.DirFS(folder), capabilities.Options{}).Read("a.yaml")
			if err != nil {
				t.Fatal(err)
			}
			p, err := b.Compile(docs[0], "")
			if err != nil {
				t.Fatal(err)
			}
			report := b.start(p, request("user_amara", func(r *enforce.Request) { r.Inputs, r.Folder = nil, folder }))
			if report.Outcome != enforce.Waiting {
				t.Fatalf("%s: %s %+v", report.Outcome, report.Reason, report.Steps)
			}
			if err := b.decide(report, "user_chidi", true); err != nil {
				t.Fatal(err)
			}
			if err := c.change(folder); err != nil {
				t.Fatal(err)
			}
			report, err = b.Resume(ctx, "lakeside", report.Run)
			if err != nil || report.Outcome != c.want {
				t.Errorf("%v, %+v", err, report)
			}
		})
	}
}
