package capabilities

import (
	"iter"
	"math"
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
	verdict, violations, _ := ConformBriefly(d, math.MaxInt)
	if verdict == Violates {
		violations = slices.AppendSeq(violations, d.whole())
	}
	return verdict, violations
}

// ConformBriefly gives the verdict of Conform, and of the violations of the version's
// structure the first few, at most so many, and their number.
func ConformBriefly(d *Document, most int) (verdict Conformance, told []*source.Error, count int) {
	load := rulesOf[d.Dialect]
	if load == nil || d.Root.Kind() != source.Mapping {
		return Unjudged, nil, 0
	}
	rules, err := load()
	if err != nil {
		return Unjudged, []*source.Error{asProblem(d.File, err)}, 1
	}
	told, count = rules.judge(d.Root, d.Version, most, d.Incomplete)
	if count > 0 {
		return Violates, told, count
	}
	for range d.whole() {
		return Violates, told, count
	}
	return Conforms, told, count
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

// whole yields the violations that lie in no single field.
func (d *Document) whole() iter.Seq[*source.Error] {
	return func(yield func(*source.Error) bool) {
		for _, p := range d.Problems {
			if (p.ID == "duplicate-id" || p.ID == "duplicate-key") && !yield(p) {
				return
			}
		}
		if d.Incomplete && !yield(&source.Error{At: d.Identity.At.Location(), ID: "incomplete", Message: "part of the file could not be read"}) {
			return
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
			if !yield(missing) {
				return
			}
		}
		for _, f := range d.Flows {
			for _, s := range f.Steps {
				for _, missing := range danglingEdges(s) {
					if !yield(missing) {
						return
					}
				}
			}
		}
	}
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

// judge checks a document against the rules of version. It returns the first
// violations, at most so many, and the number of all. Of an incomplete document,
// nothing is said to be missing: it may have been cut off.
func (r *rules) judge(root source.Node, version string, most int, incomplete bool) (told []*source.Error, count int) {
	j := &judge{rules: r, version: len(r.versions) - 1, stated: version, most: most, incomplete: incomplete}
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
	return j.found, j.count
}
