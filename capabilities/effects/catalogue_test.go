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
