package capabilities

import (
	"slices"
	"strings"
	"sync"

	"agentrisk/internal/source"
)

// Conformance says whether a document keeps the rules of its own version.
type Conformance string

// The verdicts.
const (
	Conforms Conformance = "conforms"
	Violates Conformance = "violates"
	Unjudged Conformance = "unjudged" // the dialect has no specification to be judged by
)

// Conform judges a document by the rules of the version it states: the fields
// that are required and allowed, their types and words, the targets of its
// references, and that no id stands twice. Every violation has a place. A
// version whose rules are not published is judged by the nearest before it, and
// never conforms.
//
// What a violation is called: required, unknown-field, wrong-type, not-allowed,
// too-few, alternatives and version come from the version's structure;
// reference, duplicate-id, duplicate-key and incomplete from the document as a
// whole.
func Conform(d *Document) (Conformance, []*source.Error) {
	load := rulesOf[d.Dialect]
	if load == nil || d.Root.Kind() != source.Mapping {
		return Unjudged, nil
	}
	rules, err := load()
	if err != nil {
		return Unjudged, []*source.Error{asProblem(d.File, err)}
	}
	violations := rules.judge(d.Root, d.Version)
	if d.Incomplete { // what is not there may have been cut off
		violations = slices.DeleteFunc(violations, func(v *source.Error) bool {
			return v.ID == "required" || v.ID == "alternatives" || v.ID == "too-few"
		})
	}
	violations = append(violations, d.whole()...)
	if len(violations) > 0 {
		return Violates, violations
	}
	return Conforms, nil
}

// rulesOf loads the rules of a dialect when they are asked for, once.
var rulesOf = map[Dialect]func() (*rules, error){
	Composition: once("composition.yaml"),
	Registry:    once("registry.yaml"),
	Naftiko:     once("naftiko.yaml"),
	Ikanos:      once("ikanos.yaml"),
	Arazzo:      once("arazzo.yaml"),
}

func once(name string) func() (*rules, error) {
	return sync.OnceValues(func() (*rules, error) { return loadRules(name) })
}

// maxHints bounds the missing references that a near one is looked for.
const maxHints = 50

// whole finds the violations that lie in no single field.
func (d *Document) whole() []*source.Error {
	var out []*source.Error
	for _, p := range d.Problems {
		if p.ID == "duplicate-id" || p.ID == "duplicate-key" {
			out = append(out, p)
		}
	}
	if d.Incomplete {
		out = append(out, &source.Error{At: d.Identity.At.Location(), ID: "incomplete", Message: "part of the file could not be read"})
	}
	hints := 0
	for _, t := range d.targets() {
		if t.State != Unmatched {
			continue
		}
		missing := &source.Error{At: t.At.Location(), ID: "reference", Message: t.Reason}
		if hints++; hints <= maxHints {
			missing.Hint = didYouMean(d.Nearest(t))
		}
		out = append(out, missing)
	}
	for _, f := range d.Flows {
		for _, s := range f.Steps {
			out = append(out, danglingEdges(s)...)
		}
	}
	return out
}

func didYouMean(name string) string {
	if name == "" {
		return ""
	}
	return "did you mean " + quote(name) + "?"
}

func danglingEdges(s *Step) []*source.Error {
	var out []*source.Error
	for _, edges := range [...][]Edge{s.OnSuccess, s.OnFailure} {
		for _, e := range edges {
			if e.Unresolved != "" {
				out = append(out, &source.Error{At: e.At.Location(), ID: "reference",
					Message: "the flow has no step " + quote(e.Unresolved)})
			}
		}
	}
	return out
}

// judge checks a document against the rules of version.
func (r *rules) judge(root source.Node, version string) []*source.Error {
	j := &judge{rules: r, version: len(r.versions) - 1, stated: version}
	known := false
	for i, v := range r.versions {
		if v == version && i >= r.first {
			j.version, known = i, true
		}
	}
	if !known {
		at := root.Get(r.key)
		if !at.Exists() {
			at = place(root)
		}
		j.say(at, "version", "the rules of version "+quote(version)+" are not known",
			"one of "+strings.Join(r.versions[r.first:], ", "))
	}
	j.kind(root, r.maps[r.root], subject{name: "the document"})
	return j.found
}
