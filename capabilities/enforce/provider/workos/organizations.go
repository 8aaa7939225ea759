package workos

import (
	"context"
	"slices"
	"strings"

	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/state"
	"agentrisk/internal/pattern"
)

// organization is a customer of the tenant's, made here.
type organization struct {
	ID, Name, External, Created string
	Domains                     []domain
	Metadata                    map[string]string
	Outside                     *bool // may people of other domains sign in
}

type domain struct{ ID, Name, State string }

func (o organization) shown() map[string]any {
	domains := []any{}
	for _, d := range o.Domains {
		domains = append(domains, map[string]any{"object": "organization_domain", "id": d.ID, "organization_id": o.ID, "domain": d.Name,
			"state": d.State, "verification_strategy": "manual", "created_at": o.Created, "updated_at": o.Created})
	}
	body := map[string]any{"object": "organization", "id": o.ID, "name": o.Name, "domains": domains, "metadata": o.Metadata,
		"external_id": orNull(o.External), "created_at": o.Created, "updated_at": o.Created}
	if o.Outside != nil {
		body["allow_profiles_outside_organization"] = *o.Outside
	}
	return body
}

// The bounds of the real service.
const (
	maxMetadata      = 50
	maxMetadataKey   = 40
	maxMetadataValue = 600
	maxDomains       = 50
)

var (
	domainForm   = pattern.Lazy(`^[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))+$`)
	externalForm = pattern.Lazy(`^[\x00-\x7F]{1,128}$`)
)

func createOrganization(_ context.Context, r *request) (provider.Response, error) {
	o := organization{ID: r.id("org"), Name: r.text("name"), External: r.text("external_id"), Created: stamp(r.call.At), Metadata: map[string]string{}}
	if outside, given := r.args["allow_profiles_outside_organization"].(bool); given {
		o.Outside = &outside
	}
	if o.External != "" && !externalForm().MatchString(o.External) {
		return provider.Response{}, r.bad("external_id", "value", "external_id has at most 128 characters of ASCII")
	}
	metadata, ok := small(r.object("metadata"), maxMetadataValue)
	if !ok {
		return provider.Response{}, r.fail(400, map[string]any{"code": "invalid_metadata", "message": "Request could not be processed."}, "the metadata is out of bounds")
	}
	o.Metadata = metadata
	if err := r.domains(&o); err != nil {
		return provider.Response{}, err
	}
	if err := r.claim(o); err != nil {
		return provider.Response{}, err
	}
	if err := r.tx.Put("organization", o.ID, "", o); err != nil {
		return provider.Response{}, err
	}
	if err := r.event("organization.created", o.shown()); err != nil {
		return provider.Response{}, err
	}
	response, err := r.ok(201, o.shown())
	response.Undo = map[string]any{"id": o.ID}
	return response, err
}

// domains reads both forms in which domains are given.
func (r *request) domains(o *organization) error {
	names, err := r.texts("domains")
	if err != nil {
		return err
	}
	add := func(name, state string) bool {
		name = strings.ToLower(name)
		fits := domainForm().MatchString(name) && len(name) <= 253 && len(o.Domains) < maxDomains
		o.Domains = append(o.Domains, domain{r.id("org_domain"), name, state})
		return fits
	}
	wrong := r.bad("domains", "value", "domains are names such as example.com, at most 50")
	for _, name := range names {
		if !add(name, "pending") {
			return wrong
		}
	}
	data, _ := r.args["domain_data"].([]any)
	for _, item := range data {
		one, _ := item.(map[string]any)
		name, _ := one["domain"].(string)
		state, _ := one["state"].(string)
		if state != "pending" && state != "verified" || !add(name, state) {
			return wrong
		}
	}
	return nil
}

// claim takes the names that no two organizations of the tenant share.
func (r *request) claim(o organization) error {
	var other string
	if o.External != "" {
		taken, err := r.tx.Get("organization_external", hashed(o.External), &other)
		if err != nil {
			return err
		}
		if taken {
			return r.fail(400, map[string]any{"code": "external_id_already_used", "message": "Request could not be processed."}, "another organization has the external id")
		}
		if err := r.tx.Put("organization_external", hashed(o.External), "", o.ID); err != nil {
			return err
		}
	}
	for _, d := range o.Domains {
		taken, err := r.tx.Get("organization_domain", d.Name, &other)
		if err != nil {
			return err
		}
		if taken {
			return r.fail(409, map[string]any{"message": "A domain is in use by another organization."}, "another organization has the domain, or it is given twice")
		}
		if err := r.tx.Put("organization_domain", d.Name, "", o.ID); err != nil {
			return err
		}
	}
	return nil
}

func deleteOrganization(_ context.Context, r *request) (provider.Response, error) {
	var o organization
	found, err := r.tx.Get("organization", r.text("id"), &o)
	if err != nil {
		return provider.Response{}, err
	}
	if !found { // the tenant's own among them
		return deny(403, map[string]any{"message": "Forbidden"}, "the tenant made no such organization")
	}
	if err := r.release(o); err != nil {
		return provider.Response{}, err
	}
	if err := r.event("organization.deleted", o.shown()); err != nil {
		return provider.Response{}, err
	}
	return r.ok(200, nil)
}

// release removes an organization and what hangs on it.
func (r *request) release(o organization) error {
	for _, d := range o.Domains {
		if err := r.tx.Delete("organization_domain", d.Name); err != nil {
			return err
		}
	}
	if o.External != "" {
		if err := r.tx.Delete("organization_external", hashed(o.External)); err != nil {
			return err
		}
	}
	for _, kind := range []string{"connection", "directory", "directory_user"} {
		rows, _, err := r.tx.List(kind, "", state.Page{Limit: state.MaxScan}, func(row state.Row) (bool, error) {
			var item map[string]any
			err := row.Decode(&item)
			return item["organization_id"] == o.ID, err
		})
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := r.tx.Delete(kind, row.ID); err != nil {
				return err
			}
		}
	}
	return r.tx.Delete("organization", o.ID)
}

// small reads metadata: few texts, each of them short.
func small(object map[string]any, longest int) (map[string]string, bool) {
	out := map[string]string{}
	for name, value := range object {
		text, isText := value.(string)
		if !isText || len([]rune(text)) > longest || name == "" || len([]rune(name)) > maxMetadataKey {
			return nil, false
		}
		out[name] = text
	}
	return out, len(out) <= maxMetadata
}

// organization finds one of the tenant's, or the tenant itself.
func (r *request) organization(id string) (organization, bool, error) {
	if id == r.tenant.ID {
		name := r.tenant.Name
		if name == "" {
			name = id
		}
		return organization{ID: id, Name: name, Created: epoch, Metadata: map[string]string{},
			Domains: []domain{{"org_domain_" + id, strings.ToLower(id) + ".example", "verified"}}}, true, nil
	}
	var o organization
	found, err := r.tx.Get("organization", id, &o)
	return o, found, err
}

func (o organization) names() []string {
	list := []string{}
	for _, d := range o.Domains {
		list = append(list, d.Name)
	}
	slices.Sort(list)
	return list
}
