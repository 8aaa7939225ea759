package fga

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	openfgav1 "github.com/openfga/api/proto/openfga/v1"
	"google.golang.org/protobuf/proto"
)

// A server names stores and models itself. A tenant's store is found again by the
// name it was given, and its model by what it says.

const (
	storesPage = 100
	modelsPage = 20
	maxPages   = 500 // of stores or of models, before the search is given up

	storeTries = 20 // how often stores of one name are looked at
	storePause = 25 * time.Millisecond
)

// storeName is what a tenant's store is called on a server, in at most the 64
// characters that OpenFGA takes. No tenant's name begins with "@".
func storeName(tenant string) string {
	if name := "agentrisk/" + tenant; len(name) <= 64 {
		return name
	}
	return "agentrisk/@" + id("store", tenant)
}

func (r *remote) provision(ctx context.Context, name string, model *Policy) (store, modelID string, err error) {
	if store, err = r.store(ctx, storeName(name)); err != nil {
		return "", "", err
	}
	if modelID, err = r.model(ctx, store, model); err != nil {
		return "", "", err
	}
	return store, modelID, nil
}

// store returns the one store of a name, and makes it where there is none. The
// server takes a name twice: where several make the store at one moment, all but
// the first take theirs away again. Where two remain, nobody can say which one
// counts, and both are refused.
func (r *remote) store(ctx context.Context, name string) (string, error) {
	mine := ""
	for try := range storeTries {
		ids, err := r.stores(ctx, name)
		switch {
		case err != nil:
			return "", err
		case len(ids) == 1:
			return ids[0], nil
		case len(ids) == 0 && mine != "":
			return "", &Error{Kind: Refused, Op: "provision", What: name, Err: errors.New("the server does not list the store that it made")}
		case len(ids) == 0:
			created := &openfgav1.CreateStoreResponse{}
			if err := r.call(ctx, http.MethodPost, "stores", nil, &openfgav1.CreateStoreRequest{Name: name}, created); err != nil {
				return "", err
			}
			if mine = created.GetId(); mine == "" {
				return "", &Error{Kind: Refused, Op: "provision", What: name, Err: errors.New("the server does not say which store it made")}
			}
			continue
		// The others may have seen theirs alone, and keep it: then the first gives way.
		case mine != "" && (mine != ids[0] || try > storeTries/2):
			if err := r.call(ctx, http.MethodDelete, pathOf(mine), nil, nil, nil); err != nil {
				return "", err
			}
			mine = ""
			continue
		}
		select {
		case <-time.After(storePause):
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	return "", &Error{Kind: Refused, Op: "provision", What: name, Err: errors.New("the server has several stores of this name"), Hint: "delete all but the one that counts"}
}

// stores returns the ids of the stores of a name, the oldest first.
func (r *remote) stores(ctx context.Context, name string) ([]string, error) {
	var ids []string
	token := ""
	for range maxPages {
		query := url.Values{"page_size": {strconv.Itoa(storesPage)}, "name": {name}}
		if token != "" {
			query.Set("continuation_token", token)
		}
		page := &openfgav1.ListStoresResponse{}
		if err := r.call(ctx, http.MethodGet, "stores", query, nil, page); err != nil {
			return nil, err
		}
		for _, s := range page.GetStores() {
			if s.GetName() == name { // an older server does not look at the name
				ids = append(ids, s.GetId())
			}
		}
		if token = page.GetContinuationToken(); token == "" {
			slices.Sort(ids) // ids of OpenFGA begin with the time
			return ids, nil
		}
	}
	return nil, &Error{Kind: Refused, Op: "provision", What: name, Err: fmt.Errorf("the server has more than %d stores", maxPages*storesPage)}
}

// model returns the id of the newest model of a store that says the same as this
// one, and writes it where there is none.
func (r *remote) model(ctx context.Context, store string, model *Policy) (string, error) {
	path, token := pathOf(store, "authorization-models"), ""
	for range maxPages {
		query := url.Values{"page_size": {strconv.Itoa(modelsPage)}}
		if token != "" {
			query.Set("continuation_token", token)
		}
		page := &openfgav1.ReadAuthorizationModelsResponse{}
		if err := r.call(ctx, http.MethodGet, path, query, nil, page); err != nil {
			return "", err
		}
		for _, m := range page.GetAuthorizationModels() {
			if sameText(m, model.proto) {
				return m.GetId(), nil
			}
		}
		if token = page.GetContinuationToken(); token == "" {
			return r.writeModel(ctx, store, model)
		}
	}
	return "", &Error{Kind: Refused, Op: "provision", What: model.id, Err: fmt.Errorf("its store has more than %d models", maxPages*modelsPage)}
}

// writeModel writes a model and reads it back: what decides is what the server
// holds.
func (r *remote) writeModel(ctx context.Context, store string, model *Policy) (string, error) {
	written := &openfgav1.WriteAuthorizationModelResponse{}
	path := pathOf(store, "authorization-models")
	err := r.call(ctx, http.MethodPost, path, nil, &openfgav1.WriteAuthorizationModelRequest{StoreId: store,
		SchemaVersion: model.proto.GetSchemaVersion(), TypeDefinitions: model.proto.GetTypeDefinitions(), Conditions: model.proto.GetConditions()}, written)
	if err != nil {
		return "", err
	}
	read := &openfgav1.ReadAuthorizationModelResponse{}
	if err := r.call(ctx, http.MethodGet, pathOf(store, "authorization-models", written.GetAuthorizationModelId()), nil, nil, read); err != nil {
		return "", err
	}
	if found := read.GetAuthorizationModel(); found.GetId() == "" || !sameText(found, model.proto) {
		return "", &Error{Kind: Refused, Op: "provision", What: model.id, Err: errors.New("the server holds another model than the one that was written")}
	}
	return read.GetAuthorizationModel().GetId(), nil
}

// sameText compares two models without their ids.
func sameText(a, b *openfgav1.AuthorizationModel) bool {
	return a.GetSchemaVersion() == b.GetSchemaVersion() && proto.Equal(
		&openfgav1.AuthorizationModel{TypeDefinitions: a.GetTypeDefinitions(), Conditions: a.GetConditions()},
		&openfgav1.AuthorizationModel{TypeDefinitions: b.GetTypeDefinitions(), Conditions: b.GetConditions()})
}
