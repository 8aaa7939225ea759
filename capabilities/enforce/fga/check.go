package fga

import (
	"context"
	"errors"
	"fmt"
	"time"

	openfgav1 "github.com/openfga/api/proto/openfga/v1"
	"google.golang.org/protobuf/types/known/structpb"

	"agentrisk/capabilities/enforce/decision"
)

// Name is what decisions of this package are called.
const Name = "fga"

// Sealed begins the keys of a condition's context that the runtime alone sets.
const Sealed = "trusted_"

// The sealed keys. A condition of a model reads them as parameters of these names.
const (
	SealedTime    = Sealed + "time"    // timestamp, from the run's one clock
	SealedTenant  = Sealed + "tenant"  // string
	SealedUser    = Sealed + "user"    // string, type:id, on whose behalf
	SealedAgent   = Sealed + "agent"   // string, type:id, who acts
	SealedPurpose = Sealed + "purpose" // string
)

// Delegate is the relation that the next link of a delegation chain must have to
// the one before it: agent:a is delegate of user:u.
const Delegate = "delegate"

// Authorizer answers whether a step may act on its resource.
type Authorizer interface {
	Check(ctx context.Context, req decision.Request) decision.Decision
}

var _ Authorizer = (*Engine)(nil)

// Check answers whether the user of a request has the relation it needs on its
// resource, and whether every agent of the chain acts as a delegate of the one
// before it. Whatever goes wrong is a denial.
func (e *Engine) Check(ctx context.Context, req decision.Request) decision.Decision {
	if missing := lacks(req); missing != "" {
		return decision.Denied(Name, "the request names no "+missing)
	}
	q := Query{Tenant: req.Tenant, User: entity(req.User), Relation: req.Relation, Object: req.Resource, Sealed: Seal{
		At: req.At, User: entity(req.User), Agent: entity(req.Agent), Purpose: req.Purpose}}
	links, err := chain(req.Context)
	if err != nil {
		return decision.Denied(Name, err.Error())
	}
	for i := 1; i < len(links); i++ {
		hop := q
		hop.User, hop.Relation, hop.Object = links[i], Delegate, links[i-1]
		if d := e.decide(ctx, hop); d.Verdict != decision.Allow {
			return d
		}
	}
	return e.decide(ctx, q)
}

func (e *Engine) decide(ctx context.Context, q Query) decision.Decision {
	allowed, err := e.Query(ctx, q)
	d := decision.Decision{Check: Name, SuppliedBy: decision.ByRuntime, Rule: q.Object + "#" + q.Relation}
	switch {
	case err != nil:
		d.Reason = "no answer is a no: " + err.Error()
	case !allowed:
		d.Reason = fmt.Sprintf("%s is not %s of %s", q.User, q.Relation, q.Object)
	default:
		d.Verdict, d.Reason = decision.Allow, fmt.Sprintf("%s is %s of %s", q.User, q.Relation, q.Object)
	}
	return d
}

// lacks names the first thing missing without which there is no decision.
func lacks(req decision.Request) string {
	for _, part := range []struct{ name, value string }{
		{"tenant", req.Tenant}, {"user", req.User.ID}, {"agent", req.Agent.ID}, {"purpose", req.Purpose},
		{"resource", req.Resource}, {"relation", req.Relation}} {
		if part.value == "" {
			return part.name
		}
	}
	if req.At.IsZero() {
		return "time"
	}
	return ""
}

// chain returns the delegation from the user down to the agent. It must begin and
// end with them.
func chain(c decision.Context) ([]string, error) {
	if len(c.Chain) < 2 || c.Chain[0] != c.User || c.Chain[len(c.Chain)-1] != c.Agent {
		return nil, errors.New("the delegation chain does not lead from the user to the agent")
	}
	if len(c.Chain) > maxChain {
		return nil, fmt.Errorf("the delegation chain has %d links, more than %d", len(c.Chain), maxChain)
	}
	links := make([]string, len(c.Chain))
	for i, a := range c.Chain {
		if i > 0 && a.Kind != "agent" || i == 0 && a.Kind != "user" {
			return nil, fmt.Errorf("link %d of the delegation chain is %s %q; expected a user, then agents", i+1, a.Kind, a.ID)
		}
		links[i] = entity(a)
	}
	return links, nil
}

// maxChain bounds a delegation chain, the user included.
const maxChain = 8

func entity(a decision.Actor) string { return a.Kind + ":" + a.ID }

// Query is one question about a tenant's relations.
type Query struct {
	Tenant, User, Relation, Object string

	Context map[string]any // what the asker says; never a sealed key
	Tuples  []Tuple        // relations that hold for this question alone
	Sealed  Seal
}

// Seal is what the runtime knows and no asker can say.
type Seal struct {
	At                   time.Time // zero: unknown, and conditions that need it fail
	User, Agent, Purpose string    // empty: unknown
}

// Query answers one question. An error means that there is no answer, and must be
// taken for a no.
func (e *Engine) Query(ctx context.Context, q Query) (allowed bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			allowed, err = false, &Error{Kind: Refused, Op: "check", Err: fmt.Errorf("the engine broke down: %v", r)}
		}
	}()
	t, err := e.tenant("check", q.Tenant)
	if err != nil {
		return false, err
	}
	if err := e.guard("check", q.Tenant, Tuple{User: q.User, Object: q.Object}); err != nil {
		return false, err
	}
	fields, err := q.context()
	if err != nil {
		return false, err
	}
	req := &openfgav1.CheckRequest{StoreId: t.store, AuthorizationModelId: t.modelID, Context: fields,
		TupleKey:    &openfgav1.CheckRequestTupleKey{User: q.User, Relation: q.Relation, Object: q.Object},
		Consistency: openfgav1.ConsistencyPreference_HIGHER_CONSISTENCY}
	for _, one := range q.Tuples {
		key, err := e.key("check", q.Tenant, one)
		if err != nil {
			return false, err
		}
		if req.ContextualTuples == nil {
			req.ContextualTuples = &openfgav1.ContextualTupleKeys{}
		}
		req.ContextualTuples.TupleKeys = append(req.ContextualTuples.TupleKeys, key)
	}
	ctx, cancel := context.WithTimeout(ctx, e.options.Timeout)
	defer cancel()
	resp, err := e.server.Check(ctx, req)
	if err != nil {
		return false, wrap("check", err)
	}
	return resp.GetAllowed(), nil
}

// context joins what the asker says with what the runtime knows. The sealed keys
// go in last.
func (q Query) context() (*structpb.Struct, error) {
	fields, err := contextOf("check", q.Context)
	if err != nil {
		return nil, err
	}
	if fields.Fields == nil {
		fields.Fields = map[string]*structpb.Value{}
	}
	for key, value := range map[string]string{SealedTenant: q.Tenant, SealedUser: q.Sealed.User, SealedAgent: q.Sealed.Agent, SealedPurpose: q.Sealed.Purpose} {
		if value != "" {
			fields.Fields[key] = structpb.NewStringValue(value)
		}
	}
	if !q.Sealed.At.IsZero() {
		fields.Fields[SealedTime] = structpb.NewStringValue(q.Sealed.At.UTC().Format(time.RFC3339Nano))
	}
	return fields, nil
}
