package capabilities

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"agentrisk/internal/source"
)

// plain turns a node into what a validator of JSON Schema takes.
func plain(n source.Node) any {
	switch n.Kind() {
	case source.Mapping:
		out := map[string]any{}
		for key, value := range n.Pairs() {
			out[key.Text()] = plain(value)
		}
		return out
	case source.Sequence:
		out := []any{}
		for _, item := range n.Items() {
			out = append(out, plain(item))
		}
		return out
	}
	if value, ok := n.Bool(); ok {
		return value
	}
	if number, ok := numberOf(n); ok {
		return number
	}
	if n.IsNull() {
		return nil
	}
	return n.Text()
}

func schemaOf(t *testing.T, path string) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	if err := c.AddResource("s.json", strings.NewReader(string(text))); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile("s.json")
}

func publishedSchemas(t *testing.T) map[string]*jsonschema.Schema {
	dir := sharedData(t, "naftiko-schemas")
	out := map[string]*jsonschema.Schema{}
	for version, file := range map[string]string{
		"0.5": "naftiko-schema-v0.5.json", "1.0.0-alpha1": "naftiko-schema-v1.0.0-alpha1.json",
		"1.0.0-alpha2": "naftiko-schema-v1.0.0-alpha2.json", "1.0.0-alpha3": "ikanos-schema-v1.0.0-alpha3.json",
		"1.0.0-beta4": "ikanos-schema-v1.0.0-beta4.json", "1.0.0-beta5": "ikanos-schema-HEAD-32360e1.json",
	} {
		out[version] = schemaOf(t, filepath.Join(dir, file))
	}
	return out
}

// relabelled are the versions that a file of one version is also judged as: the
// real files are of few versions only.
var relabelled = map[string][]string{
	"1.0.0-alpha2": {"0.5", "1.0.0-alpha1"}, "1.0.0-alpha1": {"0.5", "1.0.0-alpha2"}, "0.5": {"1.0.0-alpha1", "1.0.0-alpha2"},
	"1.0.0-beta5": {"1.0.0-alpha3", "1.0.0-beta4"},
}

// tally counts where two judges agree.
type tally struct{ both, neither, onlySchema, onlyOurs int }

func (c *tally) add(ours, schema bool) {
	switch {
	case ours && schema:
		c.both++
	case ours:
		c.onlyOurs++
	case schema:
		c.onlySchema++
	default:
		c.neither++
	}
}

func (c tally) String() string {
	all := c.both + c.neither + c.onlyOurs + c.onlySchema
	return fmt.Sprintf("%d judged, agreement %.4f: both accept %d, both refuse %d, only the schema accepts %d, only ours accepts %d",
		all, float64(c.both+c.neither)/float64(max(all, 1)), c.both, c.neither, c.onlySchema, c.onlyOurs)
}

func structural(t *testing.T, d Dialect, root source.Node, version string) []*source.Error {
	t.Helper()
	r, err := rulesOf[d]()
	if err != nil {
		t.Fatal(err)
	}
	found, _ := r.judge(root, version, math.MaxInt, false)
	return found
}

// Our rules against the published schemas: on the real files, on the real files
// with what our rules object to taken out, and on mutants of both that are one
// change away. Accepting what a schema refuses is worse than the reverse.
func TestRulesAgreeWithPublishedSchemas(t *testing.T) {
	schemas := publishedSchemas(t)
	dir := sharedData(t, "capabilities")
	r := NewReader(tree(t, dir), Options{})
	var asIs, repaired, otherVersions, mutants tally
	shown := 0
	compare := func(c *tally, d Dialect, version, name string, root source.Node) {
		found := structural(t, d, root, version)
		err := schemas[version].Validate(plain(root))
		c.add(len(found) == 0, err == nil)
		if (len(found) == 0) != (err == nil) && shown < 25 {
			shown++
			t.Errorf("%s %s: ours %v; schema %.600v", name, version, first(found), err)
		}
	}
	seen := map[string]bool{}
	budget := map[string]int{} // bytes to mutate, a version
	for version := range schemas {
		budget[version] = 8000
	}
	for _, name := range corpusFiles(t, dir) {
		docs, err := r.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range docs {
			if d.Incomplete || d.Dialect != Naftiko && d.Dialect != Ikanos || schemas[d.Version] == nil || d.Dialect == Naftiko && d.Version == "1.0.0-alpha3" {
				continue
			}
			compare(&asIs, d.Dialect, d.Version, name, d.Root)
			if len(d.File.Text) > 12000 {
				continue
			}
			root := repair(t, d.Dialect, d.Version, plain(d.Root))
			if !root.Exists() {
				continue
			}
			compare(&repaired, d.Dialect, d.Version, name+" repaired", root)
			for _, other := range relabelled[d.Version] {
				value := plain(root).(map[string]any)
				value[string(d.Dialect)] = other
				compare(&otherVersions, d.Dialect, other, name+" as "+other, parsed(t, value))
			}
			// A file of this shape was mutated already: the same mutants again.
			shape := d.Version + shapeOf(plain(root))
			if seen[shape] || budget[d.Version] <= 0 || len(d.File.Text) > 4000 {
				continue
			}
			seen[shape] = true
			budget[d.Version] -= len(d.File.Text)
			for i, m := range mutate(plain(root)) {
				compare(&mutants, d.Dialect, d.Version, fmt.Sprintf("%s mutant %d", name, i), parsed(t, m))
			}
		}
	}
	t.Logf("files:    %s", asIs)
	t.Logf("repaired: %s", repaired)
	t.Logf("under another version: %s", otherVersions)
	t.Logf("mutants:  %s", mutants)
	if asIs.onlyOurs+repaired.onlyOurs+otherVersions.onlyOurs+mutants.onlyOurs > 0 {
		t.Error("our rules accept what a published schema refuses")
	}
}

func first(found []*source.Error) any {
	if len(found) == 0 {
		return "accepts"
	}
	return found[0]
}

func parsed(t *testing.T, value any) source.Node {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	f, err := source.NewFile("a.json", text, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := source.ParseOne(f, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root
}

// repair takes out what our rules object to, until nothing is left to object to.
func repair(t *testing.T, d Dialect, version string, value any) source.Node {
	t.Helper()
	for range 30 {
		root := parsed(t, value)
		found := structural(t, d, root, version)
		if len(found) == 0 {
			return root
		}
		// From the end, so that the places further up stay what they are.
		sort.SliceStable(found, func(i, j int) bool { return found[j].At.Range.Start.Before(found[i].At.Range.Start) })
		changed := false
		for _, f := range found {
			if f.ID != "required" && f.ID != "alternatives" && cut(&value, root, f.At.Range.Start) {
				changed = true
			}
		}
		if !changed {
			return source.Node{}
		}
	}
	return source.Node{}
}

// cut removes the pair or item that holds the place at.
func cut(value *any, n source.Node, at source.Position) bool {
	switch v := (*value).(type) {
	case map[string]any:
		for key, child := range n.Pairs() {
			if key.Start() == at || child.Kind() == source.Scalar && child.Start() == at {
				if _, there := v[key.Text()]; !there {
					return false
				}
				delete(v, key.Text())
				return true
			}
			inner := v[key.Text()]
			if contains(child, at) && cut(&inner, child, at) {
				v[key.Text()] = inner
				return true
			}
		}
	case []any:
		for i, child := range n.Items() {
			if i >= len(v) {
				break
			}
			if child.Start() == at {
				*value = append(v[:i:i], v[i+1:]...)
				return true
			}
			if contains(child, at) && cut(&v[i], child, at) {
				return true
			}
		}
	}
	return false
}

func contains(n source.Node, at source.Position) bool {
	r := n.Range()
	return !at.Before(r.Start) && at.Before(r.End)
}

// shapeOf names which fields a document has, whatever they are called in it.
func shapeOf(value any) string {
	switch v := value.(type) {
	case map[string]any:
		set := map[string]bool{}
		for key, child := range v {
			if len(key) < 18 && !strings.ContainsAny(key, "-_") {
				set[key+shapeOf(child)] = true
			} else {
				set[shapeOf(child)] = true
			}
		}
		return fmt.Sprint(set)
	case []any:
		set := map[string]bool{}
		for _, child := range v {
			set[shapeOf(child)] = true
		}
		return fmt.Sprint(set)
	}
	return fmt.Sprintf("%T", value)
}

// mutate returns documents that are one change away from value.
func mutate(value any) []any {
	var out []any
	const most = 400
	var walk func(v any, put func(any))
	walk = func(v any, put func(any)) {
		emit := func(changed any) {
			if len(out) < most {
				put(changed)
				out = append(out, deepCopy(value))
				put(v)
			}
		}
		switch v := v.(type) {
		case map[string]any:
			for _, key := range sortedKeys(v) {
				child := v[key]
				delete(v, key)
				emit(v)
				v[key+"X"] = child
				emit(v)
				delete(v, key+"X")
				v[key] = child
				walk(child, func(c any) { v[key] = c })
			}
			v["surprise"] = "x"
			emit(v)
			delete(v, "surprise")
			emit([]any{})
			emit(map[string]any{})
		case []any:
			for i := range v {
				walk(v[i], func(c any) { v[i] = c })
			}
			emit([]any{})
			emit("text")
		default:
			for _, other := range []any{"", "other text", 7.0, 1.5, true, nil, "GET", "object", map[string]any{"type": "string"}} {
				emit(other)
			}
		}
	}
	walk(value, func(v any) { value = v })
	return out
}

func sortedKeys(m map[string]any) []string {
	counts := map[string]int{}
	for key := range m {
		counts[key] = 0
	}
	return strings.Fields(strings.ReplaceAll(top(counts, len(counts)), ":0 ", " "))
}

func deepCopy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, child := range v {
			out[key] = deepCopy(child)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = deepCopy(v[i])
		}
		return out
	}
	return v
}

// Our own schemas say what our rules say.
func TestPublishedSchemasSayWhatTheRulesSay(t *testing.T) {
	for _, tt := range []struct {
		dialect Dialect
		schema  string
		fixture string
	}{
		{Composition, "composition-0.1", "composition/refund.yaml"},
		{Registry, "registry-0.1", "composition/shared/paywell.yaml"},
	} {
		schema := schemaOf(t, filepath.Join("schema", tt.schema+".json"))
		f, err := source.ReadFile(os.DirFS(fixtures), tt.fixture, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		doc, err := source.ParseOne(f, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(plain(doc.Root)); err != nil {
			t.Errorf("%s: %v", tt.fixture, err)
		}
		var c tally
		for _, m := range mutate(plain(doc.Root)) {
			found, err := structural(t, tt.dialect, parsed(t, m), "0.1"), schema.Validate(m)
			c.add(len(found) == 0, err == nil)
			if (len(found) == 0) != (err == nil) {
				t.Errorf("%v: ours %v; schema %.300v", m, first(found), err)
			}
		}
		t.Logf("%s: %s", tt.schema, c)
	}
}

func TestSchemasArePublished(t *testing.T) {
	if got := strings.Join(SchemaNames(), " "); got != "composition-0.1 registry-0.1" {
		t.Errorf("names %q", got)
	}
	for _, name := range SchemaNames() {
		text, ok := Schema(name)
		if !ok || !json.Valid(text) {
			t.Errorf("%s is not there", name)
		}
	}
	if _, ok := Schema("../rules/naftiko"); ok {
		t.Error("a name leads out of the folder")
	}
}
