package fga

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/openfga/openfga/pkg/server"
	"github.com/openfga/openfga/pkg/server/config"
	"github.com/openfga/openfga/pkg/storage"
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

	// suite turns on what OpenFGA's own suite needs and nobody else gets: public
	// wildcards, and expressions inside tuples.
	suite bool
}

// Engine holds relations and answers questions about them. It may be used by many
// goroutines.
type Engine struct {
	options Options
	data    storage.OpenFGADatastore
	server  *server.Server

	mu      sync.RWMutex
	tenants map[string]tenant
}

// tenant is where a tenant's relations lie and which model they are read with.
type tenant struct {
	store string
	model *Policy
}

// depth bounds the levels of relations that lead from a user to a resource. Beyond
// it the answer is an error, and so a denial.
const depth = 25

// modelsKept is how many models are kept ready. They never change.
const modelsKept = 1000

// Open opens the relations at a location and brings the schema up to date. The
// location is [Memory], a URL that starts with postgres:// or postgresql://, or
// else the path of an SQLite file, which is made with mode 0600.
func Open(ctx context.Context, location string, options Options) (*Engine, error) {
	if options.Guard == nil {
		return nil, &Error{Kind: Refused, Op: "open", Err: errors.New("no guard"), Hint: "set Options.Guard: it says what belongs to whom"}
	}
	if options.Timeout <= 0 {
		options.Timeout = 2 * time.Second
	}
	data, err := openData(ctx, location)
	if err != nil {
		return nil, err
	}
	var experiments []string
	if options.suite {
		experiments = []string{config.ExperimentalInlineExpressions}
	}
	srv, err := server.NewServerWithOpts(
		server.WithDatastore(data),
		server.WithResolveNodeLimit(depth),
		server.WithRequestTimeout(options.Timeout),
		server.WithAuthorizationModelCacheSize(modelsKept),
		server.WithTypesystemCacheSize(modelsKept),
		// Wrong decisions of the past came out of these; they are off whatever the
		// library's defaults become.
		server.WithCheckQueryCacheEnabled(false),
		server.WithCheckIteratorCacheEnabled(false),
		server.WithListObjectsIteratorCacheEnabled(false),
		server.WithCacheControllerEnabled(false),
		server.WithSharedIteratorEnabled(false),
		server.WithExperimentals(experiments...),
	)
	if err != nil {
		data.Close()
		return nil, wrap("open", err)
	}
	return &Engine{options: options, data: data, server: srv, tenants: map[string]tenant{}}, nil
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
	t := tenant{store: id("store", name), model: model}
	if err := e.ensureStore(ctx, t.store, name); err != nil {
		return wrap("provision", err)
	}
	if err := e.ensureModel(ctx, t); err != nil {
		return wrap("provision", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tenants[name] = t
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

// ensureStore makes the store unless it is there. Another process may make it at
// the same moment: then it is there as well.
func (e *Engine) ensureStore(ctx context.Context, store, name string) error {
	found, err := e.data.GetStore(ctx, store)
	if errors.Is(err, storage.ErrNotFound) {
		if _, made := e.data.CreateStore(ctx, newStore(store, name)); made == nil {
			return nil
		}
		found, err = e.data.GetStore(ctx, store)
	}
	if err != nil {
		return err
	}
	if found.GetName() != name {
		return &Error{Kind: Foreign, Op: "provision", What: name, Err: fmt.Errorf("its store belongs to %q", found.GetName())}
	}
	return nil
}

// ensureModel writes the model unless it is there, and refuses one of the same id
// that says something else: it was tampered with.
func (e *Engine) ensureModel(ctx context.Context, t tenant) error {
	found, err := e.data.ReadAuthorizationModel(ctx, t.store, t.model.id)
	if errors.Is(err, storage.ErrNotFound) {
		if made := e.data.WriteAuthorizationModel(ctx, t.store, t.model.proto); made == nil {
			return nil
		}
		found, err = e.data.ReadAuthorizationModel(ctx, t.store, t.model.id)
	}
	if err != nil {
		return err
	}
	if !sameModel(found, t.model.proto) {
		return &Error{Kind: Refused, Op: "provision", What: t.model.id, Err: errors.New("the stored model differs from the one of its name"),
			Hint: "somebody changed the database; restore it"}
	}
	return nil
}
