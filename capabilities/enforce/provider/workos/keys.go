package workos

import (
	"context"
	"slices"
	"time"

	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/state"
	"agentrisk/capabilities/enforce/world"
)

// The demo's integration hands out keys of the stand-in itself, so that what it
// hands out can be validated and ended.
const (
	localKeys = "local-keys"
	tokenLife = 15 * time.Minute
)

// key is an API key of a user. Its value is known by its hash alone.
type key struct {
	ID, Name, User, Tail string
	Scopes               []string
	Created, Updated     string
	Expires              string // "" never
	Revoked              bool   // of the world: for good
}

func (k key) shown(tenant string) map[string]any {
	return map[string]any{"object": "api_key", "id": k.ID, "owner": map[string]any{"type": "user", "id": k.User, "organization_id": tenant},
		"name": k.Name, "obfuscated_value": "sk_..." + k.Tail, "last_used_at": nil, "expires_at": orNull(k.Expires),
		"permissions": append([]string{}, k.Scopes...), "created_at": k.Created, "updated_at": k.Updated}
}

// over says whether the key is not to be taken any more.
func (k key) over(at time.Time) bool {
	if k.Revoked {
		return true
	}
	if k.Expires == "" {
		return false
	}
	end, err := time.Parse(time.RFC3339, k.Expires)
	return err != nil || !at.Before(end)
}

// ofWorld is a key that the world lists.
func ofWorld(k world.Key) key {
	one := key{ID: k.ID, Name: k.ID, User: k.User, Tail: "····", Scopes: k.Scopes, Created: epoch, Updated: epoch, Revoked: k.Revoked}
	if !k.Expires.IsZero() {
		one.Expires = stamp(k.Expires)
	}
	return one
}

// key finds a key by its id: one that was made here, or changed here, or else one
// of the world's.
func (r *request) key(id string) (key, bool, error) {
	var k key
	if found, err := r.tx.Get("api_key", id, &k); found || err != nil {
		return k, found, err
	}
	i := slices.IndexFunc(r.tenant.Keys, func(k world.Key) bool { return k.ID == id })
	if i < 0 {
		return key{}, false, nil
	}
	return ofWorld(r.tenant.Keys[i]), true, nil
}

// issue makes a key and tells its value, once.
func (r *request) issue(user, name string, scopes []string, expires time.Time) (key, string, error) {
	value, err := r.secret("sk_")
	if err != nil {
		return key{}, "", err
	}
	k := key{ID: r.id("api_key"), Name: name, User: user, Tail: value[len(value)-4:], Scopes: scopes, Created: stamp(r.call.At), Updated: stamp(r.call.At)}
	if !expires.IsZero() {
		k.Expires = stamp(expires)
	}
	if err := r.tx.Put("api_key", k.ID, user, k); err != nil {
		return key{}, "", err
	}
	if err := r.tx.Put("api_key_hash", hashed(value), "", k.ID); err != nil {
		return key{}, "", err
	}
	return k, value, r.event("api_key.created", k.shown(r.tenant.ID))
}

// getToken hands out a token of the user's connected account. An account is
// connected where the user granted something to an agent of the world.
func getToken(_ context.Context, r *request) (provider.Response, error) {
	if r.text("slug") != localKeys {
		return provider.Response{}, r.missing("Data integration")
	}
	user, found := r.user(r.text("user_id"))
	if !found || r.text("organization_id") != r.tenant.ID {
		return provider.Response{}, r.missing("User")
	}
	scopes, err := r.texts("scopes")
	if err != nil {
		return provider.Response{}, err
	}
	switch connected, live := r.connected(user.ID); {
	case !connected:
		return deny(200, map[string]any{"active": false, "error": "not_installed"}, "the user has connected no account: no agent was granted anything")
	case !live:
		return deny(200, map[string]any{"active": false, "error": "needs_reauthorization"}, "what the user granted has ended")
	}
	name := "token of " + user.ID
	if agent := r.text("agent"); agent != "" {
		name = "token of " + user.ID + " for " + agent
	}
	k, value, err := r.issue(user.ID, name, scopes, r.call.At.Add(tokenLife))
	if err != nil {
		return provider.Response{}, err
	}
	response, err := r.ok(200, map[string]any{"active": true, "access_token": map[string]any{"object": "access_token", "access_token": value,
		"expires_at": k.Expires, "scopes": scopes, "missing_scopes": []string{}}})
	response.Undo = map[string]any{"id": k.ID}
	return response, err
}

// connected says whether a user granted anything to an agent, and whether some of
// it has not ended.
func (r *request) connected(user string) (connected, live bool) {
	for _, a := range r.tenant.Agents {
		for _, g := range a.Grants {
			if g.User == user {
				connected = true
				live = live || g.Until.IsZero() || r.call.At.Before(g.Until)
			}
		}
	}
	return connected, live
}

// validateKey finds a key by its value, in the tenant alone.
func validateKey(_ context.Context, r *request) (provider.Response, error) {
	sum := hashed(r.text("value"))
	var id string
	if _, err := r.tx.Get("api_key_hash", sum, &id); err != nil {
		return provider.Response{}, err
	}
	for _, k := range r.tenant.Keys {
		if k.SHA256 == sum && id == "" {
			id = k.ID
		}
	}
	k, found, err := r.key(id)
	if err != nil {
		return provider.Response{}, err
	}
	no := map[string]any{"api_key": nil}
	if !found {
		return deny(200, no, "the tenant has no such key")
	}
	if k.over(r.call.At) {
		return deny(200, no, "the key "+k.ID+" has expired or was revoked")
	}
	return r.ok(200, map[string]any{"api_key": k.shown(r.tenant.ID)})
}

func createKey(_ context.Context, r *request) (provider.Response, error) {
	user, found := r.user(r.text("userId"))
	if !found || r.text("organization_id") != r.tenant.ID {
		return provider.Response{}, r.missing("User")
	}
	scopes, err := r.texts("permissions")
	if err != nil {
		return provider.Response{}, err
	}
	expires, err := r.moment("expires_at")
	if err != nil {
		return provider.Response{}, err
	}
	if !expires.IsZero() && !expires.After(r.call.At) {
		return provider.Response{}, r.bad("expires_at", "value", "expires_at must be in the future")
	}
	k, value, err := r.issue(user.ID, r.text("name"), scopes, expires)
	if err != nil {
		return provider.Response{}, err
	}
	body := k.shown(r.tenant.ID)
	body["value"] = value
	response, err := r.ok(201, body)
	response.Undo = map[string]any{"id": k.ID}
	return response, err
}

// expireKey ends a key now, or at a time to come.
func expireKey(_ context.Context, r *request) (provider.Response, error) {
	k, found, err := r.key(r.text("id"))
	if err != nil {
		return provider.Response{}, err
	}
	if !found {
		return provider.Response{}, r.missing("API Key")
	}
	if k.over(r.call.At) {
		return provider.Response{}, r.fail(409, map[string]any{"code": "api_key_already_expired", "message": "API key is already expired"}, "the key has expired already")
	}
	end, err := r.moment("expires_at")
	if err != nil {
		return provider.Response{}, err
	}
	if end.IsZero() || !end.After(r.call.At) {
		end = r.call.At
	}
	before := k.Expires
	k.Expires, k.Updated = stamp(end), stamp(r.call.At)
	if err := r.tx.Put("api_key", k.ID, k.User, k); err != nil {
		return provider.Response{}, err
	}
	name, seen := "api_key.revoked", k.shown(r.tenant.ID)
	if end.After(r.call.At) {
		name, seen["previous_attributes"] = "api_key.updated", map[string]any{"expires_at": orNull(before)}
	}
	if err := r.event(name, seen); err != nil {
		return provider.Response{}, err
	}
	return r.ok(200, k.shown(r.tenant.ID))
}

func listKeys(_ context.Context, r *request) (provider.Response, error) {
	user, found := r.user(r.text("userId"))
	if !found || r.text("organization_id") != r.tenant.ID {
		return provider.Response{}, r.missing("User")
	}
	return r.list("api_key", user.ID, func(row state.Row) (map[string]any, error) {
		var k key
		err := row.Decode(&k)
		return k.shown(r.tenant.ID), err
	}, r.worldKeys(user.ID))
}

// worldKeys are the keys of the world that nothing changed here: older than all.
func (r *request) worldKeys(user string) func() ([]map[string]any, error) {
	return func() (list []map[string]any, err error) {
		for _, k := range r.tenant.Keys {
			var changed key
			found, err := r.tx.Get("api_key", k.ID, &changed)
			if err != nil {
				return nil, err
			}
			if k.User == user && !found {
				list = append(list, ofWorld(k).shown(r.tenant.ID))
			}
		}
		return list, nil
	}
}
