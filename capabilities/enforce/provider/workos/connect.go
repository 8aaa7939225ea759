package workos

import (
	"context"

	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/state"
)

// application is a program that signs in with credentials of its own. Handing out
// tokens for them is no operation of the published description, and none here.
type application struct {
	ID, Client, Name, Description, Created string
	Scopes                                 []string
}

type clientSecret struct {
	ID, Application, SHA256 string
}

func createApplication(_ context.Context, r *request) (provider.Response, error) {
	if r.text("organization_id") != r.tenant.ID {
		return provider.Response{}, r.missing("Organization")
	}
	scopes, err := r.texts("scopes")
	if err != nil {
		return provider.Response{}, err
	}
	a := application{ID: r.id("conn_app"), Client: r.id("client"), Name: r.text("name"), Description: r.text("description"), Created: stamp(r.call.At), Scopes: scopes}
	if err := r.tx.Put("application", a.ID, "", a); err != nil {
		return provider.Response{}, err
	}
	response, err := r.ok(201, map[string]any{"object": "connect_application", "id": a.ID, "client_id": a.Client, "description": orNull(a.Description),
		"name": a.Name, "scopes": a.Scopes, "created_at": a.Created, "updated_at": a.Created, "application_type": "m2m", "organization_id": r.tenant.ID})
	response.Undo = map[string]any{"id": a.ID}
	return response, err
}

func deleteApplication(_ context.Context, r *request) (provider.Response, error) {
	var a application
	found, err := r.tx.Get("application", r.text("id"), &a)
	if err != nil {
		return provider.Response{}, err
	}
	if !found {
		return provider.Response{}, r.missing("Application")
	}
	secrets, _, err := r.tx.List("client_secret", a.ID, state.Page{Limit: state.MaxScan}, func(state.Row) (bool, error) { return true, nil })
	if err != nil {
		return provider.Response{}, err
	}
	for _, one := range secrets {
		if err := r.tx.Delete("client_secret", one.ID); err != nil {
			return provider.Response{}, err
		}
	}
	if err := r.tx.Delete("application", a.ID); err != nil {
		return provider.Response{}, err
	}
	return r.ok(204, nil)
}

func createClientSecret(_ context.Context, r *request) (provider.Response, error) {
	var a application
	found, err := r.tx.Get("application", r.text("id"), &a)
	if err != nil {
		return provider.Response{}, err
	}
	if !found {
		return provider.Response{}, r.missing("Application")
	}
	value, err := r.secret("")
	if err != nil {
		return provider.Response{}, err
	}
	s := clientSecret{ID: r.id("secret"), Application: a.ID, SHA256: hashed(value)}
	if err := r.tx.Put("client_secret", s.ID, a.ID, s); err != nil {
		return provider.Response{}, err
	}
	response, err := r.ok(201, map[string]any{"object": "connect_application_secret", "id": s.ID, "secret_hint": value[len(value)-4:], "last_used_at": nil,
		"created_at": stamp(r.call.At), "updated_at": stamp(r.call.At), "secret": value})
	response.Undo = map[string]any{"id": s.ID}
	return response, err
}

func deleteClientSecret(_ context.Context, r *request) (provider.Response, error) {
	var s clientSecret
	found, err := r.tx.Get("client_secret", r.text("id"), &s)
	if err != nil {
		return provider.Response{}, err
	}
	if !found {
		return provider.Response{}, r.missing("Client secret")
	}
	if err := r.tx.Delete("client_secret", s.ID); err != nil {
		return provider.Response{}, err
	}
	return r.ok(204, nil)
}
