package workos

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/state"
)

// maxPage is how many things one page lists.
const maxPage = 100

// page reads the parameters that every list has.
func (r *request) page() (state.Page, error) {
	p := state.Page{After: r.text("after"), Before: r.text("before"), Limit: r.number("limit"), Oldest: r.text("order") == "asc" || r.text("order") == "normal"}
	if p.Limit < 1 || p.Limit > maxPage {
		return p, r.bad("limit", "value", "limit must be from 1 to "+strconv.Itoa(maxPage))
	}
	if p.After != "" && p.Before != "" {
		return p, r.bad("before", "value", "before and after exclude each other")
	}
	return p, nil
}

// list answers with a page of rows. Show makes an item of a row, nil where the call
// does not want it. Last gives what stands behind the oldest row; nil: nothing.
func (r *request) list(kind, parent string, show func(state.Row) (map[string]any, error), last func() ([]map[string]any, error)) (provider.Response, error) {
	page, err := r.page()
	if err != nil {
		return provider.Response{}, err
	}
	items := map[string]map[string]any{}
	rows, more, err := r.tx.List(kind, parent, page, func(row state.Row) (bool, error) {
		item, err := show(row)
		if item != nil {
			items[row.ID] = item
		}
		return item != nil, err
	})
	if errors.Is(err, state.ErrCursor) {
		return provider.Response{}, r.bad("after", "value", "the page begins at something that is not listed")
	}
	if err != nil {
		return provider.Response{}, err
	}
	data := []map[string]any{}
	for _, row := range rows {
		data = append(data, items[row.ID])
	}
	if last != nil && !more && page.Before == "" && !page.Oldest {
		behind, err := last()
		if err != nil {
			return provider.Response{}, err
		}
		room := min(len(behind), page.Limit-len(data))
		data = append(data, behind[:room]...)
	}
	return r.listed(data, more, page)
}

func (r *request) listed(data []map[string]any, more bool, page state.Page) (provider.Response, error) {
	var before, after any
	if len(data) > 0 {
		first, last := data[0]["id"], data[len(data)-1]["id"]
		if more || page.Before != "" {
			after = last
		}
		if page.After != "" || more && page.Before != "" {
			before = first
		}
	}
	return r.ok(200, map[string]any{"object": "list", "data": data, "list_metadata": map[string]any{"before": before, "after": after}})
}

// event is something that happened, as the service tells it.
type event struct {
	ID, Name, Created string
	Data              map[string]any
}

// event notes that something happened. What it tells holds no credential.
func (r *request) event(name string, data map[string]any) error {
	e := event{ID: r.id("event"), Name: name, Created: stamp(r.call.At), Data: data}
	return r.tx.Put("event", e.ID, "", e)
}

// listEvents lists what happened. As with the real service, audit events are not
// among it: they are told to those who read the audit log.
func listEvents(_ context.Context, r *request) (provider.Response, error) {
	names, err := r.texts("events")
	if err != nil {
		return provider.Response{}, err
	}
	for _, name := range names {
		if _, known := eventNames()[name]; !known {
			return provider.Response{}, r.bad("events", "unknown_event_type", "events holds a name that is no event's")
		}
	}
	from, err := r.moment("range_start")
	if err != nil {
		return provider.Response{}, err
	}
	to, err := r.moment("range_end")
	if err != nil {
		return provider.Response{}, err
	}
	org := r.text("organization_id")
	return r.list("event", "", func(row state.Row) (map[string]any, error) {
		var e event
		err := row.Decode(&e)
		inside := (from.IsZero() || !row.At.Before(from)) && (to.IsZero() || row.At.Before(to))
		if err != nil || !inside || len(names) > 0 && !slices.Contains(names, e.Name) || org != "" && !about(e.Data, org) {
			return nil, err
		}
		return map[string]any{"object": "event", "id": e.ID, "event": e.Name, "data": e.Data, "created_at": e.Created}, nil
	}, nil)
}

// about says whether an event tells of an organization.
func about(data map[string]any, org string) bool {
	owner, _ := data["owner"].(map[string]any)
	return data["id"] == org || data["organization_id"] == org || owner["organization_id"] == org
}

// has says whether any of some texts holds what a search asks for.
func has(search string, texts ...string) bool {
	for _, text := range texts {
		if strings.Contains(strings.ToLower(text), strings.ToLower(search)) {
			return true
		}
	}
	return search == ""
}
