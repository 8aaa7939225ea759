package fga

import (
	"context"
	"errors"
	"fmt"

	openfgav1 "github.com/openfga/api/proto/openfga/v1"
	"github.com/openfga/openfga/pkg/server"
	"github.com/openfga/openfga/pkg/server/config"
	"github.com/openfga/openfga/pkg/storage"
)

// service is what the engine needs of OpenFGA, wherever that runs. Its errors are
// gRPC statuses with OpenFGA's own codes, or errors of this package.
type service interface {
	Check(context.Context, *openfgav1.CheckRequest) (*openfgav1.CheckResponse, error)
	Read(context.Context, *openfgav1.ReadRequest) (*openfgav1.ReadResponse, error)
	Write(context.Context, *openfgav1.WriteRequest) (*openfgav1.WriteResponse, error)

	// provision makes sure that a tenant's store is there and holds the model, and
	// returns what the two are called there.
	provision(ctx context.Context, name string, model *Policy) (store, modelID string, err error)
	Close()
}

// local is OpenFGA in this process.
type local struct {
	*server.Server
	data storage.OpenFGADatastore
}

func openLocal(ctx context.Context, location string, options Options) (service, error) {
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
		return nil, err
	}
	return &local{Server: srv, data: data}, nil
}

// provision needs to look nothing up: the store is named by the tenant and the
// model by its contents.
func (l *local) provision(ctx context.Context, name string, model *Policy) (store, modelID string, err error) {
	store = id("store", name)
	if err := l.ensureStore(ctx, store, name); err != nil {
		return "", "", err
	}
	return store, model.id, l.ensureModel(ctx, store, model)
}

// ensureStore makes the store unless it is there. Another process may make it at
// the same moment: then it is there as well.
func (l *local) ensureStore(ctx context.Context, store, name string) error {
	found, err := l.data.GetStore(ctx, store)
	if errors.Is(err, storage.ErrNotFound) {
		if _, made := l.data.CreateStore(ctx, newStore(store, name)); made == nil {
			return nil
		}
		found, err = l.data.GetStore(ctx, store)
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
func (l *local) ensureModel(ctx context.Context, store string, model *Policy) error {
	found, err := l.data.ReadAuthorizationModel(ctx, store, model.id)
	if errors.Is(err, storage.ErrNotFound) {
		if made := l.data.WriteAuthorizationModel(ctx, store, model.proto); made == nil {
			return nil
		}
		found, err = l.data.ReadAuthorizationModel(ctx, store, model.id)
	}
	if err != nil {
		return err
	}
	if !sameModel(found, model.proto) {
		return &Error{Kind: Refused, Op: "provision", What: model.id, Err: errors.New("the stored model differs from the one of its name"),
			Hint: "somebody changed the database; restore it"}
	}
	return nil
}
