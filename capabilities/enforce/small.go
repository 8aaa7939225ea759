package enforce

import (
	"net/url"
	"sort"
	"strings"

	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/lint/facts"
)

const (
	statePresent = facts.Present
	stateLate    = facts.Late
	stateMissing = facts.Missing
)

func one(d decision.Decision) []decision.Decision { return []decision.Decision{d} }

func allowed(check, reason string, by decision.Source) decision.Decision {
	return decision.Decision{Check: check, Verdict: decision.Allow, Reason: reason, SuppliedBy: by}
}

func supplied(d decision.Decision, by decision.Source) decision.Decision {
	d.SuppliedBy = by
	return d
}

// suppliedBy says who brought a control into the flow. One that comes too late is
// one that the runtime had to supply.
func suppliedBy(n plan.Need) decision.Source {
	if n.State == string(statePresent) {
		return decision.ByCapability
	}
	return decision.ByRuntime
}

// suppliedBy is the same of a control that must come first: one that was passed over,
// or that happens elsewhere, was not brought.
func (r *runner) suppliedBy(n plan.Need) decision.Source {
	if n.By != "" && r.req.Mode != DryRun && !r.env.Steps[n.By].Known {
		return decision.ByRuntime
	}
	return suppliedBy(n)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// hostOf is the host of an address, or the text itself where it is none.
func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return strings.ToLower(text)
	}
	return strings.ToLower(u.Host)
}
