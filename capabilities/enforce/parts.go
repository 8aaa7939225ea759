package enforce

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/fga"
	"agentrisk/capabilities/enforce/identity"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/limits"
	"agentrisk/capabilities/enforce/policy"
	"agentrisk/capabilities/enforce/secrets"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/seal"
	"agentrisk/capabilities/enforce/world"
	"agentrisk/internal/source"
)

const (
	issuer   = "urn:agentrisk:capcheck"
	audience = "urn:agentrisk:capcheck:run"
)

func (r *Runtime) openStore(ctx context.Context) error {
	location := r.options.Store
	if location == "" {
		location = r.file("runtime.db")
	}
	var err error
	if r.db, err = store.Open(ctx, location, store.Options{Clock: r.options.Clock, Wait: r.options.StoreWait, MaxBytes: r.options.StoreBytes}); err != nil {
		return err
	}
	key, err := r.key("seal.key")
	if err != nil {
		return err
	}
	r.marks = canonical.Sum("marks", string(key))
	box, err := seal.New(r.options.Random, key)
	if err != nil {
		return err
	}
	if r.journal, err = journal.New(box, r.options.Random, r.options.Lease); err != nil {
		return err
	}
	if r.owner, err = store.NewID(r.options.Random, "process"); err != nil {
		return err
	}
	r.desk, err = approval.New(box, r.options.Random, directory{r.world}, r.options.ApprovalLife)
	return err
}

// directory says who may approve, from the world. Somebody who is not signed in
// approves nothing.
type directory struct{ *world.World }

func (d directory) Approves(_ context.Context, tenant, effect, person string) (bool, error) {
	t, found := d.Tenant(tenant)
	if !found {
		return false, nil
	}
	signedIn := slices.ContainsFunc(t.Users, func(u world.User) bool { return u.ID == person && u.Session })
	return signedIn && slices.ContainsFunc(t.Approvers, func(a world.Approver) bool {
		return a.User == person && slices.Contains(a.Effects, effect)
	}), nil
}

func (r *Runtime) openSecrets(ctx context.Context) error {
	var err error
	if r.vault, err = secrets.Open(ctx, r.file("secrets.age"), r.file("secrets.key"), secrets.Options{Now: r.options.Clock}); err != nil {
		return err
	}
	return r.vault.Teach(r.masker)
}

func (r *Runtime) openRelations(ctx context.Context) error {
	location := r.options.FGA
	if location == "" {
		location = fga.Memory
	}
	var err error
	if r.relations, err = fga.Open(ctx, location, fga.Options{Guard: r.world.Belongs, Token: r.options.FGAToken}); err != nil {
		return err
	}
	models := map[string]*fga.Policy{} // tenants may share a model
	for _, t := range r.world.Tenants {
		model := models[t.Model]
		if model == nil {
			if model, err = fga.ParseModel(t.Model); err != nil {
				return worldFault(t, "model", err)
			}
			models[t.Model] = model
		}
		if err := r.relations.Provision(ctx, t.ID, model); err != nil {
			return worldFault(t, "model", err)
		}
		tuples := make([]fga.Tuple, len(t.Tuples))
		for i, one := range t.Tuples {
			tuples[i] = fga.Tuple{User: one.User, Relation: one.Relation, Object: one.Object}
			if one.Condition != "" {
				tuples[i].Condition = &fga.Condition{Name: one.Condition, Context: one.Context}
			}
		}
		if err := r.relations.Replace(ctx, t.ID, tuples); err != nil {
			return worldFault(t, "tuples", err)
		}
	}
	return nil
}

// worldFault tells a fault of the world from relations that cannot be kept. Codes from
// 2000 are OpenFGA's own, about what it was given
// (https://github.com/openfga/api, ErrorCode).
func worldFault(t world.Tenant, what string, err error) error {
	var said *fga.Error
	if !errors.As(err, &said) || said.Code < 2000 || said.Code >= 3000 {
		kinds := []error{fga.Model, fga.Public, fga.Invalid, fga.Foreign, fga.Reserved}
		if !slices.ContainsFunc(kinds, func(kind error) bool { return errors.Is(err, kind) }) {
			return fmt.Errorf("of the tenant %s: %w", t.ID, err)
		}
	}
	at := t.ModelAt
	for _, one := range t.Tuples {
		if strings.Contains(err.Error(), one.Object+"#"+one.Relation+"@"+one.User) { // as OpenFGA writes it
			at = one.At
			break
		}
	}
	return &source.Error{At: at, ID: world.FaultID, Message: fmt.Sprintf("the %s of the tenant %s: %v", what, t.ID, err), Err: err}
}

func (r *Runtime) openPolicy(ctx context.Context) error {
	var err error
	if r.classifier, err = effects.New(); err != nil {
		return err
	}
	// A decision takes a tenth of a millisecond. The bound is there for policies that
	// do not end, and wide enough for a machine that is busy with other things.
	r.policy, err = policy.New(ctx, policy.Options{Bundles: r.options.Bundles, Timeout: time.Second})
	return err
}

// What is done about what is unusual, where budgets and policy leave room.
var anomaly = limits.Anomaly{
	FirstUse: decision.Allow, // noted; the policy steps up where the effect is grave
	Rate:     decision.StepUp, Percent: 300, Floor: 1000,
	OffHours:     decision.StepUp,
	TenantSwitch: decision.StepUp, Within: 10 * time.Minute,
}

var breaker = limits.Breaker{Denials: 5, CoolDown: 15 * time.Minute}

func (r *Runtime) openLimits(context.Context) error {
	r.limits = make(map[string]*limits.Limiter, len(r.world.Tenants))
	for _, t := range r.world.Tenants {
		p := limits.Policy{Breaker: breaker, Anomaly: anomaly}
		p.Anomaly.Hours = hoursOf(t)
		for _, one := range t.Limits {
			then := decision.Deny
			if err := then.UnmarshalText([]byte(one.Then)); err != nil {
				return err
			}
			p.Budgets = append(p.Budgets, limits.Budget{ID: one.ID, Effect: one.Effect, PerAgent: one.PerAgent,
				Measure: limits.Measure(one.Measure), Limit: one.Most, Window: one.Window, Then: then})
		}
		var err error
		if r.limits[t.ID], err = limits.New(p); err != nil {
			return err
		}
	}
	return nil
}

// openIdentity registers every agent of the world as a client with a key of its
// own, made anew by each process: the assertion never leaves it.
func (r *Runtime) openIdentity(context.Context) error {
	key, err := identity.LoadKey(r.file("identity.pem"), r.options.Random)
	if err != nil {
		return err
	}
	var st identity.State = identity.NewMemory()
	if r.scratch == "" {
		shared, err := identity.OpenFile(r.file("identity.state"))
		if err != nil {
			return err
		}
		st = ownAssertions{shared, identity.NewMemory()}
	}
	clients := identity.ClientMap{}
	r.agents = map[string]ed25519.PrivateKey{}
	for _, t := range r.world.Tenants {
		for _, a := range t.Agents {
			public, private, err := ed25519.GenerateKey(r.options.Random)
			if err != nil {
				return err
			}
			scopes, resources := granted(a)
			id := clientID(t.ID, a.ID)
			clients[id] = identity.Client{ID: id, Tenant: t.ID, Agent: a.ID, AssertionKey: public, Scopes: scopes, Resources: resources}
			r.agents[id] = private
		}
	}
	r.identity, err = identity.New(identity.Config{Issuer: issuer, Audience: audience, Key: key, Clients: clients, State: st,
		Now: r.options.Clock, Random: r.options.Random})
	return err
}

// ownAssertions is the state of a process whose clients have keys that no other
// process knows: revocations are everybody's, and durable; an assertion that was used
// can be shown to this process alone, so it alone remembers it.
type ownAssertions struct {
	*identity.File
	used *identity.Memory
}

func (s ownAssertions) Spend(ctx context.Context, id string, now, until time.Time) (bool, error) {
	return s.used.Spend(ctx, id, now, until)
}

func clientID(tenant, agent string) string {
	return strconv.Itoa(len(tenant)) + "." + tenant + "." + agent
}

// granted is all that anybody granted an agent: its registration allows no more.
func granted(a world.Agent) (scopes, resources []string) {
	for _, g := range a.Grants {
		scopes, resources = append(scopes, g.Scopes...), append(resources, g.Resources...)
	}
	slices.Sort(scopes)
	slices.Sort(resources)
	return slices.Compact(scopes), slices.Compact(resources)
}

func (r *Runtime) openAudit(ctx context.Context) error {
	r.auditDir = r.options.Audit
	if r.auditDir == "" {
		r.auditDir = r.file("audit")
	}
	var err error
	r.log, err = audit.Open(ctx, r.auditDir, audit.Options{Random: r.options.Random, Mask: r.masker.Text})
	if errors.Is(err, audit.ErrUnsupported) && r.scratch != "" {
		return nil // nothing is kept: plans can be made, and whoever begins a run is told
	}
	return err
}

// ownersOf lists the tenants that each name of the world belongs to.
func ownersOf(w *world.World) map[string]map[string]bool {
	owners := map[string]map[string]bool{}
	for _, t := range w.Tenants {
		names := []string{t.ID}
		for _, u := range t.Users {
			names = append(names, u.ID, "user:"+u.ID)
		}
		for _, a := range t.Agents {
			names = append(names, a.ID, "agent:"+a.ID)
		}
		for _, one := range t.Resources {
			names = append(names, one.ID)
		}
		for _, one := range t.Tuples {
			names = append(names, one.Object)
		}
		for _, k := range t.Keys {
			names = append(names, k.ID)
		}
		for _, name := range names {
			if owners[name] == nil {
				owners[name] = map[string]bool{}
			}
			owners[name][t.ID] = true
		}
	}
	return owners
}

// foreign says whether a name belongs to other tenants alone.
func (r *Runtime) foreign(tenant, name string) bool {
	owners := r.owners[name]
	return owners != nil && !owners[tenant]
}
