package fga

import (
	"context"
	"crypto/x509"
	"errors"
	"sync"
	"time"

	"agentrisk/capabilities/enforce/secrets"
)

// Memory is the location of relations that live as long as the engine.
const Memory = ":memory:"

// Options of an engine.
type Options struct {
	// Guard says whether an entity, as type:id, belongs to a tenant. It is required,
	// knows nothing of OpenFGA, and is asked before it.
	Guard func(tenant, entity string) bool
	// Timeout bounds each question and each write; 0 means 2 s.
	Timeout time.Duration
	// Token is sent to a remote server as a bearer token, and used nowhere else;
	// empty: none is sent.
	Token secrets.Value
	// Roots are the authorities that vouch for a remote server; nil means the
	// system's.
	Roots *x509.CertPool

	// suite turns on what OpenFGA's own suite needs and nobody else gets: public
	// wildcards, and expressions inside tuples.
	suite bool
}

// Engine holds relations and answers questions about them. It may be used by many
// goroutines.
type Engine struct {
	options Options
	server  service

	mu      sync.RWMutex
	tenants map[string]tenant
}

// tenant is where a tenant's relations lie and which model they are read with.
type tenant struct {
	store   string
	modelID string // what the model is called there
	model   *Policy
}

// depth bounds the levels of relations that lead from a user to a resource. Beyond
// it the answer is an error, and so a denial.
const depth = 25

// modelsKept is how many models are kept ready. They never change.
const modelsKept = 1000

// Open opens the relations at a location. The location is [Memory], a URL that
// starts with postgres:// or postgresql://, the URL of an OpenFGA server (https://,
// or http:// on this machine), or else the path of an SQLite file, which is made
// with mode 0600. The schema of a database is brought up to date; a server must
// answer, and accept the token.
func Open(ctx context.Context, location string, options Options) (*Engine, error) {
	if options.Guard == nil {
		return nil, &Error{Kind: Refused, Op: "open", Err: errors.New("no guard"), Hint: "set Options.Guard: it says what belongs to whom"}
	}
	if options.Timeout <= 0 {
		options.Timeout = 2 * time.Second
	}
	open := openLocal
	if isRemote(location) {
		open = openRemote
	}
	srv, err := open(ctx, location, options)
	if err != nil {
		return nil, wrap("open", err)
	}
	return &Engine{options: options, server: srv, tenants: map[string]tenant{}}, nil
}

// Close ends the use of the relations.
func (e *Engine) Close() { e.server.Close() }

// Provision sets a tenant up: its store exists, and questions about it are read
// with the model. To do so again with the same model changes nothing.
func (e *Engine) Provision(ctx context.Context, name string, model *Policy) error {
	if err := checkTenant(name); err != nil {
		return err
	}
	if model == nil {
		return &Error{Kind: Model, Op: "provision", What: name, Hint: "give it a model"}
	}
	if at := wildcard(model.proto); at != "" && !e.options.suite {
		return &Error{Kind: Public, Op: "provision", What: at}
	}
	ctx, cancel := context.WithTimeout(ctx, e.options.Timeout)
	defer cancel()
	store, modelID, err := e.server.provision(ctx, name, model)
	if err != nil {
		return wrap("provision", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tenants[name] = tenant{store: store, modelID: modelID, model: model}
	return nil
}

// Version names what decides for a tenant beside its relations: the model. It is
// empty for a tenant that is not set up.
func (e *Engine) Version(name string) string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if t, ok := e.tenants[name]; ok {
		return t.model.id
	}
	return ""
}

func (e *Engine) tenant(op, name string) (tenant, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	t, ok := e.tenants[name]
	if !ok {
		return tenant{}, &Error{Kind: Unknown, Op: op, What: name, Hint: "provision it first"}
	}
	return t, nil
}
