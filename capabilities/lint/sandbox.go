package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"agentrisk/internal/source"
)

// allowed are the builtins that rules of the user's own may call: they depend on
// their arguments alone, end soon or heed a deadline, and reach nothing outside.
// What is not named here does not exist for them. Left out on purpose are, next
// to all that is not deterministic or speaks to a network: graph.reachable_paths,
// strings.render_template and bits.lsh, which ignore deadlines; and what turns
// text into numbers, whose size nobody bounds.
var allowed = strings.Fields(`
	abs all and any array.concat array.flatten array.reverse array.slice assign ceil concat contains count
	div endswith eq equal floor format_int glob.match glob.quote_meta graph.reachable gt gte
	indexof indexof_n internal.member_2 internal.member_3 internal.print internal.template_string intersection
	is_array is_boolean is_null is_number is_object is_set is_string json.filter json.remove
	lower lt lte max min minus mul neq numbers.range numbers.range_step
	object.filter object.get object.keys object.remove object.subset object.union object.union_n or plus print
	regex.find_n regex.is_valid regex.match regex.replace regex.split rem replace round semver.compare semver.is_valid
	set_diff sort split sprintf startswith strings.any_prefix_match strings.any_suffix_match strings.count
	strings.replace_n strings.reverse substring sum trim trim_left trim_prefix trim_right trim_space trim_suffix
	type_name union upper walk`)

// Sandbox is what rules of the user's own can do.
func Sandbox() *ast.Capabilities {
	all := ast.CapabilitiesForThisVersion()
	all.Builtins = slices.DeleteFunc(all.Builtins, func(b *ast.Builtin) bool {
		return b.Nondeterministic || !slices.Contains(allowed, b.Name)
	})
	all.AllowNet = []string{} // no host
	return all
}

// maxDigits bounds the numbers written in a rule: 1e999999999 takes a gigabyte
// once it is computed with.
const maxDigits = 18

// inspect refuses what a rule of the user's own may not hold, and returns the
// lists of facts that it looks at.
func inspect(m *ast.Module, known []string) (over []string, err error) {
	ast.WalkTerms(m, func(t *ast.Term) bool {
		switch v := t.Value.(type) {
		case ast.Number:
			if s := v.String(); len(s) > maxDigits || strings.ContainsAny(s, "eE") {
				err = fault(err, t.Location, fmt.Sprintf("the number %s is written with more than %d digits or an exponent", source.Quote(s), maxDigits), "")
			}
		case ast.Ref:
			list, ok := listOf(v)
			switch {
			case !ok:
			case list == "":
				err = fault(err, t.Location, "input is used as a whole", "name the list: input.steps")
			case !slices.Contains(known, list):
				err = fault(err, t.Location, fmt.Sprintf("input has no list %q", list), source.DidYouMean(list, known))
			case !slices.Contains(over, list):
				over = append(over, list)
			}
		}
		return false
	})
	slices.Sort(over)
	return over, err
}

// listOf returns the list of facts that a reference looks at, and whether it
// looks at the input at all.
func listOf(ref ast.Ref) (list string, ok bool) {
	if head, isVar := ref[0].Value.(ast.Var); !isVar || head != ast.InputRootDocument.Value.(ast.Var) {
		return "", false
	}
	if len(ref) < 2 {
		return "", true
	}
	name, _ := ref[1].Value.(ast.String)
	return string(name), true
}

func fault(first error, at *ast.Location, message, hint string) error {
	if first != nil {
		return first
	}
	e := &source.Error{ID: "rule", Message: message, Hint: hint}
	if at != nil {
		p := source.Position{Line: at.Row, Column: at.Col}
		e.At = source.Location{File: at.File, Range: source.Range{Start: p, End: p}}
	}
	return e
}
