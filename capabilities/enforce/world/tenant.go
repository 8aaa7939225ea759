package world

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the zones, where the machine has none

	"agentrisk/capabilities/effects"
	"agentrisk/internal/pattern"
	"agentrisk/internal/source"
)

var (
	sensitivities = []string{"public", "internal", "confidential", "restricted"}
	days          = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
	faults        = []string{"status", "timeout", "malformed", "disconnect"}

	tenantID = pattern.Lazy(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	entityID = pattern.Lazy(`^[^:#@*\s\p{Cc}\p{Cf}]{1,256}$`)
	entity   = pattern.Lazy(`^[^:#@*\s\p{Cc}\p{Cf}]{1,254}:[^:#@*\s\p{Cc}\p{Cf}]{1,256}$`)
	host     = pattern.Lazy(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?$`)
)

func (r *reader) world(n source.Node) *World {
	w, version := &World{}, ""
	r.object(n, "the world", fields{
		"version": must(r.word(&version, "version", []string{Version})),
		"tenants": must(func(v source.Node) {
			r.each(v, "tenants", func(item source.Node) { w.Tenants = append(w.Tenants, r.tenant(item)) })
			if len(w.Tenants) == 0 {
				r.fail(v, "at least one", "", "there is no tenant")
			}
			r.unique(v, "tenant", "id")
		}),
		"providers": may(func(v source.Node) {
			r.each(v, "providers", func(item source.Node) { w.Providers = append(w.Providers, r.provider(item)) })
			r.unique(v, "provider", "name")
		}),
		"defaults": may(func(v source.Node) { w.Defaults = r.defaults(v) }),
	})
	if r.err == nil {
		r.crossings(n.Get("tenants"), w)
	}
	if r.err == nil {
		r.defaultsKnown(n.Get("defaults"), w)
	}
	return w
}

func (r *reader) tenant(n source.Node) Tenant {
	t := Tenant{Zone: time.UTC}
	r.object(n, "a tenant", fields{
		"id":        must(r.id(&t.ID, "a tenant's id", tenantID())),
		"name":      may(r.text(&t.Name, "a tenant's name")),
		"zone":      may(func(v source.Node) { t.Zone = r.zone(v) }),
		"hours":     may(func(v source.Node) { t.Hours = r.hours(v) }),
		"users":     must(list(r, "users", "id", &t.Users, r.user)),
		"agents":    may(list(r, "agents", "id", &t.Agents, r.agent)),
		"approvers": may(list(r, "approvers", "user", &t.Approvers, r.approver)),
		"resources": may(list(r, "resources", "id", &t.Resources, r.resource)),
		"keys":      may(list(r, "keys", "id", &t.Keys, r.key)),
		"limits":    may(list(r, "limits", "id", &t.Limits, r.limit)),
		"egress": may(r.texts(&t.Egress, "egress", func(v source.Node) {
			if !host().MatchString(v.Text()) {
				r.fail(v, "a host such as api.example.com, without a scheme, a path or *", "", "%s is no host", source.Quote(v.Text()))
			}
		})),
		"model":  must(func(v source.Node) { r.text(&t.Model, "the model")(v); t.ModelAt = v.Location() }),
		"tuples": may(list(r, "tuples", "", &t.Tuples, r.tuple)),
	})
	if r.err == nil {
		r.references(n, t)
	}
	return t
}

// list reads the items of a list, and refuses two of the same key.
func list[T any](r *reader, what, key string, into *[]T, read func(source.Node) T) func(source.Node) {
	return func(n source.Node) {
		r.each(n, what, func(item source.Node) { *into = append(*into, read(item)) })
		if key != "" {
			r.unique(n, strings.TrimSuffix(what, "s"), key)
		}
	}
}

func (r *reader) unique(n source.Node, what, key string) {
	seen := map[string]bool{}
	for _, item := range n.Items() {
		id := item.Get(key)
		if seen[id.Text()] && r.err == nil {
			r.fail(id, "", "give each its own "+key, "there are two %ss %q", what, id.Text())
		}
		seen[id.Text()] = true
	}
}

func (r *reader) id(into *string, what string, form *regexp.Regexp) func(source.Node) {
	return func(n source.Node) {
		if *into = n.Text(); n.Kind() != source.Scalar || !form.MatchString(*into) {
			r.fail(n, "letters, digits, dots, hyphens and underscores; a resource as type:id", "", "%s is %s", what, source.Quote(n.Text()))
		}
	}
}

func (r *reader) zone(n source.Node) *time.Location {
	zone, err := time.LoadLocation(n.Text())
	if err != nil || n.Text() == "" || n.Text() == "Local" {
		r.fail(n, "a name such as Europe/Berlin, or UTC", "", "there is no time zone %s", source.Quote(n.Text()))
		return time.UTC
	}
	return zone
}

func (r *reader) hours(n source.Node) *Hours {
	h, names := &Hours{}, []string{}
	r.object(n, "hours", fields{
		"days": must(r.texts(&names, "days", func(v source.Node) { var one string; r.word(&one, "day", days)(v) })),
		"from": must(func(v source.Node) { h.From = r.minute(v) }),
		"to":   must(func(v source.Node) { h.To = r.minute(v) }),
	})
	for _, name := range names {
		h.Days = append(h.Days, time.Weekday(slices.Index(days, name)))
	}
	return h
}

func (r *reader) minute(n source.Node) int {
	at, err := time.Parse("15:04", n.Text())
	if err != nil || len(n.Text()) != len("15:04") || !n.IsString() {
		r.fail(n, `a time of the day in quotes, such as "09:00"`, "", "the time is %s", source.Quote(n.Text()))
	}
	return at.Hour()*60 + at.Minute()
}

func (r *reader) user(n source.Node) (u User) {
	u.Session = true
	r.object(n, "a user", fields{"id": must(r.id(&u.ID, "a user's id", entityID())), "name": may(r.text(&u.Name, "a user's name")),
		"session": may(r.bool(&u.Session, "session"))})
	return u
}

func (r *reader) agent(n source.Node) (a Agent) {
	r.object(n, "an agent", fields{"id": must(r.id(&a.ID, "an agent's id", entityID())), "name": may(r.text(&a.Name, "an agent's name")),
		"grants": may(list(r, "grants", "user", &a.Grants, r.grant))})
	return a
}

func (r *reader) grant(n source.Node) (g Grant) {
	r.object(n, "a grant", fields{"user": must(r.text(&g.User, "a grant's user")), "scopes": must(r.texts(&g.Scopes, "scopes", nil)),
		"resources": may(r.texts(&g.Resources, "resources", func(v source.Node) {
			if kind, any := strings.CutSuffix(v.Text(), ":*"); !entity().MatchString(v.Text()) && !(any && entityID().MatchString(kind)) {
				r.fail(v, "type:id or type:*", "", "the resource is %s", source.Quote(v.Text()))
			}
		})),
		"until": may(r.instant(&g.Until, "until"))})
	return g
}

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = string(one)
	}
	return out
}

func (r *reader) approver(n source.Node) (a Approver) {
	r.object(n, "an approver", fields{"user": must(r.text(&a.User, "an approver's user")), "effects": must(r.texts(&a.Effects, "effects",
		func(v source.Node) { var one string; r.word(&one, "effect", words(effects.AllEffects()))(v) }))})
	return a
}

func (r *reader) resource(n source.Node) (s Resource) {
	r.object(n, "a resource", fields{"id": must(r.id(&s.ID, "a resource's id", entity())), "sensitivity": must(r.word(&s.Sensitivity, "sensitivity", sensitivities))})
	return s
}

func (r *reader) key(n source.Node) (k Key) {
	r.object(n, "a key", fields{"id": must(r.text(&k.ID, "a key's id")), "user": must(r.text(&k.User, "a key's user")),
		"sha256": must(func(v source.Node) {
			if raw, err := hex.DecodeString(v.Text()); err != nil || len(raw) != 32 {
				r.fail(v, "the SHA-256 of the key's value, 64 hexadecimal digits", "a world holds no secret itself", "the hash is none")
			}
			k.SHA256 = strings.ToLower(v.Text())
		}),
		"scopes": must(r.texts(&k.Scopes, "scopes", nil)), "expires": may(r.instant(&k.Expires, "expires")), "revoked": may(r.bool(&k.Revoked, "revoked"))})
	return k
}

func (r *reader) limit(n source.Node) (l Limit) {
	r.object(n, "a limit", fields{"id": must(r.text(&l.ID, "a limit's id")), "effect": may(r.word(&l.Effect, "effect", words(effects.AllEffects()))),
		"per_agent": may(r.bool(&l.PerAgent, "per_agent")), "measure": must(r.word(&l.Measure, "measure", []string{"calls", "volume"})),
		"most": must(r.number(&l.Most, "most", 0, 1<<53)), "window": must(r.duration(&l.Window, "window", 366*24*time.Hour)),
		"then": must(r.word(&l.Then, "answer", []string{"defer", "step-up", "deny"}))})
	if l.Window == 0 && r.err == nil {
		r.fail(n.Get("window"), "more than nothing", "", "the window is %s", l.Window)
	}
	return l
}

func (r *reader) tuple(n source.Node) (t Tuple) {
	t.At = n.Location()
	r.object(n, "a tuple", fields{"user": must(r.text(&t.User, "a tuple's user")), "relation": must(r.text(&t.Relation, "a tuple's relation")),
		"object": must(r.id(&t.Object, "a tuple's object", entity())), "condition": may(r.text(&t.Condition, "a tuple's condition")),
		"context": may(func(v source.Node) {
			t.Context = map[string]any{}
			if v.Kind() != source.Mapping {
				r.fail(v, "a map of texts", "", "the context is %s", v.Describe())
			}
			for key, value := range v.Pairs() {
				var text string
				r.text(&text, fmt.Sprintf("%q of the context", key.Text()))(value)
				t.Context[key.Text()] = text
			}
		})})
	if bare, _, _ := strings.Cut(t.User, "#"); !entity().MatchString(bare) {
		r.fail(n.Get("user"), "type:id or type:id#relation; everybody, as type:*, is not let in", "", "the user is %s", source.Quote(t.User))
	}
	return t
}

func (r *reader) provider(n source.Node) (p Provider) {
	r.object(n, "a provider", fields{"name": must(r.text(&p.Name, "a provider's name")),
		"operations": may(list(r, "operations", "id", &p.Operations, r.operation))})
	return p
}

func (r *reader) operation(n source.Node) (o Operation) {
	r.object(n, "an operation", fields{"id": must(func(v source.Node) { r.text(&o.ID, "an operation's id")(v); o.At = v.Location() }), "latency": may(r.duration(&o.Latency, "latency", time.Minute)),
		"fault": may(func(v source.Node) { o.Fault = r.fault(v) })})
	return o
}

func (r *reader) fault(n source.Node) (f Fault) {
	var status, times int64
	r.object(n, "a fault", fields{"kind": must(r.word(&f.Kind, "fault", faults)), "status": may(r.number(&status, "status", 400, 599)),
		"times": may(r.number(&times, "times", 1, 1_000_000))})
	f.Status, f.Times = int(status), int(times)
	if (f.Kind == "status") != (f.Status != 0) {
		r.fail(n, "status with the kind status, and with it alone", "", "the fault is %s with status %d", f.Kind, f.Status)
	}
	return f
}
