package workos

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/state"
	"agentrisk/capabilities/enforce/world"
)

// handler answers an operation. Outside: it reads nothing of the state, and no
// transaction is open while it asks others.
type handler struct {
	do      func(context.Context, *request) (provider.Response, error)
	outside bool
}

// request is one call, with its arguments checked.
type request struct {
	s      *Service
	op     *operation
	call   provider.Call
	tenant world.Tenant
	args   map[string]any
	tx     *state.Tx
	made   int // ids, so far
}

// Answer is what the real service would have sent with a failure.
type Answer struct {
	Status int
	Body   any // JSON value
}

func (a *Answer) Error() string { return "the service answered with status " + strconv.Itoa(a.Status) }

// fail refuses the call with the real answer inside.
func (r *request) fail(status int, body map[string]any, message string) error {
	return &provider.Failure{Operation: r.op.ID, Kind: provider.Refused, Status: status, Message: message, Err: &Answer{status, body}}
}

// deny is a refusal by decision: of a person, a key, a permission.
func deny(status int, body map[string]any, reason string) (provider.Response, error) {
	return provider.Response{Status: status, Body: body, Denied: true, Reason: reason}, nil
}

func (r *request) ok(status int, body any) (provider.Response, error) {
	return provider.Response{Status: status, Body: body}, nil
}

// sealed fills in what a caller leaves to the context of the call.
func (r *request) sealed(given map[string]any) map[string]any {
	args := maps.Clone(given)
	if args == nil {
		args = map[string]any{}
	}
	for _, p := range r.op.Params {
		if !p.Sealed || args[p.Name] != nil {
			continue
		}
		switch {
		case p.Role == provider.RoleTenant:
			args[p.Name] = r.call.Tenant
		case p.Role == provider.RoleMembership:
			args[p.Name] = MembershipID(r.call.Tenant, r.call.User)
		case p.Name == "refresh_token":
			args[p.Name] = r.call.User
		case p.Name == "occurred_at":
			args[p.Name] = stamp(r.call.At)
		case p.Name == "idempotency-key":
			args[p.Name] = r.call.Key
		case p.Name == "email":
			args[p.Name] = r.email(r.call.User)
		case p.Name == "key_context":
			args[p.Name] = map[string]any{"organization_id": r.call.Tenant}
		}
	}
	return args
}

// complaint is the body with which the service refuses arguments.
func (r *request) complaint(faults []provider.Invalid) map[string]any {
	var texts []string
	errors := []any{}
	for _, f := range faults {
		texts = append(texts, f.Text)
		field := f.Param
		if wire := r.op.wire[f.Param]; wire != "" {
			field = wire
		}
		errors = append(errors, map[string]any{"code": f.Code, "field": field, "message": f.Text})
	}
	message := "Validation failed."
	if len(texts) > 0 {
		message = "Validation failed: " + strings.Join(texts, "; ") + "."
	}
	switch r.op.invalid.shape {
	case "code":
		return map[string]any{"code": "invalid_request_parameters", "message": message}
	case "list":
		return map[string]any{"code": "invalid_request_parameters", "message": message, "errors": errors}
	case "fields":
		return map[string]any{"message": message, "errors": errors}
	case "entity":
		return map[string]any{"code": "entity_not_found", "message": message}
	case "error":
		return map[string]any{"error": message}
	}
	return map[string]any{"message": message}
}

// bad refuses one argument.
func (r *request) bad(param, code, text string) error {
	return r.fail(r.op.invalid.status, r.complaint([]provider.Invalid{{Param: param, Code: code, Text: text}}), text)
}

// missing is the answer to an id that means nothing here.
func (r *request) missing(what string) error {
	return r.fail(404, map[string]any{"message": what + " not found."}, "there is no such "+strings.ToLower(what))
}

func (r *request) text(name string) string {
	text, _ := r.args[name].(string)
	return text
}

// texts is a list of texts; anything else in it is a fault.
func (r *request) texts(name string) ([]string, error) {
	list := []string{}
	items, _ := r.args[name].([]any)
	for _, item := range items {
		text, ok := item.(string)
		if !ok || text == "" {
			return nil, r.bad(name, "type", name+" must be a list of texts")
		}
		list = append(list, text)
	}
	return list, nil
}

func (r *request) object(name string) map[string]any {
	object, _ := r.args[name].(map[string]any)
	return object
}

func (r *request) number(name string) int {
	n, _ := r.args[name].(json.Number)
	count, _ := strconv.Atoi(n.String())
	return count
}

// moment reads a time; the zero time where there is none.
func (r *request) moment(name string) (time.Time, error) {
	text := r.text(name)
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Year() < 1970 || at.Year() > 9999 {
		return time.Time{}, r.bad(name, "value", name+" must be a time such as 2030-01-31T17:00:00Z")
	}
	return at, nil
}

// user finds a person of the tenant.
func (r *request) user(id string) (world.User, bool) {
	i := slices.IndexFunc(r.tenant.Users, func(u world.User) bool { return u.ID == id })
	if i < 0 {
		return world.User{}, false
	}
	return r.tenant.Users[i], true
}

// email is where nobody can be reached: a world has no addresses.
func (r *request) email(user string) string {
	return fmt.Sprintf("%s@%s.example", user, strings.ToLower(r.tenant.ID))
}

// person is a user as the service shows one.
func (r *request) person(u world.User) map[string]any {
	name := any(nil)
	if u.Name != "" {
		name = u.Name
	}
	return map[string]any{"object": "user", "id": u.ID, "first_name": name, "last_name": nil, "name": name, "profile_picture_url": nil,
		"email": r.email(u.ID), "email_verified": true, "external_id": nil, "last_sign_in_at": nil, "created_at": epoch, "updated_at": epoch}
}

// epoch is the time of what the world does not date.
const epoch = "1970-01-01T00:00:00.000Z"

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// orNull is a text, or null where it is empty.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
