package provider

import (
	"context"
	"time"

	"agentrisk/capabilities/effects"
)

// Provider is a stand-in for one service. It may be used by many goroutines.
type Provider interface {
	// Name is the service's name as worlds and scopes write it: workos.
	Name() string
	// Operations lists what it offers, in order of their ids. Nobody changes the list.
	Operations() []Operation
	// Call does an operation. An error is a *Failure.
	Call(ctx context.Context, operation string, call Call) (Response, error)
	// Lookup tells what became of an earlier call with this key, in any process:
	// false where the call never took effect. Arguments that are given must be those
	// of that call; nil asks by the key alone, as after a crash that forgot them.
	Lookup(ctx context.Context, operation string, call Call) (Response, bool, error)
}

// Operation is one operation of a service.
type Operation struct {
	Provider string
	ID       string // of the effects catalogue, or as the document names it
	Method   string
	Path     string
	Host     string // that is called; for the list of allowed hosts
	Title    string // what it does, in a few words
	Effect   effects.Effect
	Control  effects.Control
	Params   []Param
	Outputs  []Output
	// Status is that of an answer which is a success; 0 is 200.
	Status int
	// Keyed: a call with the same key happens once, and is answered as before.
	Keyed bool
	// Undo is the operation that takes the effect back; "" where none does. Reads
	// and controls need none.
	Undo string
	// Simulated: nobody modelled the operation; its answers are made up from
	// declared shapes.
	Simulated bool
}

// Param is an argument of an operation, by its name in the flat form in which
// plans bind arguments: a field of the path, query, header or body.
type Param struct {
	Name     string
	In       string // path, query, header or body
	Type     string // string, integer, boolean, array or object
	Required bool
	Role     Role
	Aliases  []string // other names under which flows carry the same value
	Default  any      // nil: none
	Allowed  []string // the only values; none: any
	Sealed   bool     // taken from the sealed context alone, never from a flow
}

// Role says what an argument means to the checks, so that they need not know the
// operation.
type Role string

// The roles. The empty role is data that no check looks into.
const (
	RoleUser         Role = "user"          // id of the person it is about
	RoleAgent        Role = "agent"         // id of the agent it is about
	RoleTenant       Role = "tenant"        // id of the organization
	RoleMembership   Role = "membership"    // of the user in the organization
	RoleResource     Role = "resource"      // as type:id
	RoleResourceType Role = "resource-type" // the part before the colon
	RoleResourceID   Role = "resource-id"   // the part after it
	RoleRelation     Role = "relation"      // that is needed on the resource
	RoleScopes       Role = "scopes"        // that are asked for
	RoleCredential   Role = "credential"    // a secret value
	RoleSlug         Role = "slug"          // which integration
	RoleText         Role = "text"          // free text that people or agents wrote
	RoleAction       Role = "action"        // of an audit event
	RoleVolume       Role = "volume"        // how many records, or how much money in its smallest unit
	RoleHost         Role = "host"          // an address that will be called
)

// Output is a value of a response that later steps may take.
type Output struct {
	Path   string // a.b, data[0].id
	Type   string
	Secret bool // a credential: it is never recorded or printed
	Role   Role
	// Value is what stands there in an answer which is a success, where the document
	// says so; nil: made up.
	Value any
	// Aliases are other names under which documents ask for it.
	Aliases []string
}

// Call is one call of an operation.
type Call struct {
	Tenant string
	User   string // on whose behalf
	Agent  string
	// Key makes the call happen once; it is a hash, and no secret.
	Key       string
	Fence     int64
	Arguments map[string]any // JSON values by the names of Params
	At        time.Time
	// Scratch names the copy of the state that the call works on; "" is the state
	// itself.
	Scratch string
}

// Response is the answer to a call, as the service gives it.
type Response struct {
	Status int
	Body   any // JSON value
	// Denied: the service refused, whatever its status. Reason says why.
	Denied bool
	Reason string
	// Undo are the arguments of the operation's Undo; nil where there is nothing to
	// undo.
	Undo      map[string]any
	Simulated bool
	// Repeated: an earlier call with the same key had this effect.
	Repeated bool
	Millis   int64 // how long the service would have taken
}

// Related answers whether a user has a relation to a resource, for stand-ins of
// services that decide it. Any error is a no.
type Related func(ctx context.Context, tenant, user, relation, resource string) (bool, error)
