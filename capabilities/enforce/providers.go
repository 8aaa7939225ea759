package enforce

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/fga"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/faults"
	"agentrisk/capabilities/enforce/provider/generic"
	"agentrisk/capabilities/enforce/provider/state"
	"agentrisk/capabilities/enforce/provider/workos"
	"agentrisk/capabilities/enforce/store/seal"
	"agentrisk/capabilities/enforce/world"
)

func (r *Runtime) openProviders(context.Context) error {
	key, err := r.key("providers.key")
	if err != nil {
		return err
	}
	box, err := seal.New(r.options.Random, key)
	if err != nil {
		return err
	}
	if r.state, err = state.New(r.db, box); err != nil {
		return err
	}
	service, err := workos.New(workos.Options{State: r.state, World: r.world, Related: r.related, Random: r.options.Random})
	if err != nil {
		return err
	}
	behaving, err := r.behaving(service)
	if err != nil {
		return err
	}
	r.providers, err = provider.NewRegistry(behaving)
	return err
}

// behaving gives a stand-in the latencies and faults of the world.
func (r *Runtime) behaving(p provider.Provider) (provider.Provider, error) {
	for _, behaviour := range r.world.Providers {
		if behaviour.Name == p.Name() {
			return faults.New(p, behaviour, r.state)
		}
	}
	return p, nil
}

// related answers a service that decides itself who may what: from the relations
// of the tenant.
func (r *Runtime) related(ctx context.Context, tenant, user, relation, resource string) (bool, error) {
	return r.relations.Query(ctx, fga.Query{Tenant: tenant, User: "user:" + user, Relation: relation, Object: resource,
		Sealed: fga.Seal{At: r.options.Clock().UTC(), User: "user:" + user}})
}

// provider is who answers a step. What nobody modelled is simulated.
func (r *runner) provider(s *plan.Step) (provider.Provider, error) {
	if s.Operation.Control == "approve" {
		return desk{r.policyVersion(r.req.Tenant)}, nil
	}
	if p, found := r.providers.Provider(s.Operation.Provider); found && !s.Operation.Simulated {
		return p, nil
	}
	return r.simulated(s.Operation.Provider)
}

func (r *runner) simulated(name string) (provider.Provider, error) {
	var ops []provider.Operation
	if r.plan != nil {
		seen := map[string]bool{}
		for _, s := range r.plan.Steps {
			if op := s.Operation; op.Simulated && op.Provider == name && !seen[op.ID] {
				seen[op.ID] = true
				ops = append(ops, op)
			}
		}
	}
	p, err := generic.New(name, ops, r.state)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be simulated: %w", name, err)
	}
	for _, behaviour := range r.world.Providers {
		if behaviour.Name == name {
			// What the plan does not call is nothing to this stand-in.
			behaviour.Operations = slices.DeleteFunc(slices.Clone(behaviour.Operations), func(o world.Operation) bool {
				return !slices.ContainsFunc(ops, func(op provider.Operation) bool { return op.ID == o.ID })
			})
			return faults.New(p, behaviour, r.state)
		}
	}
	return p, nil
}

// undoer finds who takes an effect back. What was simulated is noted as taken back
// where it was simulated, also where its service is modelled in part.
func (r *runner) undoer(name, operation string) (provider.Provider, bool) {
	if p, found := r.providers.Provider(name); found && operation != generic.UndoID {
		return p, true
	}
	p, err := r.simulated(name)
	return p, err == nil
}

// operation finds what a step of the journal did.
func (r *runner) operation(id, step string) (provider.Provider, provider.Operation, bool) {
	if r.plan != nil {
		if s := r.plan.Step(baseName(step)); s != nil {
			p, err := r.provider(s)
			return p, s.Operation, err == nil
		}
	}
	op, found := r.providers.Find("", id)
	if !found {
		return nil, op, false
	}
	p, found := r.providers.Provider(op.Provider)
	return p, op, found
}

// baseName is the id of a step without the number of a visit or an item.
func baseName(step string) string {
	if cut := strings.IndexAny(step, "#["); cut > 0 {
		return step[:cut]
	}
	return step
}

// scratchName is the copy that a sandboxed run works on.
func (r *runner) scratchName() string {
	if r.req.Mode == Sandbox {
		return r.sealed.Run
	}
	return ""
}

func (r *runner) dropScratch(ctx context.Context) error {
	if name := r.scratchName(); name != "" {
		return r.state.DropScratch(ctx, r.req.Tenant, name)
	}
	return nil
}

// desk answers the steps of a capability that ask a person: the runtime asked
// before it came here, and the answer was yes under this version of the policy.
type desk struct{ policy string }

func (desk) Name() string                     { return "desk" }
func (desk) Operations() []provider.Operation { return nil }

func (d desk) Call(_ context.Context, _ string, _ provider.Call) (provider.Response, error) {
	return provider.Response{Status: 200, Body: map[string]any{"approved": true, "status": "approved", "decision": "approved",
		"verdict": decision.Allow.String(), "policy_version": d.policy}}, nil
}

func (d desk) Lookup(ctx context.Context, operation string, call provider.Call) (provider.Response, bool, error) {
	response, err := d.Call(ctx, operation, call)
	return response, true, err
}
