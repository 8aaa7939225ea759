package facts

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// randomGraph draws a graph of steps with edges in any direction.
func randomGraph(t *rapid.T) *graph {
	n := rapid.IntRange(1, 12).Draw(t, "steps")
	g := &graph{success: make([][]int, n), failure: make([][]int, n), before: make([][]int, n), joins: make([]bool, n), entries: []int{0}}
	for i := range n {
		for range rapid.IntRange(0, 2).Draw(t, "ways") {
			to := rapid.IntRange(-1, n-1).Draw(t, "to")
			g.success[i] = append(g.success[i], to)
			g.lead(i, to)
		}
	}
	g.sort()
	g.dominate()
	return g
}

// reached returns the steps that can be reached without going over step without.
func (g *graph) reached(without int) map[int]bool {
	seen := map[int]bool{}
	var walk func(int)
	walk = func(at int) {
		if at == exit || at == without || seen[at] {
			return
		}
		seen[at] = true
		for _, to := range g.success[at] {
			walk(to)
		}
	}
	for _, e := range g.entries {
		walk(e)
	}
	return seen
}

// TestDominators compares the tree with the definition: a dominates b where b
// cannot be reached without a.
func TestDominators(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := randomGraph(t)
		all := g.reached(-2)
		for a := range g.success {
			around := g.reached(a)
			for b := range g.success {
				want := all[a] && all[b] && (a == b || !around[b])
				if got := g.dominates(a, b); got != want {
					t.Fatalf("%d dominates %d: %v, want %v in %v", a, b, got, want, g.success)
				}
			}
		}
	})
}

// longFlow writes n steps with a check, effects, jumps ahead and back, and records.
func longFlow(n int) string {
	r := rand.New(rand.NewPCG(1, 2))
	var list []string
	for i := range n {
		switch i % 5 {
		case 0:
			list = append(list, fmt.Sprintf("check-%d %s", i, yes))
		case 4:
			list = append(list, fmt.Sprintf("log-%d", i))
		default:
			jump := ""
			if to := r.IntN(n); to%5 == 1 {
				jump = fmt.Sprintf("onSuccess: [{name: n, type: goto, stepId: pay-%d, criteria: [{condition: $response.body#/x == 1}]}]", to)
			}
			name := "pay"
			list = append(list, fmt.Sprintf("%s-%d %s", name, i, jump))
		}
	}
	return arazzo(list...)
}

// TestWorkIsLinear counts the steps that the analysis of a flow visits: ten times
// the steps may not be more than about ten times the work.
func TestWorkIsLinear(t *testing.T) {
	visits := func(n int) int { return of(t, longFlow(n)).work }
	small := visits(50)
	for _, n := range []int{500, 5000} {
		if got, most := visits(n), small*n/50*2; got > most {
			t.Errorf("%d steps take %d visits; %d in proportion to 50 steps would be %d", n, got, n, most/2)
		}
	}
	t.Logf("visits a step: %.1f at 50, %.1f at 500, %.1f at 5000", float64(small)/50, float64(visits(500))/500, float64(visits(5000))/5000)
}

// TestSecretNames: what is named like a secret, and what only sounds like one.
func TestSecretNames(t *testing.T) {
	w := lexicon()
	for _, name := range strings.Fields("api_key apiKey API-Key token access_token refreshToken clientSecret password private_key secret credential user.password signing-key jwt connectionString authToken") {
		if !w.is("secret", name) {
			t.Errorf("%s is no secret", name)
		}
	}
	for _, name := range strings.Fields("key public_key page_token nextPageToken max_tokens tokens token_type tokenCount api_key_id password_hint secret_name idempotency_token user description keyboard monkey") {
		if w.is("secret", name) {
			t.Errorf("%s is a secret", name)
		}
	}
	for _, name := range strings.Fields("tenant_id organizationId org workspace orgs organization_membership_id") {
		if !w.is("tenant", name) {
			t.Errorf("%s names no tenant", name)
		}
	}
	for _, name := range strings.Fields("organizer reorganize origin workspaceless") {
		if w.is("tenant", name) {
			t.Errorf("%s names a tenant", name)
		}
	}
}

func TestSaysApproval(t *testing.T) {
	w := lexicon()
	for sentence, want := range map[string]bool{
		"Surface the human approval prompt.": true, "Runs after approval": true, "Needs sign-off by finance": true,
		"Requires explicit confirmation by the user.": true, "Lists approved suppliers.": false, "No approval needed": false,
		"Works without human approval.": false, "Approve or reject a change": false,
	} {
		if got := w.says("approval", sentence) != ""; got != want {
			t.Errorf("%q: %v", sentence, got)
		}
	}
}

// TestWordsHaveSources: each group of words says where it comes from.
func TestWordsHaveSources(t *testing.T) {
	for name, g := range lexicon().groups {
		if g.id != "words/"+name || g.source == "" || len(g.has)+len(g.ends)+len(g.phrases) == 0 {
			t.Errorf("group %s has id %q and source %q", name, g.id, g.source)
		}
	}
}
