package workos

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"agentrisk/capabilities/enforce/provider"
)

// maxAuditValue is the length of a metadata value of an audit event, in characters;
// the other bounds are those of all metadata.
const maxAuditValue = 500

const (
	maxTargets = 50
	maxAction  = 200 // bytes
)

// createAuditEvent records an event. What the flow does not say is composed from
// the context of the call: the agent acted, for the user, on the resource.
func createAuditEvent(_ context.Context, r *request) (provider.Response, error) {
	if r.text("organization_id") != r.tenant.ID {
		return provider.Response{}, r.missing("Organization")
	}
	if _, err := r.moment("occurred_at"); err != nil {
		return provider.Response{}, err
	}
	if r.text("occurred_at") == "" {
		return provider.Response{}, r.bad("occurred_at", "required", "occurred_at is required")
	}
	e := map[string]any{"action": r.text("action"), "occurred_at": r.text("occurred_at"), "actor": r.actor(), "targets": r.targets(), "context": r.where()}
	for _, name := range []string{"metadata", "version"} {
		if value, given := r.args[name]; given {
			e[name] = value
		}
	}
	if place := faultOf(e); place != "" {
		return provider.Response{}, r.fail(400, map[string]any{"code": "invalid_audit_log_event", "message": "Invalid Audit Log event.",
			"errors": []any{map[string]any{"instancePath": place}}}, "the event is out of bounds at "+place)
	}
	if err := r.fitsSchema(e); err != nil {
		return provider.Response{}, err
	}
	if err := r.tx.Put("audit_event", r.id("audit_log_event"), "", e); err != nil {
		return provider.Response{}, err
	}
	return r.ok(200, map[string]any{"success": true})
}

func (r *request) actor() any {
	if actor := r.object("actor"); actor != nil {
		return actor
	}
	if r.call.Agent == "" {
		return map[string]any{"type": "user", "id": r.call.User}
	}
	return map[string]any{"type": "agent", "id": r.call.Agent, "metadata": map[string]any{"on_behalf_of": r.call.User}}
}

func (r *request) targets() any {
	if targets, given := r.args["targets"]; given {
		return targets
	}
	if kind, id, found := strings.Cut(r.text("resource"), ":"); found {
		return []any{map[string]any{"type": kind, "id": id}}
	}
	return []any{map[string]any{"type": "user", "id": r.call.User}}
}

// where is the caller's place, which is this machine.
func (r *request) where() any {
	if given := r.object("context"); given != nil {
		return given
	}
	return map[string]any{"location": "127.0.0.1", "user_agent": "agentrisk"}
}

// faultOf finds the first place of an event that is out of the service's bounds, as
// a JSON pointer, "" where there is none.
func faultOf(e map[string]any) string {
	action, _ := e["action"].(string)
	if action == "" || len(action) > maxAction {
		return "/action"
	}
	if !isParty(e["actor"]) {
		return "/actor"
	}
	targets, _ := e["targets"].([]any)
	if len(targets) == 0 || len(targets) > maxTargets {
		return "/targets"
	}
	for i, target := range targets {
		if !isParty(target) {
			return fmt.Sprintf("/targets/%d", i)
		}
	}
	place, _ := e["context"].(map[string]any)
	if location, ok := place["location"].(string); !ok || location == "" {
		return "/context/location"
	}
	if agent, given := place["user_agent"]; given {
		if _, ok := agent.(string); !ok {
			return "/context/user_agent"
		}
	}
	if !isMetadata(e["metadata"]) {
		return "/metadata"
	}
	return ""
}

// isParty checks an actor or a target.
func isParty(v any) bool {
	party, _ := v.(map[string]any)
	id, _ := party["id"].(string)
	kind, _ := party["type"].(string)
	name, named := party["name"]
	_, isText := name.(string)
	return id != "" && kind != "" && (isText || !named) && isMetadata(party["metadata"])
}

// isMetadata checks the metadata of an event: texts, numbers and truth values.
func isMetadata(v any) bool {
	if v == nil {
		return true
	}
	object, ok := v.(map[string]any)
	if !ok {
		return false
	}
	plain := map[string]any{}
	for name, value := range object {
		switch value.(type) {
		case bool, json.Number:
			value = fmt.Sprint(value)
		}
		plain[name] = value
	}
	_, ok = small(plain, maxAuditValue)
	return ok
}

// auditSchema is the declared shape of an action.
type auditSchema struct {
	Version int
	Types   []string // of targets
}

// fitsSchema refuses targets that the action's schema does not name. An action
// without a schema takes any.
func (r *request) fitsSchema(e map[string]any) error {
	var schema auditSchema
	found, err := r.tx.Get("audit_schema", hashed(r.text("action")), &schema)
	if err != nil || !found {
		return err
	}
	for i, target := range e["targets"].([]any) {
		kind, _ := target.(map[string]any)["type"].(string)
		if !slices.Contains(schema.Types, kind) {
			place := fmt.Sprintf("/targets/%d/type", i)
			return r.fail(400, map[string]any{"code": "invalid_audit_log_event", "message": "Invalid Audit Log event.",
				"errors": []any{map[string]any{"instancePath": place}}}, "the action's schema has no targets of this type")
		}
	}
	return nil
}

// createAuditSchema declares a new version of an action's shape.
func createAuditSchema(_ context.Context, r *request) (provider.Response, error) {
	action := r.text("actionName")
	if len(action) > maxAction {
		return provider.Response{}, r.bad("actionName", "value", "actionName is too long")
	}
	shown, types, err := r.declaredTargets()
	if err != nil {
		return provider.Response{}, err
	}
	var schema auditSchema
	if _, err := r.tx.Get("audit_schema", hashed(action), &schema); err != nil {
		return provider.Response{}, err
	}
	schema = auditSchema{schema.Version + 1, types}
	if err := r.tx.Put("audit_schema", hashed(action), "", schema); err != nil {
		return provider.Response{}, err
	}
	body := map[string]any{"object": "audit_log_schema", "version": schema.Version, "targets": shown, "created_at": stamp(r.call.At)}
	if metadata := r.object("actor_metadata"); metadata != nil {
		body["actor"] = map[string]any{"metadata": metadata}
	}
	if metadata := r.object("metadata"); metadata != nil {
		body["metadata"] = metadata
	}
	return r.ok(201, body)
}

// declaredTargets reads the types of targets. The targets of an event, which have
// ids besides, serve as well: their types count.
func (r *request) declaredTargets() (shown []any, types []string, err error) {
	items, _ := r.args["targets"].([]any)
	for _, item := range items {
		target, _ := item.(map[string]any)
		kind, _ := target["type"].(string)
		metadata, isObject := target["metadata"].(map[string]any)
		if kind == "" || target["metadata"] != nil && !isObject {
			return nil, nil, r.bad("targets", "value", "each of targets has a type, and its metadata is an object")
		}
		if slices.Contains(types, kind) {
			continue
		}
		types = append(types, kind)
		one := map[string]any{"type": kind}
		if isObject {
			one["metadata"] = metadata
		}
		shown = append(shown, one)
	}
	if len(types) == 0 || len(types) > maxTargets {
		return nil, nil, r.bad("targets", "value", "targets has at least one entry, and not too many")
	}
	return shown, types, nil
}
