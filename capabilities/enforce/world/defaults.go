package world

import (
	"encoding/json"
	"slices"

	"agentrisk/internal/source"
)

// defaults reads what a run takes where its caller says nothing.
func (r *reader) defaults(n source.Node) (d Defaults) {
	r.object(n, "defaults", fields{
		"tenant":  may(r.text(&d.Tenant, "the default tenant")),
		"user":    may(r.text(&d.User, "the default user")),
		"agent":   may(r.text(&d.Agent, "the default agent")),
		"purpose": may(r.text(&d.Purpose, "the default purpose")),
		"inputs": may(func(v source.Node) {
			if v.Kind() != source.Mapping {
				r.fail(v, "a map from the names of inputs to their values", "", "inputs is %s", v.Describe())
				return
			}
			d.Inputs = map[string]any{}
			for key, value := range v.Pairs() {
				d.Inputs[key.Text()] = plain(value)
			}
		}),
	})
	return d
}

// plain is a node as a JSON value. Numbers keep their text. The depth is bounded
// by the limits of the file.
func plain(n source.Node) any {
	switch n.Kind() {
	case source.Mapping:
		out := map[string]any{}
		for key, value := range n.Pairs() {
			out[key.Text()] = plain(value)
		}
		return out
	case source.Sequence:
		out := []any{}
		for _, item := range n.Items() {
			out = append(out, plain(item))
		}
		return out
	}
	if n.IsNull() {
		return nil
	}
	if value, ok := n.Bool(); ok {
		return value
	}
	if number := json.Number(n.Text()); n.IsNumber() && json.Valid([]byte(number)) {
		return number
	}
	return n.Text()
}

// defaultsKnown checks that the defaults name what there is.
func (r *reader) defaultsKnown(n source.Node, w *World) {
	d := w.Defaults
	if d.Tenant == "" {
		if d.User != "" || d.Agent != "" {
			r.fail(n, "tenant beside user and agent", "", "the defaults lack a tenant")
		}
		return
	}
	t, found := w.Tenant(d.Tenant)
	if !found {
		names := make([]string, len(w.Tenants))
		for i, one := range w.Tenants {
			names[i] = one.ID
		}
		r.fail(n.Get("tenant"), "one of "+join(names), source.DidYouMean(d.Tenant, names), "there is no tenant %q", d.Tenant)
		return
	}
	if d.User != "" && !slices.ContainsFunc(t.Users, func(u User) bool { return u.ID == d.User }) {
		r.fail(n.Get("user"), "a user of "+t.ID, "", "there is no user %q", d.User)
	}
	if d.Agent != "" && !slices.ContainsFunc(t.Agents, func(a Agent) bool { return a.ID == d.Agent }) {
		r.fail(n.Get("agent"), "an agent of "+t.ID, "", "there is no agent %q", d.Agent)
	}
}
