package capabilities

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"agentrisk/internal/source"
)

func readText(t testing.TB, name, text string) []*Document {
	t.Helper()
	f, err := source.NewFile(name, []byte(text), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return NewReader(nil, Options{}).ReadFile(f)
}

func TestDetect(t *testing.T) {
	for _, tt := range []struct {
		text string
		want Dialect
	}{
		{"specification: Naftiko Capability Composition", Composition},
		{"specification: Naftiko Capabilities", Registry},
		{"specification: Something Else\nsteps: []", AdHoc},
		{"naftiko: '0.5'", Naftiko},
		{"naftiko: 0.5", Naftiko},
		{"naftiko: 1.0.0-alpha3", Naftiko},
		{"naftiko: {version: x}\ntools: []", AdHoc},
		{"naftiko: {version: x}", Unspecified},
		{"ikanos: 1.0.0-beta5", Ikanos},
		{"arazzo: 1.0.1", Arazzo},
		{"apiVersion: naftiko.io/v1\nkind: Capability", Kubernetes},
		{"apiVersion: acme.example/v1\nkind: CapabilityWorkflow", Kubernetes},
		{"apiVersion: v1\nkind: ConfigMap", Unspecified},
		{"apiVersion: argoproj.io/v1alpha1\nkind: Workflow", Unspecified},
		{"steps: []", AdHoc},
		{"mcp: {tools: []}", AdHoc},
		{"jobs: {}", Unspecified},
		{"- steps", Unspecified},
		{"just text", Unspecified},
		{"", Unspecified},
	} {
		if docs := readText(t, "a.yaml", tt.text); docs[0].Dialect != tt.want || docs[0].Reason == "" {
			t.Errorf("%q: %s by %q, want %s", tt.text, docs[0].Dialect, docs[0].Reason, tt.want)
		}
	}
}

func TestDialectCanBeForced(t *testing.T) {
	f, err := source.NewFile("a.yaml", []byte("things: 1\nsteps: [{id: a}]"), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, dialect := range Dialects() {
		docs := NewReader(nil, Options{Dialect: dialect}).ReadFile(f)
		if docs[0].Dialect != dialect || docs[0].Reason != "asked for" {
			t.Errorf("%s: %s by %q", dialect, docs[0].Dialect, docs[0].Reason)
		}
	}
	list, err := source.NewFile("b.yaml", []byte("- a"), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	docs := NewReader(nil, Options{Dialect: Arazzo}).ReadFile(list)
	if docs[0].Dialect != Unspecified || len(docs[0].Problems) != 1 {
		t.Errorf("a list read as Arazzo: %s, %v", docs[0].Dialect, docs[0].Problems)
	}
}

// A link inside of the tree is followed, one that leads out is not, neither by
// its name nor as an import.
func TestLinksOutOfTheTreeAreRefused(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(dir, "outside.yaml")
	inside := filepath.Join(dir, "tree")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(outside, []byte("name: secret\noperations: [{id: leak}]"), 0o600))
	must(os.MkdirAll(filepath.Join(inside, "shared"), 0o700))
	must(os.WriteFile(filepath.Join(inside, "own.yaml"), []byte("name: own\noperations: [{id: fine}]"), 0o600))
	must(os.Symlink("own.yaml", filepath.Join(inside, "link.yaml")))
	must(os.Symlink("../outside.yaml", filepath.Join(inside, "out.yaml")))
	must(os.Symlink(outside, filepath.Join(inside, "absolute.yaml")))
	must(os.Symlink("../../outside.yaml", filepath.Join(inside, "shared", "beside.yaml")))
	must(os.WriteFile(filepath.Join(inside, "a.yaml"), []byte(`name: a
imports: [./link.yaml, ./out.yaml, ./absolute.yaml]
steps:
  - {id: x, operation: fine}
  - {id: y, capability: secret, operation: leak}
`), 0o600))
	r := NewReader(tree(t, inside), Options{})
	for _, name := range []string{"out.yaml", "absolute.yaml"} {
		docs, err := r.Read(name)
		var problem *source.Error
		if !errors.As(err, &problem) || problem.ID != "unreadable" {
			t.Errorf("%s: read %v, %v", name, docs, err)
		}
	}
	docs, err := r.Read("a.yaml")
	must(err)
	steps := docs[0].Flows[0].Steps
	if steps[0].Target.State != Resolved || steps[1].Target.State != Unread {
		t.Errorf("targets %+v, %+v", steps[0].Target, steps[1].Target)
	}
	for _, i := range docs[0].Imports[1:] {
		if i.Reason == "" {
			t.Errorf("%s was imported", i.Location)
		}
	}
}

func TestUnreadableFilesAreErrorsWithAPlace(t *testing.T) {
	files := fstest.MapFS{
		"binary.yaml": {Data: []byte("a: \x00")},
		"latin.yaml":  {Data: []byte("a: \xe9")},
		"dir/x.yaml":  {Data: []byte("a: 1")},
		"big.yaml":    {Data: []byte(strings.Repeat("a", 100))},
	}
	r := NewReader(files, Options{Limits: source.Limits{Bytes: 50}})
	for name, id := range map[string]string{"binary.yaml": "binary", "latin.yaml": "encoding", "dir": "unreadable",
		"big.yaml": "too-large", "none.yaml": "unreadable"} {
		_, err := r.Read(name)
		var problem *source.Error
		if !errors.As(err, &problem) || problem.ID != id || problem.At.File != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewReader(nil, Options{}).Read("a.yaml"); err == nil {
		t.Error("a reader without a tree read a file")
	}
}

// Many goroutines share one reader: each gets what one alone would get.
func TestReaderIsShared(t *testing.T) {
	files := tree(t, fixtures)
	names := fixtureFiles(t)
	want := make([]string, len(names))
	for i, name := range names {
		want[i] = dumped(t, NewReader(files, Options{}), name)
	}
	shared := NewReader(files, Options{})
	var wait sync.WaitGroup
	for range 4 {
		for i, name := range names {
			wait.Go(func() {
				if got := dumped(t, shared, name); got != want[i] {
					t.Errorf("%s: read otherwise by many", name)
				}
			})
		}
	}
	wait.Wait()
}

func dumped(t *testing.T, r *Reader, name string) string {
	docs, err := r.Read(name)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, d := range docs {
		dump(&b, d)
	}
	return b.String()
}

func TestImportsAreBounded(t *testing.T) {
	files := fstest.MapFS{}
	for i := range 200 { // each imports the next two: a tree without end
		files[fmt.Sprintf("f%d.yaml", i)] = &fstest.MapFile{Data: fmt.Appendf(nil,
			"name: f%d\nimports: [./f%d.yaml, ./f%d.yaml]\noperations: [{id: op%d}]", i, (i+1)%200, (i+2)%200, i)}
	}
	docs, err := NewReader(files, Options{}).Read("f0.yaml")
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, i := range docs[0].Imports {
		if strings.Contains(i.Reason, "more than") {
			refused++
		}
	}
	if len(docs[0].Consumes) > maxImports+1 || refused == 0 {
		t.Errorf("%d services, %d imports refused", len(docs[0].Consumes), refused)
	}
}

func TestImportsSayWhyNothingWasRead(t *testing.T) {
	files := fstest.MapFS{
		"a.yaml": {Data: []byte(`naftiko: 1.0.0-alpha2
capability:
  consumes:
    - {import: wether, location: ./shared.yaml}
    - {import: weather, location: ./broken.yaml}
    - {import: weather, location: 'https://x.example/y.yaml'}
    - {import: shared.yaml, as: all}
  exposes:
    - {type: mcp, namespace: t, port: 1, tools: [{name: a, description: b, call: wether.x}, {name: c, description: d, call: all.now}]}
`)},
		"shared.yaml": {Data: []byte("naftiko: 1.0.0-alpha2\nconsumes: [{type: http, namespace: weather, baseUri: 'https://w.example', resources: [{name: r, path: /r, operations: [{name: now, method: GET}]}]}]")},
		"broken.yaml": {Data: []byte("consumes: [")},
	}
	docs, err := NewReader(files, Options{}).Read("a.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d := docs[0]
	for i, want := range []string{`no "wether": did you mean "weather"?`, "could not be read", "another address", ""} {
		if got := d.Imports[i].Reason; !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("import %d: %q, want %q", i, got, want)
		}
	}
	if e := d.Exposes[0].Entries; e[0].Call.State != Unread || e[1].Call.State != Resolved {
		t.Errorf("calls %+v, %+v", e[0].Call, e[1].Call)
	}
}

func TestPages(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string // dialect and first line of each document
	}{
		{"none.md", "# Title\n\nNote: nothing here.\n", []string{"unknown 0"}},
		{"fence.md", "~~~\narazzo: 1.0.1\ninfo: {title: a, version: b}\n~~~\n", []string{"arazzo 2"}},
		{"indented.md", "1. Look:\n\n   ```yaml\n   naftiko: '0.5'\n   info: {label: x}\n   ```\n", []string{"naftiko 4"}},
		{"two.md", "```yaml\nikanos: a\n```\ntext\n```json\n{\"arazzo\": \"1.0.1\"}\n```\n", []string{"ikanos 2", "arazzo 6"}},
		{"open.md", "```yaml\nikanos: a\n", []string{"ikanos 2"}},
		{"header.md", "---\nname: Page\nsteps: [{id: a}]\n---\nWords: more words.\n", []string{"ad-hoc 2"}},
		{"broken.md", "```yaml\nnaftiko: 1.0.0-alpha2\ninfo:\n  label: 'x\n```\n", []string{"naftiko 2"}},
		{"workflow.md", "```yaml\njobs:\n  a:\n    steps: [{run: x}]\n```\n", []string{"unknown 0"}},
		{"snippet.md", "```yaml\nsteps:\n  - run: x\n```\n", []string{"unknown 0"}},
		{"shown.yaml", "A title\n\nname: x\nspecification: Naftiko Capabilities\ncapabilities: []\n\nThe end.\n", []string{"registry 3"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, d := range readText(t, tt.name, tt.text) {
				got = append(got, fmt.Sprintf("%s %d", d.Dialect, d.Root.Start().Line))
				if d.Dialect == Unspecified && len(d.Problems) == 0 {
					t.Error("a page without a capability is no problem")
				}
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// The page among the seeds shows a composition: it is read at its own places.
func TestSeedPage(t *testing.T) {
	dir := filepath.Join(filepath.Dir(sharedData(t, "labels")), "..", "seeds")
	names, err := filepath.Glob(filepath.Join(dir, "002_*"))
	if err != nil || len(names) != 1 {
		t.Fatalf("%v, %v", names, err)
	}
	docs, err := NewReader(tree(t, dir), Options{}).Read(filepath.Base(names[0]))
	if err != nil || len(docs) != 1 {
		t.Fatalf("%d documents, %v", len(docs), err)
	}
	d := docs[0]
	verdict, violations := Conform(d)
	if d.Dialect != Composition || verdict != Conforms || len(d.Problems)+len(d.Unknown) > 0 {
		t.Errorf("%s %s %v %v %v", d.Dialect, verdict, violations, d.Problems, d.Unknown)
	}
	var steps []string
	for _, s := range d.Flows[0].Steps {
		steps = append(steps, s.ID)
		line := d.File.Line(s.Location().Range.Start.Line)
		if !strings.Contains(line, "id: "+s.ID) {
			t.Errorf("step %s is said to stand in %q", s.ID, line)
		}
	}
	if got := strings.Join(steps, " "); got != "authenticate-user create-pipe validate-api-key authorize-action emit-audit-event" {
		t.Errorf("steps %s", got)
	}
	var sources []string
	for _, o := range d.Outputs {
		refs := References(o.Source)
		if len(refs) != 1 || d.Origin(d.Flows[0], refs[0]).Step == nil {
			t.Errorf("output %s comes from %v", o.Name, refs)
			continue
		}
		sources = append(sources, o.Name+"<"+d.Origin(d.Flows[0], refs[0]).Step.ID)
	}
	if got := strings.Join(sources, " "); got != "pipe_id<create-pipe api_key<create-pipe authorized<authorize-action" || len(d.Inputs) != 5 {
		t.Errorf("outputs %s, %d inputs", got, len(d.Inputs))
	}
}

func TestOrigin(t *testing.T) {
	docs := readText(t, "a.yaml", `naftiko: 1.0.0-alpha2
binds: [{namespace: env, keys: {TOKEN: token}}]
capability:
  exposes:
    - type: mcp
      namespace: tools
      tools:
        - name: t
          inputParameters: [{name: who}]
          steps:
            - {name: first, type: call, call: a.b}
            - {name: last, type: call, call: a.c}
`)
	d := docs[0]
	f := d.Flows[0]
	for text, want := range map[string]string{
		"{{who}}": "input who", "tools.who": "input who", "$this.tools.who": "input who",
		"tools.nobody": "input unbound", "{{TOKEN}}": "secret TOKEN", "{{env.TOKEN}}": "secret TOKEN",
		"{{first.id}}": "step first [id]", "$.first.id": "step first [id]", "$.id": "response [id]",
		"{{nothing}}": "name unbound", "plain.words": "name [words]", "${steps.other.x}": "step unbound [x]",
		"${steps.last.x}": "step last [x]", "${env.HOME}": "env", "{{item.a}}": "item [a]",
	} {
		refs := References(text)
		if len(refs) != 1 {
			t.Errorf("%s: %d references", text, len(refs))
			continue
		}
		o := d.Origin(f, refs[0])
		got := string(o.Root)
		switch {
		case o.Input != nil:
			got += " " + o.Input.Name
		case o.Key != nil:
			got += " " + o.Key.Name
		case o.Step != nil:
			got += " " + o.Step.Label()
		case o.Unbound:
			got += " unbound"
		}
		if len(o.Path) > 0 {
			got += fmt.Sprint(" ", o.Path)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestEdges(t *testing.T) {
	docs := readText(t, "a.yaml", `name: edges
steps:
  - {id: a, operation: x, on_failure: deny}
  - {id: b, operation: x, onFailure: d, onSuccess: [{when: b.ok == true, goto: d}]}
  - {id: c, operation: x, onError: {action: retry, retries: 3}, next: end}
  - id: d
    if: b.ok
    then: [{id: e, operation: x}]
    else: [{id: f, operation: x}]
  - {id: g, operation: x, onFailure: nowhere}
  - {id: h, operation: x, on_error: continue}
`)
	f := docs[0].Flows[0]
	var got []string
	for _, s := range f.Steps {
		var parts []string
		for _, e := range s.OnSuccess {
			parts = append(parts, edgeText(e))
		}
		parts = append(parts, "|")
		for _, e := range s.OnFailure {
			parts = append(parts, edgeText(e))
		}
		for _, c := range s.Conditions {
			parts = append(parts, fmt.Sprintf("if %s not %v", c.Text, c.Not))
		}
		got = append(got, s.ID+": "+strings.Join(parts, " "))
	}
	want := []string{
		`a: continue to b, stated false, 0 conditions, limit "" | end to the end, stated true, 0 conditions, limit ""`,
		`b: goto to d, stated true, 1 conditions, limit "" continue to c, stated false, 0 conditions, limit "" | goto to d, stated true, 0 conditions, limit ""`,
		`c: end to the end, stated true, 0 conditions, limit "" | retry to c, stated true, 0 conditions, limit "3"`,
		`d: continue to e, stated false, 0 conditions, limit "" | if b.ok not false`,
		`e: continue to f, stated false, 0 conditions, limit "" | if b.ok not false`,
		`f: continue to g, stated false, 0 conditions, limit "" | if b.ok not true`,
		`g: continue to h, stated false, 0 conditions, limit "" | goto to missing nowhere, stated true, 0 conditions, limit ""`,
		`h: end to the end, stated false, 0 conditions, limit "" | continue to the end, stated true, 0 conditions, limit ""`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Steps that wait for each other form no order; none is lost.
func TestDependenceInACircle(t *testing.T) {
	docs := readText(t, "a.yaml", "steps:\n- {id: a, dependsOn: [b]}\n- {id: b, dependsOn: a}\n- {id: c, needs: [missing]}\n")
	f := docs[0].Flows[0]
	if len(f.Entries) != 1 || f.Entries[0].ID != "c" || len(f.Steps) != 3 {
		t.Errorf("entries %v", f.Entries)
	}
	check(t, docs[0])
}
