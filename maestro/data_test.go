package maestro

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"agentrisk/internal/source"
)

var update = flag.Bool("update", false, "rewrite model.json, golden files and the lexicon page")

// model.json is data/ in a form that is read quickly.
func TestModelIsCurrent(t *testing.T) {
	var doc struct {
		References map[string]string `json:"references"`
		Threats    any               `json:"threats"`
		Lexicon    any               `json:"lexicon"`
		Traits     any               `json:"traits"`
		Rules      any               `json:"rules"`
		Chains     any               `json:"chains"`
	}
	doc.References = references(t)
	for file, part := range map[string]*any{"threats": &doc.Threats, "lexicon": &doc.Lexicon, "traits": &doc.Traits, "rules": &doc.Rules, "chains": &doc.Chains} {
		*part = tree(t, readYAML(t, "data/"+file+".yaml"))
	}
	for _, one := range doc.Traits.(map[string]any)["traits"].([]any) { // tests, which only tests read
		delete(one.(map[string]any), "shows")
		delete(one.(map[string]any), "spares")
	}
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		t.Fatal(err)
	}
	stale := !bytes.Equal(want.Bytes(), embedded)
	golden(t, "model.json", want.Bytes())
	if *update && stale {
		t.Error("model.json is rewritten: run go test ./maestro -update once more, for what is made with it")
	}
}

// golden compares text with a file, or rewrites the file.
func golden(t *testing.T, name string, text []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, text) {
		t.Errorf("%s is not current: run go test ./maestro -update", name)
	}
}

func readYAML(t *testing.T, name string) source.Node {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := source.NewFile(name, text, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := source.ParseOne(f, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root
}

// tree turns a YAML node into what encoding/json writes as the same value.
func tree(t *testing.T, n source.Node) any {
	t.Helper()
	switch n.Kind() {
	case source.Mapping:
		out := map[string]any{}
		for key, value := range n.Pairs() {
			out[key.Text()] = tree(t, value)
		}
		return out
	case source.Sequence:
		out := make([]any, 0, n.Len())
		for _, item := range n.Items() {
			out = append(out, tree(t, item))
		}
		return out
	}
	if n.IsNumber() {
		return json.Number(n.Text())
	}
	if truth, is := n.Bool(); is {
		return truth
	}
	return n.Text()
}

func references(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open("data/references.csv")
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
		if out[row[0]] != "" {
			t.Errorf("reference %s stands twice", row[0])
		}
		out[row[0]] = row[1]
	}
	return out
}
