package world

import (
	"bytes"
	_ "embed"
	"slices"
	"strings"
	"time"

	"agentrisk/internal/source"
)

// Version is the version of the format.
const Version = "agentrisk.world/v1"

// FaultID is the id of every *source.Error about a world, also of those that show
// only when it is brought up.
const FaultID = "world"

// Schema is the JSON Schema of the format.
//
//go:embed world.schema.json
var Schema []byte

//go:embed demo.yaml
var demo []byte

// Template is the demo world's file: two tenants, somebody who may and somebody
// who may not. It is also what a world of one's own begins from.
func Template() []byte { return slices.Clone(demo) }

// Demo is the demo world.
func Demo() (*World, error) {
	f, err := source.Read("demo.yaml", bytes.NewReader(demo), limits)
	if err != nil {
		return nil, err
	}
	return Parse(f)
}

// World is everything the runtime enforces in.
type World struct {
	Tenants   []Tenant
	Providers []Provider
	Defaults  Defaults
}

// Defaults are who acts and with what, where whoever starts a run does not say.
type Defaults struct {
	Tenant, User, Agent, Purpose string         // "": none
	Inputs                       map[string]any // by the name of the input; JSON values
}

// Tenant is one customer. Nothing of it is known to another.
type Tenant struct {
	ID        string
	Name      string
	Zone      *time.Location
	Hours     *Hours // nil: none are set
	Users     []User
	Agents    []Agent
	Approvers []Approver
	Resources []Resource
	Keys      []Key
	Limits    []Limit
	Egress    []string // hosts that may be called; none: none
	Model     string   // in OpenFGA's language
	ModelAt   source.Location
	Tuples    []Tuple
}

// Hours are working hours. To before From is a shift over midnight.
type Hours struct {
	Days     []time.Weekday
	From, To int // minutes since midnight; To itself is outside
}

// User is a person.
type User struct {
	ID      string
	Name    string
	Session bool // signed in
}

// Agent is a program that acts for users.
type Agent struct {
	ID     string
	Name   string
	Grants []Grant
}

// Grant is what a user lets an agent do.
type Grant struct {
	User      string
	Scopes    []string
	Resources []string  // type:id or type:*; none: none
	Until     time.Time // zero: without an end
}

// Approver is a user who may approve steps of these effects.
type Approver struct {
	User    string
	Effects []string
}

// Resource is a thing that steps act on.
type Resource struct {
	ID          string // type:id
	Sensitivity string // public, internal, confidential or restricted
}

// Key is a key that a user issued before. Its value is known by its hash alone.
type Key struct {
	ID      string
	User    string
	SHA256  string // of the value, in hex
	Scopes  []string
	Expires time.Time // zero: never
	Revoked bool
}

// Limit bounds what is used in a window of time.
type Limit struct {
	ID       string
	Effect   string // "": any
	PerAgent bool
	Measure  string // calls or volume
	Most     int64
	Window   time.Duration
	Then     string // defer, step-up or deny
}

// Tuple says that a user has a relation to an object.
type Tuple struct {
	User, Relation, Object string
	At                     source.Location
	Condition              string         // "": always
	Context                map[string]any // of the condition
}

// Provider is a local stand-in for a service, and how it behaves.
type Provider struct {
	Name       string
	Operations []Operation
}

// Operation is the behaviour of one operation where it is not the usual one.
type Operation struct {
	ID      string
	At      source.Location // of the id
	Latency time.Duration
	Fault   Fault
}

// Fault is what goes wrong.
type Fault struct {
	Kind   string // "": nothing; status, timeout, malformed or disconnect
	Status int    // of status: 400 to 599
	Times  int    // how often, and then no more; 0: always
}

// Tenant returns a tenant by its id.
func (w *World) Tenant(id string) (Tenant, bool) {
	for _, t := range w.Tenants {
		if t.ID == id {
			return t, true
		}
	}
	return Tenant{}, false
}

// Belongs says whether an entity, as type:id, is a tenant's: it is listed there,
// or it is the object of one of its tuples and no other tenant lists it. It is the
// guard outside the authorization engine.
func (w *World) Belongs(tenant, entity string) bool {
	t, ok := w.Tenant(tenant)
	if !ok {
		return false
	}
	if t.lists(entity) {
		return true
	}
	for _, other := range w.Tenants {
		if other.ID != tenant && other.lists(entity) {
			return false
		}
	}
	return slices.ContainsFunc(t.Tuples, func(one Tuple) bool { return one.Object == entity })
}

// lists says whether a tenant names an entity as a user, an agent or a resource of
// its own.
func (t Tenant) lists(entity string) bool {
	kind, id, _ := strings.Cut(entity, ":")
	switch kind {
	case "user":
		return slices.ContainsFunc(t.Users, func(u User) bool { return u.ID == id })
	case "agent":
		return slices.ContainsFunc(t.Agents, func(a Agent) bool { return a.ID == id })
	}
	return slices.ContainsFunc(t.Resources, func(r Resource) bool { return r.ID == entity })
}

// Sensitivity returns how sensitive a resource is, "" where nobody said so.
func (t Tenant) Sensitivity(resource string) string {
	for _, r := range t.Resources {
		if r.ID == resource {
			return r.Sensitivity
		}
	}
	return ""
}
