package workos

import (
	"context"

	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/state"
)

// webhook is an address that events would be sent to. The stand-in sends none.
type webhook struct {
	ID, URL, Tail, Created string
	Events                 []string
}

// shown never tells the whole secret again, where the real service does.
func (w webhook) shown() map[string]any {
	return map[string]any{"object": "webhook_endpoint", "id": w.ID, "endpoint_url": w.URL, "secret": "whsec_..." + w.Tail, "status": "enabled",
		"events": append([]string{}, w.Events...), "created_at": w.Created, "updated_at": w.Created}
}

func createWebhook(_ context.Context, r *request) (provider.Response, error) {
	w := webhook{ID: r.id("we"), URL: r.text("endpoint_url"), Created: stamp(r.call.At)}
	if !isHTTPS(w.URL) || len(w.URL) > 2048 {
		return provider.Response{}, r.fail(422, map[string]any{"code": "invalid_url", "message": "Request could not be processed."}, "endpoint_url must be an https:// URL")
	}
	events, err := r.texts("events")
	if err != nil {
		return provider.Response{}, err
	}
	for _, name := range events {
		if !eventNames()[name] {
			return provider.Response{}, r.bad("events", "unknown_event_type", "events holds a name that is no event's")
		}
	}
	w.Events = events
	var other string
	taken, err := r.tx.Get("webhook_url", hashed(w.URL), &other)
	if err != nil {
		return provider.Response{}, err
	}
	if taken {
		return provider.Response{}, r.fail(409, map[string]any{"code": "duplicate_endpoint", "message": "Request could not be processed."}, "there is a webhook with this address")
	}
	secret, err := r.secret("whsec_")
	if err != nil {
		return provider.Response{}, err
	}
	w.Tail = secret[len(secret)-4:]
	if err := r.tx.Put("webhook_url", hashed(w.URL), "", w.ID); err != nil {
		return provider.Response{}, err
	}
	if err := r.tx.Put("webhook", w.ID, "", w); err != nil {
		return provider.Response{}, err
	}
	body := w.shown()
	body["secret"] = secret
	response, err := r.ok(201, body)
	response.Undo = map[string]any{"id": w.ID}
	return response, err
}

func listWebhooks(_ context.Context, r *request) (provider.Response, error) {
	return r.list("webhook", "", func(row state.Row) (map[string]any, error) {
		var w webhook
		err := row.Decode(&w)
		return w.shown(), err
	}, nil)
}

func deleteWebhook(_ context.Context, r *request) (provider.Response, error) {
	var w webhook
	found, err := r.tx.Get("webhook", r.text("id"), &w)
	if err != nil {
		return provider.Response{}, err
	}
	if !found {
		return provider.Response{}, r.fail(404, map[string]any{"code": "entity_not_found", "message": "Request could not be processed."}, "there is no such webhook")
	}
	if err := r.tx.Delete("webhook", w.ID); err != nil {
		return provider.Response{}, err
	}
	if err := r.tx.Delete("webhook_url", hashed(w.URL)); err != nil {
		return provider.Response{}, err
	}
	return r.ok(204, nil)
}
