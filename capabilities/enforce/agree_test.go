package enforce_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/world"
	"agentrisk/capabilities/lint"
)

// labelledDocs are the documents of the shared labels, by name.
func labelledDocs(t *testing.T) map[string]*capabilities.Document {
	t.Helper()
	names := map[string]bool{}
	for _, table := range []string{"steps.csv", "missing.csv"} {
		f, err := os.Open(shared(t, "data/labels/"+table))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		if err = errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			names[row[0]] = true
		}
	}
	docs := map[string]*capabilities.Document{}
	for name := range names {
		dir := shared(t, "data/capabilities")
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			dir = shared(t, "data/arazzo")
		}
		read, err := capabilities.NewReader(os.DirFS(dir), capabilities.Options{}).Read(name)
		if err != nil {
			t.Fatal(err)
		}
		docs[name] = read[len(read)-1]
	}
	return docs
}

// labelledFlow is one flow of a labelled document: its plan, and what lint says of
// its steps.
type labelledFlow struct {
	doc, flow string
	plan      *plan.Plan
	rows      map[string]lint.StepResult
}

func (f labelledFlow) name() string { return f.doc + " " + f.flow }

// labelledFlows compiles every flow that can be compiled, and says of the others why
// not. Flows of several adapters may share a name, and are told apart by their places.
func labelledFlows(t *testing.T) (flows []labelledFlow, refused []string) {
	b := setup(t)
	linter, err := lint.New(lint.Config{Profile: lint.Audit, Today: time.Date(2026, time.March, 4, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	docs := labelledDocs(t)
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		rows := map[string][]lint.StepResult{}
		for _, row := range linter.Lint(ctx, []*capabilities.Document{docs[name]}).Steps {
			rows[row.Flow] = append(rows[row.Flow], row)
		}
		seen := map[string]bool{}
		ids := flowsOf(t, docs[name])
		for _, flow := range slices.Sorted(maps.Keys(ids)) {
			p, err := b.Compile(docs[name], flow)
			var refusal *plan.Refusal
			switch {
			case errors.As(err, &refusal) && refusal.Faults[0].ID == "which-flow":
				continue // it goes by another name
			case err != nil:
				refused = append(refused, fmt.Sprintf("%s %s: %v", name, flow, err))
			default:
				flows = append(flows, labelledFlow{name, flow, p, rowsOf(p, rows[ids[flow]])})
			}
			seen[ids[flow]] = true
		}
		for id := range rows {
			if !seen[id] {
				t.Errorf("%s: the flow %q of lint is none of run", name, id)
			}
		}
	}
	return flows, refused
}

// rowsOf picks the rows that speak of the steps of a plan.
func rowsOf(p *plan.Plan, rows []lint.StepResult) map[string]lint.StepResult {
	out := map[string]lint.StepResult{}
	for _, row := range rows {
		if slices.ContainsFunc(p.Steps, func(s *plan.Step) bool { return s.ID == row.Step && s.At.Range.Start == row.Location.Range.Start }) {
			out[row.Step] = row
		}
	}
	return out
}

// everything is a world in which a user and an agent may do all that the flows ask
// for, and somebody else may approve it.
func everything(flows []labelledFlow) *world.World {
	list := world.Tenant{ID: "meadow", Zone: time.UTC,
		Users:     []world.User{{ID: "user_ines", Session: true}, {ID: "user_joao", Session: true}},
		Approvers: []world.Approver{{User: "user_joao"}},
		Tuples:    []world.Tuple{{User: "agent:helper", Relation: "delegate", Object: "user:user_ines"}},
		Model: `model
  schema 1.1
type user
  relations
    define delegate: [agent]
type agent
type service
  relations
    define operator: [user]
    define writer: [user] or operator
    define reader: [user] or writer
`}
	for _, e := range effects.AllEffects() {
		list.Approvers[0].Effects = append(list.Approvers[0].Effects, string(e))
	}
	scopes, services, hosts := map[string]bool{"repository:read": true}, map[string]bool{"thing": true}, map[string]bool{}
	for _, f := range flows {
		for _, s := range f.plan.Steps {
			op := s.Operation
			if s.Kind != plan.Call {
				continue
			}
			services[op.Provider], hosts[op.Host] = true, true
			for _, e := range effects.AllEffects() {
				scopes[op.Provider+":"+string(e)] = true
			}
		}
	}
	grant := world.Grant{User: "user_ines", Scopes: slices.Sorted(maps.Keys(scopes)), Resources: []string{"service:*"}}
	list.Agents = []world.Agent{{ID: "helper", Grants: []world.Grant{grant}}}
	for _, name := range slices.Sorted(maps.Keys(services)) {
		list.Resources = append(list.Resources, world.Resource{ID: "service:" + name, Sensitivity: "internal"})
		list.Tuples = append(list.Tuples, world.Tuple{User: "user:user_ines", Relation: "operator", Object: "service:" + name})
	}
	list.Egress = slices.Sorted(maps.Keys(hosts))
	return &world.World{Tenants: []world.Tenant{list}}
}

// plausible is a value for an input: what the demo world has for the name, or
// something of its meaning or its type.
func plausible(in plan.Input, known map[string]any) any {
	usual, found := known[in.Name]
	switch {
	case len(in.Allowed) > 0:
		return in.Allowed[0]
	case in.Role == provider.RoleResource:
		return "service:thing"
	case in.Role == provider.RoleResourceType:
		return "service"
	case in.Role == provider.RoleResourceID:
		return "thing"
	case in.Role == provider.RoleRelation:
		return "operator"
	case found:
		return usual
	}
	switch in.Type {
	case "integer", "number":
		return float64(3)
	case "boolean":
		return true
	case "array":
		return []any{"one of " + in.Name}
	case "object":
		return map[string]any{"name": "the " + in.Name}
	}
	return "a-" + in.Name
}

// agreement counts what was compared.
type agreement struct {
	flows, ended, steps, unreached, elsewhere int
	controls                                  map[string]int // by lint's state
	short                                     []string       // flows that did not get to their end
}

// TestLintAgrees: of the labelled documents, a control that lint calls missing or
// late is one that the enforced reading had to supply, at every step that a run came
// to; and what lint calls present is not.
func TestLintAgrees(t *testing.T) {
	flows, refused := labelledFlows(t)
	byDoc := map[string][]labelledFlow{}
	for _, f := range flows {
		byDoc[f.doc] = append(byDoc[f.doc], f)
	}
	got := agreement{controls: map[string]int{}}
	for _, doc := range slices.Sorted(maps.Keys(byDoc)) {
		got.run(t, byDoc[doc])
	}
	t.Logf("%d documents with %d flows ran, %d of them to their end; %d flows could not be compiled", len(byDoc), got.flows, got.ended, len(refused))
	t.Logf("%d steps compared, %d not come to, %d that nobody labelled; controls by what lint says: %v", got.steps, got.unreached, got.elsewhere, got.controls)
	for _, why := range refused {
		t.Log("not compiled: ", why)
	}
	for _, why := range got.short {
		t.Log("not to its end: ", why)
	}
	if got.ended < 220 || got.controls["missing"] < 420 || got.controls["present"] == 0 || got.controls["late"] == 0 {
		t.Errorf("too little was compared to say anything: %v", got.controls)
	}
}

// run executes the flows of a document in a world in which they may do everything.
func (a *agreement) run(t *testing.T, flows []labelledFlow) {
	t.Helper()
	b := setup(t, func(o *enforce.Options) { o.World, o.Home = everything(flows), "" })
	defer b.close()
	for _, f := range flows {
		a.flows++
		report, err := b.allApproved(f.plan, "")
		if err != nil {
			a.short = append(a.short, fmt.Sprintf("%s: %v", f.name(), err))
			continue
		}
		if report.Outcome == enforce.Completed {
			a.ended++
		} else {
			a.short = append(a.short, fmt.Sprintf("%s: %s: %s", f.name(), report.Outcome, report.Reason))
		}
		a.compare(t, f, report)
		b.clock.add(time.Hour)
	}
}

// allApproved runs a plan and has everything approved that it asks for. What it imports
// is in a folder; "" none.
func (b *bench) allApproved(p *plan.Plan, folder string) (*enforce.Report, error) {
	known := demo(b).Defaults.Inputs
	req := enforce.Request{Tenant: "meadow", User: "user_ines", Agent: "helper", Purpose: "test", Folder: folder, Inputs: map[string]any{}}
	for _, in := range p.Inputs {
		if !slices.Contains([]provider.Role{provider.RoleUser, provider.RoleAgent, provider.RoleTenant}, in.Role) && in.Default == nil {
			req.Inputs[in.Name] = plausible(in, known)
		}
	}
	report, err := b.Start(ctx, p, req)
	for n := 0; err == nil && report.Outcome == enforce.Waiting && report.Wait.Approval != "" && n < 50; n++ {
		if err = b.decide(report, "user_joao", true); err == nil {
			report, err = b.Resume(ctx, "meadow", report.Run)
		}
	}
	return report, err
}

// compare holds the report of a run to what lint says of its steps.
func (a *agreement) compare(t *testing.T, f labelledFlow, report *enforce.Report) {
	t.Helper()
	for _, s := range report.Steps {
		id := s.Step
		if cut := strings.IndexAny(id, "#["); cut > 0 {
			id = id[:cut]
		}
		row, found := f.rows[id]
		switch {
		case !found:
			a.elsewhere++
			continue
		case s.Attempt == 0: // it never came to act
			a.unreached++
			continue
		}
		a.steps++
		for check, state := range map[string]lint.State{"identity": row.Needs.Authentication, "fga": row.Needs.Authorization,
			"approval": row.Needs.Approval, "audit": row.Needs.Audit} {
			a.controls[string(state)]++
			lacks := state == lint.Missing || state == lint.Late
			listed := slices.Contains(report.Supplied, enforce.SuppliedReport{Step: id, Check: check, State: string(state)})
			decided := said(s, check)
			switch {
			case lacks && !listed:
				t.Errorf("%s %s: lint calls %s %s, and the report does not list it as supplied: %s %s", f.name(), s.Step, check, state, s.Outcome, s.Reason)
			case lacks && (decided.SuppliedBy != decision.ByRuntime):
				t.Errorf("%s %s: lint calls %s %s, and the runtime supplied no decision: %+v", f.name(), s.Step, check, state, decided)
			case state == lint.Present && slices.ContainsFunc(report.Supplied, func(one enforce.SuppliedReport) bool { return one.Step == id && one.Check == check }):
				t.Errorf("%s %s: lint calls %s present, and the report lists it as supplied", f.name(), s.Step, check)
			case state == lint.Present && decided.Check != "" && decided.SuppliedBy == decision.ByRuntime:
				t.Errorf("%s %s: lint calls %s present, and the runtime decided itself: %+v", f.name(), s.Step, check, decided)
			}
		}
	}
}
