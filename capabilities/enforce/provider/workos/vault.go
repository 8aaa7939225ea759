package workos

import (
	"context"
	"strings"
	"unicode/utf8"

	"agentrisk/capabilities/enforce/provider"
)

// secretObject is what the vault keeps. The row is sealed as every row is.
type secretObject struct {
	ID, Name, Value  string
	Context          map[string]string
	Version, Updated string
}

// The vault's own bounds.
const (
	maxSecretName    = 200      // characters
	maxSecretValue   = 32 << 10 // bytes
	maxSecretContext = 10
)

func (r *request) metadata(o secretObject) map[string]any {
	return map[string]any{"context": o.Context, "environment_id": "environment_" + ulid(zero, digest("environment", r.tenant.ID)), "id": o.ID,
		"key_id": uuid(digest("vault key", r.tenant.ID)), "updated_at": o.Updated, "version_id": o.Version,
		"updated_by": map[string]any{"id": "key_" + ulid(zero, digest("api key", r.tenant.ID)), "name": "local stand-in"}}
}

// gone is the vault's answer to an id that means nothing.
func (r *request) gone() error {
	return r.fail(404, map[string]any{"error": "Object not found."}, "the vault has no such object")
}

func (r *request) conflict(message string) error {
	return r.fail(409, map[string]any{"error": message}, strings.ToLower(message[:1])+strings.TrimSuffix(message[1:], "."))
}

func createSecret(_ context.Context, r *request) (provider.Response, error) {
	within, ok := small(r.object("key_context"), maxAuditValue)
	if !ok || len(within) > maxSecretContext || len(within) == 0 {
		return provider.Response{}, r.bad("key_context", "value", "key_context holds one to ten short texts")
	}
	// In the real service the context chooses the key; another tenant's is not ours.
	if org, given := within["organization_id"]; given && org != r.tenant.ID {
		if _, found, err := r.organization(org); err != nil || !found {
			return provider.Response{}, orElse(err, r.bad("key_context", "value", "key_context names an organization that is not the tenant's"))
		}
	}
	o := secretObject{ID: r.uuid(), Name: r.text("name"), Value: r.text("value"), Context: within, Version: r.uuid(), Updated: stamp(r.call.At)}
	if utf8.RuneCountInString(o.Name) > maxSecretName || len(o.Value) > maxSecretValue {
		return provider.Response{}, r.bad("value", "value", "the name or the value is too long")
	}
	var other string
	taken, err := r.tx.Get("secret_name", hashed(o.Name), &other)
	if err != nil {
		return provider.Response{}, err
	}
	if taken {
		return provider.Response{}, r.conflict("An object of this name exists.")
	}
	if err := r.tx.Put("secret_name", hashed(o.Name), "", o.ID); err != nil {
		return provider.Response{}, err
	}
	if err := r.tx.Put("secret", o.ID, "", o); err != nil {
		return provider.Response{}, err
	}
	response, err := r.ok(201, r.metadata(o))
	response.Undo = map[string]any{"id": o.ID}
	return response, err
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func (r *request) secretByID(id string) (o secretObject, err error) {
	found, err := r.tx.Get("secret", id, &o)
	if err == nil && !found {
		err = r.gone()
	}
	return o, err
}

func showSecret(_ context.Context, r *request) (provider.Response, error) {
	return r.showSecret(r.text("id"))
}

func showSecretByName(_ context.Context, r *request) (provider.Response, error) {
	var id string
	found, err := r.tx.Get("secret_name", hashed(r.text("name")), &id)
	if err != nil {
		return provider.Response{}, err
	}
	if !found {
		return provider.Response{}, r.gone()
	}
	return r.showSecret(id)
}

func (r *request) showSecret(id string) (provider.Response, error) {
	o, err := r.secretByID(id)
	if err != nil {
		return provider.Response{}, err
	}
	return r.ok(200, map[string]any{"id": o.ID, "name": o.Name, "value": o.Value, "metadata": r.metadata(o)})
}

// unchanged refuses a change of what somebody else changed in between.
func (r *request) unchanged(o secretObject) error {
	if check := r.text("version_check"); check != "" && check != o.Version {
		return r.conflict("The version is not the current one.")
	}
	return nil
}

func updateSecret(_ context.Context, r *request) (provider.Response, error) {
	o, err := r.secretByID(r.text("id"))
	if isFailure(err) { // the service has no 404 here
		err = r.bad("id", "value", "the vault has no such object")
	}
	if err != nil {
		return provider.Response{}, err
	}
	if err := r.unchanged(o); err != nil {
		return provider.Response{}, err
	}
	if o.Value = r.text("value"); len(o.Value) > maxSecretValue {
		return provider.Response{}, r.bad("value", "value", "the value is too long")
	}
	o.Version, o.Updated = r.uuid(), stamp(r.call.At)
	if err := r.tx.Put("secret", o.ID, "", o); err != nil {
		return provider.Response{}, err
	}
	return r.ok(201, map[string]any{"id": o.ID, "name": o.Name, "metadata": r.metadata(o)})
}

func deleteSecret(_ context.Context, r *request) (provider.Response, error) {
	o, err := r.secretByID(r.text("id"))
	if err != nil {
		return provider.Response{}, err
	}
	if err := r.unchanged(o); err != nil {
		return provider.Response{}, err
	}
	if err := r.tx.Delete("secret", o.ID); err != nil {
		return provider.Response{}, err
	}
	if err := r.tx.Delete("secret_name", hashed(o.Name)); err != nil {
		return provider.Response{}, err
	}
	return r.ok(200, map[string]any{"name": o.Name, "success": true})
}
