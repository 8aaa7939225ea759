package workos

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/state"
)

// createPortalLink makes a link for the customer's administrator. In the local
// world nobody will follow it, so the stand-in plays the administrator at once: the
// link for single sign-on gives an active connection, that for directories a linked
// one with a person in it. Lists that show them say that they are simulated.
func createPortalLink(_ context.Context, r *request) (provider.Response, error) {
	o, found, err := r.organization(r.text("organization"))
	if err != nil {
		return provider.Response{}, err
	}
	if !found {
		return provider.Response{}, r.missing("Organization")
	}
	if err := r.checkPortal(); err != nil {
		return provider.Response{}, err
	}
	token, err := r.secret("")
	if err != nil {
		return provider.Response{}, err
	}
	intent := r.text("intent")
	if intent == "" || intent == "sso" {
		if err := r.connect(o); err != nil {
			return provider.Response{}, err
		}
	}
	if intent == "" || intent == "dsync" {
		if err := r.linkDirectory(o); err != nil {
			return provider.Response{}, err
		}
	}
	return r.ok(201, map[string]any{"link": "https://setup.workos.com?token=" + token})
}

func (r *request) checkPortal() error {
	emails, err := r.texts("it_contact_emails")
	if err != nil {
		return err
	}
	if len(emails) > 20 || slices.ContainsFunc(emails, func(e string) bool { return !isEmail(e) }) {
		return r.bad("it_contact_emails", "value", "it_contact_emails holds at most 20 addresses")
	}
	for _, name := range []string{"return_url", "success_url"} {
		if text := r.text(name); text != "" && !isHTTPS(text) {
			return r.bad(name, "value", name+" must be an https:// URL")
		}
	}
	return nil
}

func isEmail(text string) bool {
	local, host, found := strings.Cut(text, "@")
	return found && local != "" && len(text) <= 254 && domainForm().MatchString(strings.ToLower(host)) && !strings.ContainsAny(local, " <>@\"\r\n\t")
}

func isHTTPS(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}

func (r *request) connect(o organization) error {
	domains := []any{}
	for _, name := range o.names() {
		domains = append(domains, map[string]any{"object": "connection_domain", "id": r.id("org_domain"), "domain": name})
	}
	id := r.id("conn")
	return r.tx.Put("connection", id, "", map[string]any{"object": "connection", "id": id, "organization_id": o.ID, "connection_type": "GenericSAML",
		"name": o.Name, "state": "active", "status": "linked", "domains": domains, "created_at": stamp(r.call.At), "updated_at": stamp(r.call.At)})
}

func (r *request) linkDirectory(o organization) error {
	id, person, now := r.id("directory"), r.id("directory_user"), stamp(r.call.At)
	directory := map[string]any{"object": "directory", "id": id, "organization_id": o.ID, "external_key": "local", "type": "generic scim v2.0",
		"state": "linked", "name": o.Name, "created_at": now, "updated_at": now}
	host := "directory.example"
	if names := o.names(); len(names) > 0 {
		host, directory["domain"] = names[0], names[0]
	}
	if err := r.tx.Put("directory", id, "", directory); err != nil {
		return err
	}
	return r.tx.Put("directory_user", person, "", map[string]any{"object": "directory_user", "id": person, "directory_id": id, "organization_id": o.ID,
		"idp_id": "local-1", "email": "simulated.person@" + host, "first_name": "Simulated", "last_name": "Person", "state": "active",
		"raw_attributes": map[string]any{}, "custom_attributes": map[string]any{}, "groups": []any{}, "created_at": now, "updated_at": now})
}

// played lists rows that the stand-in made in the part of somebody else.
func (r *request) played(kind string, wants func(item map[string]any) bool) (provider.Response, error) {
	response, err := r.list(kind, "", func(row state.Row) (map[string]any, error) {
		var item map[string]any
		if err := row.Decode(&item); err != nil || !wants(item) {
			return nil, err
		}
		return item, nil
	}, nil)
	response.Simulated = true
	return response, err
}

// is says whether a filter that was given fits.
func (r *request) is(filter string, value any) bool {
	return r.text(filter) == "" || r.text(filter) == value
}

func listConnections(_ context.Context, r *request) (provider.Response, error) {
	return r.played("connection", func(item map[string]any) bool {
		name, _ := item["name"].(string)
		domains, _ := item["domains"].([]any)
		in := r.text("domain") == "" || slices.ContainsFunc(domains, func(d any) bool {
			one, _ := d.(map[string]any)
			return one["domain"] == r.text("domain")
		})
		return in && has(r.text("search"), name) && r.is("organization_id", item["organization_id"]) && r.is("connection_type", item["connection_type"])
	})
}

func listDirectories(_ context.Context, r *request) (provider.Response, error) {
	return r.played("directory", func(item map[string]any) bool {
		name, _ := item["name"].(string)
		return has(r.text("search"), name) && r.is("organization_id", item["organization_id"]) && r.is("domain", item["domain"])
	})
}

func listDirectoryUsers(_ context.Context, r *request) (provider.Response, error) {
	if r.text("group") != "" { // no group was ever made
		return provider.Response{}, r.missing("Directory group")
	}
	if id := r.text("directory"); id != "" {
		var directory map[string]any
		if found, err := r.tx.Get("directory", id, &directory); err != nil {
			return provider.Response{}, err
		} else if !found {
			return provider.Response{}, r.missing("Directory")
		}
	}
	return r.played("directory_user", func(item map[string]any) bool {
		return r.is("directory", item["directory_id"]) && r.is("idp_id", item["idp_id"]) && r.is("email", item["email"])
	})
}
