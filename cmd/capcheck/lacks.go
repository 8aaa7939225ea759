package main

import (
	"fmt"
	"slices"
	"strings"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/world"
	"agentrisk/internal/source"
)

// lacks says what the tenant's part of the world would have to hold for the step that
// was denied. Whether it should hold that is for whoever keeps the world.
func lacks(w *world.World, r *enforce.Report) []string {
	tenant, found := w.Tenant(r.Tenant)
	at := slices.IndexFunc(r.Steps, func(s enforce.StepReport) bool { return s.Outcome == enforce.StepDenied })
	if !found || at < 0 {
		return nil
	}
	step := r.Steps[at]
	i := slices.IndexFunc(step.Decisions, func(d decision.Decision) bool { return d.Verdict == decision.Deny })
	if i >= 0 && (step.Decisions[i].Check == "tenant" || elsewhere(w, tenant, step.Resource)) {
		return []string{reachesNothing(tenant, step.Resource)}
	}
	if i >= 0 && step.Decisions[i].Check == "egress" {
		return lacksHost(step.Decisions[i])
	}
	if step.Scope == "" || step.Resource == "" || i < 0 || step.Decisions[i].Check != "scope" && step.Decisions[i].Check != "fga" {
		return nil
	}
	out := lacksOf(tenant, r, step, step.Decisions[i])
	if whole := step.Whole; whole != nil && !elsewhere(w, tenant, whole.Resource) {
		step.Resource, step.Relation, step.Scope = whole.Resource, whole.Relation, whole.Scope
		for _, one := range lacksOf(tenant, r, step, step.Decisions[i]) {
			if !slices.Contains(out, one) {
				out = append(out, one)
			}
		}
	}
	return out
}

// lacksHost says it of the host of an operation. To one that an argument names no
// advice leads, nor to what is no name of a host.
func lacksHost(denied decision.Decision) []string {
	host, found := strings.CutPrefix(denied.Rule, enforce.HostRule)
	if !found || strings.ContainsFunc(host, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune(".-:", c)
	}) {
		return nil
	}
	return []string{fmt.Sprintf("among the hosts of egress: %q", host)}
}

// elsewhere says whether a resource is another tenant's: to grant it is no advice,
// whatever check was the one that denied it.
func elsewhere(w *world.World, tenant world.Tenant, resource string) bool {
	return !w.Belongs(tenant.ID, resource) && slices.ContainsFunc(w.Tenants, func(t world.Tenant) bool { return t.ID != tenant.ID && w.Belongs(t.ID, resource) })
}

// own is how many resources of the tenant's own are named.
const own = 5

// reachesNothing is the advice where the guard of tenants denied: no change of the
// world allows it. It names what the tenant itself lists, and nothing of another.
func reachesNothing(tenant world.Tenant, resource string) string {
	line := "nothing: no grant reaches beyond " + tenant.ID
	kind, _, _ := strings.Cut(resource, ":")
	var ids []string
	for _, one := range tenant.Resources {
		if strings.HasPrefix(one.ID, kind+":") {
			ids = append(ids, one.ID)
		}
	}
	if len(ids) == 0 {
		return line
	}
	if len(ids) > own {
		ids = append(ids[:own:own], fmt.Sprintf("and %d more", len(ids)-own))
	}
	return line + "; of the kind " + kind + " it has " + strings.Join(ids, ", ")
}

// lacksOf says it of one resource. A denial by relations names whom it is about in
// its rule; one that does not is about any.
func lacksOf(tenant world.Tenant, r *enforce.Report, step enforce.StepReport, denied decision.Decision) (out []string) {
	about := denied.Rule == "" || denied.Rule == step.Resource+"#"+step.Relation
	if !slices.ContainsFunc(tenant.Resources, func(one world.Resource) bool { return one.ID == step.Resource }) {
		line := fmt.Sprintf("among the resources: {id: %q, sensitivity: internal}", step.Resource)
		if near := nearest(tenant, step.Resource); near != "" {
			line += "; " + near
		}
		out = append(out, line)
	}
	if grant := grantFor(tenant, r, step); grant != "" {
		out = append(out, grant)
	}
	related := slices.ContainsFunc(tenant.Tuples, func(t world.Tuple) bool { return t.Object == step.Resource })
	if step.Relation != "" && (denied.Check == "fga" && about || !related) {
		out = append(out, fmt.Sprintf("among the tuples: {user: %q, relation: %s, object: %q}", "user:"+r.User, step.Relation, step.Resource))
	}
	return out
}

// nearest asks for the resource of the same type that was perhaps meant.
func nearest(tenant world.Tenant, resource string) string {
	kind, id, _ := strings.Cut(resource, ":")
	var ids []string
	for _, one := range tenant.Resources {
		if rest, same := strings.CutPrefix(one.ID, kind+":"); same {
			ids = append(ids, rest)
		}
	}
	return source.DidYouMean(id, ids)
}

// grantFor says what the grant of the user to the agent lacks for a step: a user has
// one for each agent. "" is nothing.
func grantFor(tenant world.Tenant, r *enforce.Report, step enforce.StepReport) string {
	var has world.Grant
	for _, agent := range tenant.Agents {
		if i := slices.IndexFunc(agent.Grants, func(g world.Grant) bool { return g.User == r.User }); agent.ID == r.Agent && i >= 0 {
			has = agent.Grants[i]
		}
	}
	var parts []string
	for _, scope := range strings.Fields(step.Scope) {
		if !slices.Contains(has.Scopes, scope) {
			parts = append(parts, fmt.Sprintf("%q among its scopes", scope))
		}
	}
	kind, _, _ := strings.Cut(step.Resource, ":")
	if !slices.Contains(has.Resources, step.Resource) && !slices.Contains(has.Resources, kind+":*") {
		parts = append(parts, fmt.Sprintf("%q among its resources", step.Resource))
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("in the grant of %s to the agent %s: %s", r.User, r.Agent, strings.Join(parts, ", "))
}
