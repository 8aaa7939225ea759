package lint

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"agentrisk/internal/source"
)

// The rules are embedded with their tests, which are never loaded when linting:
// readModules leaves them out.
//
//go:embed rules
var builtin embed.FS

// What a new rule begins with.
//
//go:embed scaffold
var scaffold embed.FS

// index.json holds the annotations of the rules, so that a run does not have to
// read them out of the Rego. A test keeps it current.
//
//go:embed index.json
var builtinIndex []byte

const builtinRoot = "capcheck.rules"

// builtinRules returns the rules of the program, in the order of their ids.
func builtinRules() ([]*rule, error) {
	var rules []*rule
	if err := json.Unmarshal(builtinIndex, &rules); err != nil {
		return nil, fmt.Errorf("index of the rules: %w", err)
	}
	return rules, nil
}

// annotated reads the annotations of every rule below root of fsys, in the order
// of their ids.
func annotated(fsys fs.FS, root string) ([]*rule, error) {
	modules, err := readModules(fsys, root)
	if err != nil {
		return nil, err
	}
	var rules []*rule
	for file, text := range modules {
		if path.Base(path.Dir(file)) == "lib" {
			continue
		}
		r, err := readAnnotations(file, text, nil)
		if err != nil {
			return nil, err
		}
		r.Docs = docs(r.ID)
		rules = append(rules, r)
	}
	slices.SortFunc(rules, func(a, b *rule) int { return strings.Compare(a.ID, b.ID) })
	return rules, nil
}

func docs(id string) string { return "docs/rules/" + id + ".md" }

// Rules returns the rules of the program, in the order of their ids.
func Rules() ([]Rule, error) {
	rules, err := builtinRules()
	return plain(rules), err
}

func plain(rules []*rule) []Rule {
	out := make([]Rule, len(rules))
	for i, r := range rules {
		out[i] = r.Rule
	}
	return out
}

// findRule returns the rule of this id or name.
func findRule(rules []*rule, name string) *rule {
	for _, r := range rules {
		if strings.EqualFold(r.ID, name) || strings.EqualFold(r.Name, name) {
			return r
		}
	}
	return nil
}

// unknownRule is the error that there is no rule of this name, with the nearest.
func unknownRule(rules []*rule, name string) error {
	var names []string
	for _, r := range rules {
		names = append(names, r.ID, r.Name)
	}
	return &source.Error{ID: "unknown-rule", Message: fmt.Sprintf("there is no rule %q", name), Hint: source.DidYouMean(name, names)}
}
