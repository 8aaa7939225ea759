package maestro

import (
	"slices"
	"strings"
	"testing"

	"agentrisk/internal/source"
	"agentrisk/scoring/listing"
)

// judged is an agent with what a reviewer made of it: an entry of
// testdata/agents.yaml.
type judged struct {
	agent            *listing.Agent
	mapped, excluded []string
	threats, not     []string
	chains           map[string]string
	absentChains     []string
}

func readJudged(t *testing.T, name string) []judged {
	t.Helper()
	var out []judged
	for _, n := range readYAML(t, name).Get("agents").Items() {
		j := judged{agent: &listing.Agent{Form: listing.FormAssessment, File: name}, chains: map[string]string{}}
		j.agent.Name.Value = n.Get("name").Text()
		j.agent.Description = listing.Text{Value: n.Get("about").Text(), Basis: source.Stated,
			Evidence: []source.Evidence{{At: n.Get("about").Location()}}}
		for _, tool := range n.Get("tools").Items() {
			j.agent.Tools = append(j.agent.Tools, listing.Tool{Name: tool.Get("name").Text(),
				Description: tool.Get("about").Text(), Evidence: []source.Evidence{{At: tool.Location()}}})
		}
		j.mapped, j.excluded = texts(n.Get("mapped")), texts(n.Get("excluded"))
		j.threats, j.not = texts(n.Get("threats")), texts(n.Get("not"))
		j.absentChains = texts(n.Get("absent-chains"))
		for key, value := range n.Get("chains").Pairs() {
			j.chains[key.Text()] = value.Text()
		}
		for key := range n.Pairs() {
			if !strings.Contains(" name about tools mapped excluded threats not chains absent-chains ", " "+key.Text()+" ") {
				t.Fatalf("%s: unknown key %s", key.Location(), key.Text())
			}
		}
		out = append(out, j)
	}
	return out
}

func texts(n source.Node) []string {
	var out []string
	for _, item := range n.Items() {
		out = append(out, item.Text())
	}
	return out
}

// disagreements compares a report with the judgement, one line a difference.
func (j judged) disagreements(r Report) []string {
	var out []string
	for _, l := range r.Layers {
		want := listing.NotCertain
		if slices.Contains(j.mapped, l.ID) {
			want = listing.Mapped
		} else if slices.Contains(j.excluded, l.ID) {
			want = listing.NotApplicable
		}
		if l.Status != want {
			out = append(out, l.ID+" is "+string(l.Status)+", judged "+string(want)+" "+quotes(l.Evidence))
		}
	}
	found := map[string]bool{}
	for _, l := range r.Layers {
		for _, f := range l.Threats {
			found[f.ID] = true
		}
	}
	for _, id := range j.threats {
		if !found[id] {
			out = append(out, id+" is missing")
		}
	}
	for _, id := range j.not {
		if found[id] {
			out = append(out, id+" is found")
		}
	}
	return append(out, j.chainDisagreements(r)...)
}

func (j judged) chainDisagreements(r Report) []string {
	var out []string
	states := map[string]string{}
	for _, c := range r.Chains {
		states[c.ID] = string(c.State)
	}
	for id, want := range j.chains {
		if states[id] != want {
			out = append(out, "chain "+id+" is "+states[id]+", judged "+want)
		}
	}
	for _, id := range j.absentChains {
		if states[id] != "" {
			out = append(out, "chain "+id+" is "+states[id]+", judged broken")
		}
	}
	for id, state := range states {
		if state == string(Shown) && j.chains[id] == "" && id == "trifecta" {
			out = append(out, "chain "+id+" is shown, judged otherwise")
		}
	}
	slices.Sort(out)
	return out
}

func quotes(evidence []source.Evidence) string {
	var b strings.Builder
	for _, e := range evidence {
		b.WriteString(" [" + e.Rule + ": " + e.Quote + "]")
	}
	return b.String()
}

// agreement judges every agent of a file, reports the differences, and returns
// how many of the layers come out as judged.
func agreement(t *testing.T, name string, report func(format string, args ...any)) (agreed, layers int) {
	t.Helper()
	for _, j := range readJudged(t, name) {
		r := Assess(j.agent)
		layers += len(r.Layers)
		agreed += len(r.Layers)
		for _, d := range j.disagreements(r) {
			report("%s: %s", j.agent.Name.Value, d)
			if strings.Contains(d, ", judged ") && !strings.HasPrefix(d, "chain") {
				agreed--
			}
		}
	}
	t.Logf("%s: %d of %d layers as judged", name, agreed, layers)
	return agreed, layers
}

func TestJudgedAgents(t *testing.T) {
	agreement(t, "testdata/agents.yaml", t.Errorf)
}

// The held-out agents are not tuned for: some differences are expected, many are
// not.
func TestHeldOutAgents(t *testing.T) {
	agreed, layers := agreement(t, "testdata/heldout.yaml", t.Logf)
	if agreed*100 < layers*95 {
		t.Errorf("only %d of %d layers as judged", agreed, layers)
	}
}
