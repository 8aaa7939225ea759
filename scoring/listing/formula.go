package listing

import (
	"slices"
	"strconv"
	"strings"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// The rules by which a formula is found; evidence names them.
const (
	RuleFormulaStated  = "formula-stated"  // the input names it
	RuleFormulaKeys    = "formula-factors" // the factors of one formula alone
	RuleFormulaOption  = "formula-option"  // the caller's choice
	RuleFormulaDefault = "formula-default" // nothing tells: scoring.DefaultID
	RuleFormulaListing = "formula-listing" // what listing pages use
)

// choice is a formula and how it was found.
type choice struct {
	formula *scoring.Formula
	basis   source.Basis
	rule    string
	ignored bool // the caller's formula does not have these factors
}

// choose finds the formula of an input that names none, by the keys of its
// factors. option is the caller's formula, nil for none: it decides between
// formulas that have all the keys, and where there are no keys.
//
// Of formulas with the same factors the first counts as the one meant: the
// others amend it and are asked for by name.
func choose(keys []string, option *scoring.Formula) choice {
	fits, best := fitting(keys)
	switch {
	case len(fits) == 0 && best != nil:
		if option != nil && count(option, keys) == count(best, keys) {
			return choice{option, source.Assumed, RuleFormulaOption, false}
		}
		return choice{best, source.Derived, RuleFormulaKeys, option != nil}
	case option != nil && (len(fits) == 0 || slices.Contains(fits, option)):
		return choice{option, source.Assumed, RuleFormulaOption, false}
	case len(fits) == 0:
		f, _ := scoring.Lookup(scoring.DefaultID)
		return choice{f, source.Assumed, RuleFormulaDefault, false}
	}
	distinct := slices.CompactFunc(slices.Clone(fits), sameFactors)
	if len(distinct) == 1 {
		return choice{distinct[0], source.Derived, RuleFormulaKeys, option != nil}
	}
	f := distinct[0]
	if d, _ := scoring.Lookup(scoring.DefaultID); slices.Contains(distinct, d) {
		f = d
	}
	return choice{f, source.Assumed, RuleFormulaDefault, option != nil}
}

// fitting returns the formulas that have every key, in published order without
// those that amend an earlier one next to it; where there is none, the formula
// that has the most of them, nil where none has any.
func fitting(keys []string) (fits []*scoring.Formula, best *scoring.Formula) {
	if len(keys) == 0 {
		return nil, nil
	}
	most := 0
	for _, f := range byFactors() {
		n := count(f, keys)
		if n == len(keys) {
			fits = append(fits, f)
		}
		if n > most {
			most, best = n, f
		}
	}
	return fits, best
}

// count returns how many of the keys are factors of f.
func count(f *scoring.Formula, keys []string) int {
	n := 0
	for _, key := range keys {
		if _, ok := f.Factor(key); ok {
			n++
		}
	}
	return n
}

// byFactors returns the formulas, those with the same factors side by side.
func byFactors() []*scoring.Formula {
	all := scoring.Formulas()
	var out []*scoring.Formula
	for _, f := range all {
		if slices.Contains(out, f) {
			continue
		}
		for _, g := range all {
			if g == f || sameFactors(f, g) {
				out = append(out, g)
			}
		}
	}
	return out
}

func sameFactors(a, b *scoring.Formula) bool {
	return slices.EqualFunc(a.Factors, b.Factors, func(x, y scoring.Factor) bool { return x.Key == y.Key })
}

func factorKeys(f *scoring.Formula) []string {
	keys := make([]string, len(f.Factors))
	for i := range f.Factors {
		keys[i] = f.Factors[i].Key
	}
	return keys
}

func formulaIDs() []string {
	var ids []string
	for _, f := range scoring.Formulas() {
		ids = append(ids, f.ID)
	}
	return ids
}

// unknownFormula is the fault of a formula id that no formula has.
func unknownFormula(id string) *source.Error {
	return &source.Error{ID: "unknown-formula", Message: "there is no formula " + quote(id),
		Expected: "one of " + strings.Join(formulaIDs(), ", "), Hint: source.DidYouMean(id, formulaIDs())}
}

// unknownFactor is the fault of a key that the formula does not have; where
// another formula has it, the hint says which.
func unknownFactor(key string, f *scoring.Formula) *source.Error {
	keys := factorKeys(f)
	hint := source.DidYouMean(key, keys)
	for _, other := range scoring.Formulas() {
		if _, ok := other.Factor(key); ok {
			hint = strings.TrimPrefix(hint+"; it is a factor of "+other.ID, "; ")
			break
		}
	}
	return &source.Error{ID: "unknown-factor", Message: f.ID + " has no factor " + quote(key),
		Expected: "one of " + strings.Join(keys, ", "), Hint: hint}
}

// quote prints a piece of input in a message, cut and in one line.
func quote(text string) string {
	const limit = 60
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit]) + "…"
	}
	return strconv.Quote(text)
}
