package workos

import (
	"context"
	"slices"

	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/world"
)

// roles are those that a member can have in the local world. What they may is not
// said by them, but by the world's relations.
var roles = []string{"member", "admin"}

func (r *request) role(user string) (string, error) {
	role := roles[0]
	_, err := r.tx.Get("member_role", user, &role)
	return role, err
}

func (r *request) member(u world.User) (map[string]any, error) {
	role, err := r.role(u.ID)
	slug := map[string]any{"slug": role}
	body := map[string]any{"object": "organization_membership", "id": MembershipID(r.tenant.ID, u.ID), "user_id": u.ID, "organization_id": r.tenant.ID,
		"status": "active", "directory_managed": false, "created_at": epoch, "updated_at": epoch, "role": slug, "roles": []any{slug}, "user": r.person(u)}
	if r.tenant.Name != "" {
		body["organization_name"] = r.tenant.Name
	}
	return body, err
}

// listMembers lists the people of the world. They have no dates: their order is
// that of the world's file.
func listMembers(_ context.Context, r *request) (provider.Response, error) {
	if r.text("organization_id") != r.tenant.ID {
		return provider.Response{}, r.missing("Organization")
	}
	page, err := r.page()
	if err != nil {
		return provider.Response{}, err
	}
	statuses, err := r.texts("statuses")
	if err != nil {
		return provider.Response{}, err
	}
	all := []map[string]any{}
	for _, u := range r.tenant.Users {
		if r.is("user_id", u.ID) && (len(statuses) == 0 || slices.Contains(statuses, "active")) {
			one, err := r.member(u)
			if err != nil {
				return provider.Response{}, err
			}
			all = append(all, one)
		}
	}
	if page.Oldest {
		slices.Reverse(all)
	}
	at := func(id string) int {
		return slices.IndexFunc(all, func(one map[string]any) bool { return one["id"] == id })
	}
	from, to := 0, len(all)
	switch {
	case page.After != "" && at(page.After) < 0, page.Before != "" && at(page.Before) < 0:
		return provider.Response{}, r.bad("after", "value", "the page begins at somebody who is not listed")
	case page.After != "":
		from = at(page.After) + 1
		to = min(to, from+page.Limit)
	case page.Before != "":
		to = at(page.Before)
		from = max(0, to-page.Limit)
	default:
		to = min(to, page.Limit)
	}
	more := to < len(all) && page.Before == "" || from > 0 && page.Before != ""
	return r.listed(all[from:to], more, page)
}

func updateMember(_ context.Context, r *request) (provider.Response, error) {
	i := slices.IndexFunc(r.tenant.Users, func(u world.User) bool { return MembershipID(r.tenant.ID, u.ID) == r.text("id") })
	if i < 0 {
		return provider.Response{}, r.missing("Organization membership")
	}
	user, role := r.tenant.Users[i], r.text("role_slug")
	before, err := r.role(user.ID)
	if err != nil {
		return provider.Response{}, err
	}
	if role != "" && !slices.Contains(roles, role) {
		return provider.Response{}, r.fail(422, map[string]any{"code": "invalid_role", "message": "The role is not a valid role."}, "there is no such role")
	}
	if role != "" {
		if err := r.tx.Put("member_role", user.ID, "", role); err != nil {
			return provider.Response{}, err
		}
	}
	body, err := r.member(user)
	body["updated_at"] = stamp(r.call.At)
	return provider.Response{Status: 200, Body: body, Undo: map[string]any{"id": r.text("id"), "role_slug": before}}, err
}
