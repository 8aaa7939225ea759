package effects

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"agentrisk/internal/source"
)

var update = flag.Bool("update", false, "write generated and golden files anew")

// compile turns the YAML files of the catalogue into the compact form that the
// package embeds.
func compile(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("catalogue/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no catalogue files: %v", err)
	}
	sort.Strings(files)
	var b strings.Builder
	b.WriteString("# Generated from catalogue/*.yaml by go test -run TestCatalogueIsCurrent -update. Do not edit.\n")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := source.NewFile(name, text, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		docs, err := source.Parse(file, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range docs {
			for _, problem := range doc.Problems {
				t.Error(problem)
			}
			compileProvider(t, &b, doc.Root)
		}
	}
	return b.String()
}

func compileProvider(t *testing.T, b *strings.Builder, root source.Node) {
	t.Helper()
	known := map[string]bool{"provider": true, "names": true, "source": true, "operations": true, "wrong": true}
	for key := range root.Pairs() {
		if !known[key.Text()] {
			t.Errorf("%s: unknown key %s", key.Location(), key.Text())
		}
	}
	provider := root.Get("provider").Text()
	if provider == "" || root.Get("source").Text() == "" {
		t.Errorf("%s: a catalogue file needs a provider and a source", root.Location())
	}
	var names []string
	for _, n := range root.Get("names").Items() {
		names = append(names, n.Text())
	}
	fmt.Fprintf(b, "%s\t%s\n", provider, strings.Join(names, " "))
	entries := map[string]Entry{}
	for _, op := range root.Get("operations").Items() {
		for _, e := range compileEntry(t, provider, op) {
			key := foldID(e.ID)
			if e.ID == "" {
				key = e.Method + " " + foldPath(e.Path)
			}
			if old, ok := entries[key]; ok {
				t.Errorf("%s: %s of %s stands twice: %s and %s", op.Location(), e.ID, provider, old.Effect, e.Effect)
			}
			entries[key] = e
			writeEntry(b, e)
		}
	}
	for _, op := range root.Get("wrong").Items() {
		e := Entry{Provider: provider, ID: op.Get("id").Text(), Alias: op.Get("is").Text()}
		meant, ok := entries[foldID(e.Alias)]
		switch {
		case entries[foldID(e.ID)].ID != "":
			t.Errorf("%s: %s is called wrong and exists", op.Location(), e.ID)
		case e.Alias == nothing:
			e.Effect, e.Control = Effect(op.Get("effect").Text()), None
		case !ok:
			t.Errorf("%s: %s is said to mean %s, which does not exist", op.Location(), e.ID, e.Alias)
		default:
			e.Effect, e.Control, e.Denial = meant.Effect, meant.Control, meant.Denial
		}
		writeEntry(b, e)
	}
}

func compileEntry(t *testing.T, provider string, op source.Node) []Entry {
	t.Helper()
	e := Entry{Provider: provider, Method: op.Get("method").Text(), Path: op.Get("path").Text(), Effect: Effect(op.Get("effect").Text()),
		Control: Control(op.Get("control").Text()), Denial: op.Get("denial").Text()}
	if e.Control == "" {
		e.Control = None
	}
	var ids []string
	if id := op.Get("id").Text(); id != "" {
		ids = append(ids, id)
	}
	for _, id := range op.Get("ids").Items() {
		ids = append(ids, id.Text())
	}
	if len(ids) == 0 {
		ids = []string{""}
	}
	var all []Entry
	for _, id := range ids {
		one := e
		one.ID = id
		if err := one.check(); err != nil {
			t.Errorf("%s: %v", op.Location(), err)
		}
		all = append(all, one)
	}
	return all
}

func writeEntry(b *strings.Builder, e Entry) {
	fmt.Fprintf(b, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Provider, e.ID, e.Method, e.Path, e.Effect, e.Control, e.Denial, e.Alias)
}

func TestCatalogueIsCurrent(t *testing.T) {
	want := compile(t)
	if *update && !t.Failed() {
		if err := os.WriteFile("catalogue.tsv", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("catalogue.tsv")
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want {
		t.Error("catalogue.tsv is not what catalogue/*.yaml say; run go test ./capabilities/effects -run TestCatalogueIsCurrent -update")
	}
}

// All operations of the published description, and each wrong id of the registry.
func TestWorkOSIsComplete(t *testing.T) {
	c, err := loadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	real, wrong := 0, 0
	for _, e := range c.entries {
		switch {
		case e.Provider != "workos":
		case e.Alias == "":
			real++
		default:
			wrong++
		}
	}
	if real != 212 || wrong < 29 {
		t.Errorf("%d operations and %d wrong ids, expected 212 and at least 29", real, wrong)
	}
}

func TestWorkOSAgreesWithItsDescription(t *testing.T) {
	text, err := os.ReadFile(shared(t, "data/workos") + "/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file, err := source.NewFile("openapi.yaml", text, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := source.ParseOne(file, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	c := newClassifier(t)
	n := 0
	for path, item := range doc.Root.Get("paths").Pairs() {
		for method, op := range item.Pairs() {
			if methodClass(method.Text()) == "" {
				continue
			}
			n++
			id := op.Get("operationId").Text()
			for _, asked := range []Operation{{Provider: "workos", ID: id}, {ID: id},
				{Provider: "WorkOS", Method: method.Text(), Path: path.Text()},
				{Method: method.Text(), Path: "https://api.workos.com" + path.Text()}} {
				if r := c.Classify(asked); r.Basis != ByCatalogue || r.Canonical != id {
					t.Errorf("%s %s %s: %s, canonical %q (asked %+v)", method.Text(), path.Text(), id, r.Basis, r.Canonical, asked)
				}
			}
		}
	}
	if n != 212 {
		t.Errorf("%d operations", n)
	}
}

func TestRegistryIdsAreKnown(t *testing.T) {
	text, err := os.ReadFile(shared(t, "data/capabilities") + "/api-evangelist__workos/capabilities/shared/workos.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, warned := newClassifier(t), 0
	for line := range strings.SplitSeq(string(text), "\n") {
		id, ok := strings.CutPrefix(strings.TrimSpace(line), "- ")
		if !ok || !strings.Contains(id, "Controller_") {
			continue
		}
		r := c.Classify(Operation{Provider: "WorkOS", ID: id})
		if r.Basis != ByCatalogue {
			t.Errorf("%s is not in the catalogue", id)
		}
		if r.Warning != "" {
			warned++
		}
	}
	if warned != 29 {
		t.Errorf("%d ids warned of, 29 do not exist", warned)
	}
}

func TestWrongIDs(t *testing.T) {
	c := newClassifier(t)
	r := c.Classify(Operation{Provider: "WorkOS", ID: "PipesController_create"})
	if r.Effect != Credential || r.Denial != "active=false" || r.Canonical != "DataIntegrationsController_getUserlandUserToken" || r.Warning == "" || r.Confidence != Likely {
		t.Errorf("%+v", r)
	}
	r = c.Classify(Operation{Provider: "WorkOS", ID: "FeatureFlagsController_create"})
	if r.Effect != Write || r.Canonical != "" || !strings.Contains(r.Warning, "none that does the same") {
		t.Errorf("%+v", r)
	}
	r = c.Classify(Operation{Provider: "WorkOS", ID: "AuthorizationController_check"})
	if r.Control != Authorize || r.Denial != "authorized=false" || r.Warning != "" || r.Confidence != Certain {
		t.Errorf("%+v", r)
	}
}

func TestAdditions(t *testing.T) {
	c, err := New(
		Entry{ID: "hr.ask_manager", Control: Approve},
		Entry{ID: "frob", Effect: Money},
		Entry{Provider: "WorkOS", ID: "OrganizationsController_create", Effect: Access},
		Entry{Method: "post", Path: "/internal/gate/{id}", Control: Authorize},
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		op      Operation
		effect  Effect
		control Control
	}{
		{Operation{ID: "hr.ask_manager"}, Write, Approve},
		{Operation{ID: "hr-ask-manager", Provider: "acme"}, Write, Approve},
		{Operation{ID: "frob"}, Money, None},
		{Operation{Provider: "workos", ID: "OrganizationsController_create"}, Access, None},
		{Operation{Provider: "workos", ID: "OrganizationsController_list"}, Read, None},
		{Operation{Method: "POST", Path: "/internal/gate/{step}"}, Read, Authorize},
		{Operation{Provider: "acme", Method: "POST", Path: "https://acme.example.com/internal/gate/7"}, Read, Authorize},
	} {
		if r := c.Classify(test.op); r.Effect != test.effect || r.Control != test.control {
			t.Errorf("%+v: %s/%s", test.op, r.Effect, r.Control)
		}
	}
	for _, bad := range []Entry{{}, {Method: "POST", Effect: Read}, {ID: "x", Effect: "mony"}, {ID: "x", Control: "aprove"}} {
		if _, err := New(bad); err == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
	if _, err := New(Entry{ID: "x", Control: "aprove"}); !strings.Contains(err.Error(), `did you mean "approve"`) {
		t.Error(err)
	}
}

func TestFolds(t *testing.T) {
	for have, want := range map[string]string{
		foldPath("/api/v2/Users/{id}"):                     "/users/{}",
		foldPath("https://x.example.com/v1/users/:id?a=b"): "/users/{}",
		foldPath("/users/{{id}}/"):                         "/users/{}",
		foldPath("/users/12345"):                           "/users/{}",
		foldID("UserlandUsersController_create[0]"):        "userlanduserscontrollercreate",
		foldID("create-user"):                              "createuser",
	} {
		if have != want {
			t.Errorf("%s, expected %s", have, want)
		}
	}
}
