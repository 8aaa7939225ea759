package world

import (
	"slices"
	"strings"

	"agentrisk/internal/source"
)

// references checks that what a tenant names is the tenant's.
func (r *reader) references(n source.Node, t Tenant) {
	users := make([]string, len(t.Users))
	for i, u := range t.Users {
		users[i] = u.ID
	}
	known := func(at source.Node) {
		if !slices.Contains(users, at.Text()) {
			r.fail(at, "a user of the tenant", source.DidYouMean(at.Text(), users), "there is no user %q in %s", at.Text(), t.ID)
		}
	}
	for _, agent := range n.Get("agents").Items() {
		for _, grant := range agent.Get("grants").Items() {
			known(grant.Get("user"))
		}
	}
	for _, name := range []string{"approvers", "keys"} {
		for _, item := range n.Get(name).Items() {
			known(item.Get("user"))
		}
	}
	var entities []string
	for _, u := range t.Users {
		entities = append(entities, "user:"+u.ID)
	}
	for _, a := range t.Agents {
		entities = append(entities, "agent:"+a.ID)
	}
	for _, one := range n.Get("tuples").Items() {
		for _, at := range []source.Node{one.Get("user"), one.Get("object")} {
			bare, _, _ := strings.Cut(at.Text(), "#")
			kind, _, _ := strings.Cut(bare, ":")
			if (kind == "user" || kind == "agent") && !slices.Contains(entities, bare) {
				r.fail(at, "one that the tenant lists", source.DidYouMean(bare, entities), "there is no %s in %s", bare, t.ID)
			}
		}
	}
}

// crossings refuses a tuple or a grant of one tenant that names what only another
// one lists.
func (r *reader) crossings(n source.Node, w *World) {
	i := 0
	for _, item := range n.Items() {
		t := w.Tenants[i]
		i++
		check := func(at source.Node) {
			bare, _, _ := strings.Cut(at.Text(), "#")
			for _, other := range w.Tenants {
				if other.ID != t.ID && other.lists(bare) && !t.lists(bare) {
					r.fail(at, "what "+t.ID+" lists itself", "", "%s is of the tenant %s", bare, other.ID)
				}
			}
		}
		for _, one := range item.Get("tuples").Items() {
			check(one.Get("user"))
			check(one.Get("object"))
		}
		for _, agent := range item.Get("agents").Items() {
			for _, grant := range agent.Get("grants").Items() {
				for _, one := range grant.Get("resources").Items() {
					check(one)
				}
			}
		}
	}
}
