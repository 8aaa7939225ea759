package enforce

import (
	"context"
	"encoding/json"
	"errors"
	"os"

	"agentrisk/capabilities"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/internal/source"
)

// Request is what a run begins with. Tenant, user and agent come from whoever
// operates the runtime, and never from an agent's input.
type Request struct {
	Tenant  string         `json:"tenant"`
	User    string         `json:"user"`
	Agent   string         `json:"agent"`
	Purpose string         `json:"purpose"`
	Inputs  map[string]any `json:"inputs"` // JSON values; {"$secret": NAME} takes a value of the vault
	Reading Reading        `json:"reading"`
	Mode    Mode           `json:"mode"`
	// Canary: the first so many effects go through, and every later one waits for a
	// person. 0: off.
	Canary int `json:"canary"`
	// Folder is where files that the capability imports are found; "" none.
	Folder string `json:"folder"`
}

// kept is what the journal keeps of a run to repeat it.
type kept struct {
	Request  Request `json:"request"`
	File     string  `json:"file"`
	Document int     `json:"document"` // its place in the file
	Text     string  `json:"text"`
	Dialect  string  `json:"dialect"`
	Flow     string  `json:"flow"`
	Digest   string  `json:"digest"` // of the plan
}

// Start runs a plan until it ends or waits. The error says that no run came to
// be, or that it cannot go on now; what became of a run stands in the report.
func (r *Runtime) Start(ctx context.Context, p *plan.Plan, req Request) (*Report, error) {
	if err := r.acceptable(p, &req); err != nil {
		return nil, err
	}
	digest := p.Digest()
	input, err := keep(p, req, digest)
	if err != nil {
		return nil, err
	}
	if req.Mode == DryRun {
		return r.dryRun(ctx, p, req)
	}
	var lease journal.Lease
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		run, err := r.journal.Create(tx, journal.NewRun{Tenant: req.Tenant, Capability: p.Capability, Input: input})
		if err != nil {
			return err
		}
		lease, err = r.journal.Claim(tx, req.Tenant, run.ID, r.owner)
		return err
	})
	if err != nil {
		return nil, &Error{Kind: Unavailable, Op: "begin the run", Err: err}
	}
	one := r.newRunner(p, req, lease.Run)
	one.lease, one.digest = lease, digest
	if one.trail, err = r.log.Begin(lease.Run); err != nil {
		return nil, errors.Join(&Error{Kind: Unavailable, Op: "begin the record", Err: err}, one.release(ctx))
	}
	defer one.trail.Close()
	return one.run(ctx)
}

// Resume goes on with a run that waits, or that another process left behind.
func (r *Runtime) Resume(ctx context.Context, tenant, id string) (*Report, error) {
	if _, err := r.tenant(tenant); err != nil {
		return nil, err
	}
	var lease journal.Lease
	var snapshot journal.Snapshot
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		var err error
		if snapshot, err = r.journal.Show(tx, tenant, id); err != nil { // as it was left
			return err
		}
		lease, err = r.journal.Claim(tx, tenant, id, r.owner)
		return err
	})
	if err != nil {
		return nil, runError("resume "+id, err)
	}
	var k kept
	if err := json.Unmarshal(snapshot.Input.Bytes(), &k); err != nil {
		return nil, &Error{Kind: Unavailable, Op: "resume " + id, Err: err}
	}
	p, err := r.recompile(k)
	one := r.newRunner(p, k.Request, id)
	one.lease, one.digest = lease, k.Digest
	var trailErr error
	if one.trail, trailErr = r.log.Resume(ctx, id); trailErr != nil {
		return nil, errors.Join(&Error{Kind: Unavailable, Op: "resume the record", Err: trailErr}, one.release(ctx))
	}
	defer one.trail.Close()
	one.remember(snapshot)
	if recordErr := one.complement(ctx, snapshot); recordErr != nil {
		return one.done(ctx, recordErr)
	}
	if err != nil {
		return one.abandon(ctx, err)
	}
	if ended, err := one.turned(ctx, snapshot.Run); ended || err != nil {
		return one.done(ctx, err)
	}
	return one.run(ctx)
}

// runError puts what the journal says of a run into the words of this package.
func runError(op string, err error) error {
	kind := Unavailable
	hint := ""
	switch {
	case errors.Is(err, journal.NotFound):
		kind = Unknown
	case errors.Is(err, journal.Over):
		kind = Invalid
	case errors.Is(err, journal.Owned):
		kind = Busy
		var owned *journal.Error
		if errors.As(err, &owned) && !owned.Until.IsZero() {
			hint, err = "its lease ends at "+owned.Until.UTC().Format("15:04:05Z"), nil // the kind says the rest
		}
	}
	return &Error{Kind: kind, Op: op, Hint: hint, Err: err}
}

func keep(p *plan.Plan, req Request, digest string) (canonical.JSON, error) {
	text, err := json.Marshal(kept{Request: req, File: p.File, Document: p.Doc.Index, Text: string(p.Doc.File.Text),
		Dialect: string(p.Dialect), Flow: p.Flow, Digest: digest})
	if err != nil {
		return canonical.JSON{}, invalid("keep the run", "%v", err)
	}
	input, err := canonical.Parse(text)
	if err != nil {
		return input, &Error{Kind: Invalid, Op: "keep the run", Hint: "a run keeps at most 1 MiB of capability and inputs", Err: err}
	}
	return input, nil
}

// recompile makes the plan of a kept run again. A plan that is not the same, as
// after a new version of the program or of a file it imports, is an error.
func (r *Runtime) recompile(k kept) (*plan.Plan, error) {
	file, err := source.NewFile(k.File, []byte(k.Text), source.Limits{})
	if err != nil {
		return nil, err
	}
	options := capabilities.Options{Dialect: capabilities.Dialect(k.Dialect)}
	reader := capabilities.NewReader(nil, options)
	if k.Request.Folder != "" {
		root, err := os.OpenRoot(k.Request.Folder)
		if err == nil {
			defer root.Close()
			reader = capabilities.NewReader(root.FS(), options)
		}
	}
	var problem error = &Error{Kind: Changed, Op: "compile", Detail: "what the run would do is not what it began with", Hint: "begin a new run"}
	docs := reader.ReadFile(file)
	for i, doc := range docs { // one that a config map held is alone here, wherever it stood
		p, err := r.Compile(doc, k.Flow)
		if err == nil && p.Digest() == k.Digest {
			return p, nil
		}
		if err != nil && (i == k.Document || len(docs) == 1) {
			problem = err
		}
	}
	return nil, problem
}

// acceptable fills in what is not said and refuses what makes no sense.
func (r *Runtime) acceptable(p *plan.Plan, req *Request) error {
	if req.Reading == "" {
		req.Reading = Enforced
	}
	if req.Mode == "" {
		req.Mode = Enforce
	}
	switch {
	case p == nil || p.Digest() == "":
		return invalid("begin the run", "a plan that nobody compiled: expected one of Compile")
	case req.Reading != Enforced && req.Reading != Declared:
		return invalid("begin the run", "no reading %q: expected declared or enforced", req.Reading)
	case req.Mode != Enforce && req.Mode != Sandbox && req.Mode != DryRun:
		return invalid("begin the run", "no mode %q: expected enforce, sandbox or dry-run", req.Mode)
	case req.Canary < 0:
		return invalid("begin the run", "a canary of %d: expected a number of effects", req.Canary)
	case req.Canary > 0 && req.Reading == Declared:
		return invalid("begin the run", "in the declared reading nobody would hold a canary: leave it out, or run the enforced reading")
	case r.options.SimulatedClock && req.Mode != DryRun:
		return invalid("begin the run", "a simulated time is for dry runs alone")
	}
	t, err := r.tenant(req.Tenant)
	if err != nil {
		return err
	}
	if err := member(t, req.User, req.Agent); err != nil {
		return err
	}
	return typed(p, req)
}

// sealed is the context of the run, from what the operator said and nobody else.
func sealed(req Request, run string) decision.Context {
	user, agent := decision.Actor{Kind: "user", ID: req.User}, decision.Actor{Kind: "agent", ID: req.Agent}
	return decision.Context{Tenant: req.Tenant, User: user, Agent: agent, Chain: []decision.Actor{user, agent}, Purpose: req.Purpose, Run: run}
}
