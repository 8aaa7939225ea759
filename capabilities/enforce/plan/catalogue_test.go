package plan

import (
	"slices"
	"strings"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/provider"
)

// fake is a catalogue of operations for the tests.
type fake map[string][]provider.Operation

func (f fake) Find(name, id string) (provider.Operation, bool) {
	for _, op := range f[strings.ToLower(name)] {
		if op.ID == id {
			return op, true
		}
	}
	return provider.Operation{}, false
}

func (f fake) IDs(name string) []string {
	var out []string
	for _, op := range f[strings.ToLower(name)] {
		out = append(out, op.ID)
	}
	slices.Sort(out)
	return out
}

// service models a few operations in the shapes that WorkOS publishes.
func service() fake {
	op := func(id, effect, control string, params []provider.Param, outputs ...provider.Output) provider.Operation {
		return provider.Operation{Provider: "workos", ID: id, Effect: effects.Effect(effect), Control: effects.Control(control),
			Params: params, Outputs: outputs, Keyed: true}
	}
	sealed := func(name string, role provider.Role) provider.Param {
		return provider.Param{Name: name, In: "body", Type: "string", Required: true, Role: role, Sealed: true}
	}
	return fake{"workos": {
		op("UserlandSessionsController_authenticate[0]", "credential", "authenticate",
			[]provider.Param{{Name: "grant_type", Type: "string", Required: true, Default: "refresh_token"}, sealed("refresh_token", provider.RoleCredential)},
			provider.Output{Path: "user.id", Type: "string", Role: provider.RoleUser}, provider.Output{Path: "access_token", Type: "string", Secret: true, Role: provider.RoleCredential}),
		op("DataIntegrationsController_getUserlandUserToken", "credential", "none", []provider.Param{
			{Name: "slug", In: "path", Type: "string", Required: true, Role: provider.RoleSlug, Default: "notes"},
			{Name: "user_id", In: "body", Type: "string", Required: true, Role: provider.RoleUser},
			{Name: "organization_id", In: "body", Type: "string", Role: provider.RoleTenant, Sealed: true},
			{Name: "scopes", Type: "array", Role: provider.RoleScopes}},
			provider.Output{Path: "active", Type: "boolean"}, provider.Output{Path: "access_token", Type: "object"},
			provider.Output{Path: "access_token.access_token", Type: "string", Secret: true, Role: provider.RoleCredential, Aliases: []string{"api_key"}}),
		op("ApiKeysController_validateApiKey", "read", "validate-credential", []provider.Param{
			{Name: "value", In: "body", Type: "string", Required: true, Role: provider.RoleCredential, Aliases: []string{"api_key", "access_token"}}},
			provider.Output{Path: "api_key", Type: "object"}),
		op("AuthorizationController_check", "read", "authorize", []provider.Param{
			sealed("organization_membership_id", provider.RoleMembership),
			{Name: "permission_slug", In: "body", Type: "string", Required: true, Role: provider.RoleRelation, Aliases: []string{"target_relation"}},
			{Name: "resource_external_id", In: "body", Type: "string", Required: true, Role: provider.RoleResourceID},
			{Name: "resource_type_slug", In: "body", Type: "string", Required: true, Role: provider.RoleResourceType}},
			provider.Output{Path: "authorized", Type: "boolean"}),
		op("AuditLogEventsController_create", "write", "audit", []provider.Param{
			sealed("organization_id", provider.RoleTenant),
			{Name: "action", In: "body", Type: "string", Role: provider.RoleAction},
			{Name: "actor", In: "body", Type: "object"}, {Name: "targets", In: "body", Type: "array"}},
			provider.Output{Path: "success", Type: "boolean"}),
		op("OrganizationsController_create", "write", "none", []provider.Param{
			{Name: "name", In: "body", Type: "string", Required: true, Aliases: []string{"organization_name"}},
			{Name: "domains", In: "body", Type: "array"}},
			provider.Output{Path: "id", Type: "string", Role: provider.RoleTenant, Aliases: []string{"organization_id"}}, provider.Output{Path: "name", Type: "string"}),
		op("PortalSessionsController_create", "credential", "none", []provider.Param{
			{Name: "organization", In: "body", Type: "string", Required: true, Role: provider.RoleTenant, Aliases: []string{"organization_id"}},
			{Name: "intent", In: "body", Type: "string", Default: "sso", Allowed: []string{"sso", "dsync"}}},
			provider.Output{Path: "link", Type: "string", Secret: true}),
		op("ConnectionsController_list", "read", "none", []provider.Param{{Name: "organization_id", In: "query", Type: "string", Role: provider.RoleTenant}},
			provider.Output{Path: "data", Type: "array"}, provider.Output{Path: "data[0].id", Type: "string"}, provider.Output{Path: "data[0].state", Type: "string"}),
	}}
}
