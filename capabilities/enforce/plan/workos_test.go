package plan

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/state"
	"agentrisk/capabilities/enforce/provider/workos"
	"agentrisk/capabilities/enforce/world"
)

// modelled returns the operations that the runtime offers. Nothing is called.
func modelled(t testing.TB) *provider.Registry {
	t.Helper()
	demo, err := world.Demo()
	if err != nil {
		t.Fatal(err)
	}
	never := func(context.Context, string, string, string, string) (bool, error) { return false, nil }
	service, err := workos.New(workos.Options{State: new(state.State), World: demo, Related: never, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	registry, err := provider.NewRegistry(service)
	if err != nil {
		t.Fatal(err)
	}
	return registry
}

// TestCompositions: the published compositions bind to operations that are really
// there, each argument to what a reader would give it.
func TestCompositions(t *testing.T) {
	root := filepath.Join(shared(t), "data/capabilities/api-evangelist__workos")
	for name, want := range map[string][]string{
		"agent-scoped-authentication": {
			"authenticate-user.refresh_token sealed context session",
			"create-pipe.user_id named input user_id",
			"create-pipe.scopes matched input requested_scopes",
			"create-pipe.agent matched input agent_name",
			"validate-api-key.value matched step create-pipe.access_token.access_token",
			"authorize-action.organization_membership_id sealed context membership",
			"authorize-action.permission_slug matched input target_relation",
			"authorize-action.resource_external_id matched after-colon(input target_resource)",
			"authorize-action.resource_type_slug matched before-colon(input target_resource)",
			"emit-audit-event.organization_id sealed context tenant",
		},
		"audit-everything-to-siem": {
			"define-schema.actionName matched input action",
			"define-schema.targets named input targets",
			"emit-event.action named input action",
			"emit-event.actor named input actor",
			"emit-event.targets named input targets",
			"emit-event.organization_id sealed context tenant",
			"query-events.organization_id named input organization_id",
		},
		"b2b-enterprise-onboarding": {
			"create-organization.name matched input organization_name",
			"create-organization.domains named input domains",
			"generate-admin-portal-link.organization matched step create-organization.id",
			"generate-admin-portal-link.intent stated \"sso\"",
			"generate-admin-portal-link.it_contact_emails matched input admin_email",
			"poll-connection-active.organization_id matched step create-organization.id",
			"verify-directory.organization_id matched step create-organization.id",
			"verify-directory-users.directory matched step verify-directory.data[0].id",
		},
	} {
		doc := read(t, root, "capabilities/"+name+".yaml")[0]
		p, err := Compile(doc, "", Options{Operations: modelled(t)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, s := range p.Steps {
			if s.Operation.Simulated {
				t.Errorf("%s: %s is simulated", name, s.ID)
			}
			for _, a := range s.Arguments {
				got = append(got, s.ID+"."+a.Param.Name+" "+string(a.How)+" "+a.Value.String())
			}
		}
		for _, line := range want {
			if !slices.Contains(got, line) {
				t.Errorf("%s: not %q, but\n%s", name, line, strings.Join(got, "\n"))
			}
		}
		for _, o := range p.Outputs {
			t.Logf("%s: output %s = %s%s", name, o.Name, o.Value, secretly(o.Secret))
		}
		for _, w := range p.Warnings {
			t.Logf("%s: %s: %s", name, w.Step, w.Text)
		}
	}
}
