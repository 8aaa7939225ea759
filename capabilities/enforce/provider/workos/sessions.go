package workos

import (
	"context"

	"agentrisk/capabilities/enforce/provider"
)

// session is what is kept of the tokens that a session was given last.
type session struct {
	User    string
	Refresh string // SHA-256 of the refresh token
}

// authenticate renews the tokens of the user's session. The sealed context stands
// for a session whose tokens were not issued here; it is named by the user's id.
func authenticate(_ context.Context, r *request) (provider.Response, error) {
	user, found := r.user(r.call.User)
	if about := r.text("user_id"); about != "" && about != r.call.User {
		return deny(400, map[string]any{"code": "user_mismatch", "message": "The session is that of another user."}, "the session is that of another user")
	}
	if org := r.text("organization_id"); org != r.call.Tenant {
		return grantError("organization_not_found", "the user belongs to no such organization")
	}
	if !found {
		return grantError("invalid_grant", "the world has no such user")
	}
	if !user.Session {
		return grantError("invalid_grant", "the session has ended: the user is signed out")
	}
	var kept session
	known, err := r.tx.Get("session", user.ID, &kept)
	if err != nil {
		return provider.Response{}, err
	}
	if token := r.text("refresh_token"); token != user.ID && (!known || kept.Refresh != hashed(token)) {
		return grantError("invalid_grant", "the refresh token is not the session's, or was used")
	}
	access, err := r.secret("local_access_")
	if err != nil {
		return provider.Response{}, err
	}
	refresh, err := r.secret("local_refresh_")
	if err != nil {
		return provider.Response{}, err
	}
	if err := r.tx.Put("session", user.ID, "", session{user.ID, hashed(refresh)}); err != nil {
		return provider.Response{}, err
	}
	person := r.person(user)
	person["last_sign_in_at"] = stamp(r.call.At)
	return r.ok(200, map[string]any{"user": person, "organization_id": r.call.Tenant, "access_token": access,
		"refresh_token": refresh, "authentication_method": "ExternalAuth"})
}

func grantError(code, reason string) (provider.Response, error) {
	return deny(400, map[string]any{"error": code, "error_description": "The request failed: " + reason + "."}, reason)
}

// checkPermission asks the relations of the world. What is not the tenant's is not
// found, whoever asks.
func checkPermission(ctx context.Context, r *request) (provider.Response, error) {
	user := ""
	for _, u := range r.tenant.Users {
		if MembershipID(r.tenant.ID, u.ID) == r.text("organization_membership_id") {
			user = u.ID
		}
	}
	if user == "" {
		return deny(404, map[string]any{"message": "Organization membership not found."}, "the tenant has no such member")
	}
	resource := r.text("resource_type_slug") + ":" + r.text("resource_external_id")
	if !r.s.world.Belongs(r.tenant.ID, resource) {
		return deny(404, map[string]any{"message": "Resource not found."}, "the tenant has no such resource")
	}
	yes, err := r.s.related(ctx, r.tenant.ID, user, r.text("permission_slug"), resource)
	if err != nil {
		response, _ := deny(200, map[string]any{"authorized": false}, "whether the user may could not be decided")
		return response, nil
	}
	if !yes {
		return deny(200, map[string]any{"authorized": false}, user+" is not "+r.text("permission_slug")+" of "+resource)
	}
	return r.ok(200, map[string]any{"authorized": true})
}
