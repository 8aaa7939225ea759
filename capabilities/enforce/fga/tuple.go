package fga

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	openfgav1 "github.com/openfga/api/proto/openfga/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"agentrisk/internal/pattern"
)

// Tuple says that a user has a relation to an object.
type Tuple struct {
	User      string     `json:"user"`     // type:id, or type:id#relation for everybody who has it
	Relation  string     `json:"relation"` //
	Object    string     `json:"object"`   // type:id
	Condition *Condition `json:"condition,omitempty"`
}

// Condition restricts a tuple: it counts only while the model's condition of this
// name holds.
type Condition struct {
	Name    string         `json:"name"`
	Context map[string]any `json:"context,omitempty"` // never a key of the runtime's own
}

// MaxChange is how many tuples one change may hold.
const MaxChange = 100

// Change is what a write does, all of it or nothing.
type Change struct {
	Add, Remove []Tuple
}

// Write changes a tenant's relations. To add what is there and to remove what is
// not is no error.
func (e *Engine) Write(ctx context.Context, name string, c Change) error {
	t, err := e.tenant("write", name)
	if err != nil {
		return err
	}
	if len(c.Add)+len(c.Remove) > MaxChange {
		return &Error{Kind: Refused, Op: "write", Err: fmt.Errorf("%d tuples at once, more than %d", len(c.Add)+len(c.Remove), MaxChange)}
	}
	req := &openfgav1.WriteRequest{StoreId: t.store, AuthorizationModelId: t.modelID}
	for _, tuple := range c.Add {
		key, err := e.key("write", name, tuple)
		if err != nil {
			return err
		}
		if req.Writes == nil {
			req.Writes = &openfgav1.WriteRequestWrites{OnDuplicate: "ignore"}
		}
		req.Writes.TupleKeys = append(req.Writes.TupleKeys, key)
	}
	for _, tuple := range c.Remove {
		if err := e.guard("write", name, tuple); err != nil {
			return err
		}
		if req.Deletes == nil {
			req.Deletes = &openfgav1.WriteRequestDeletes{OnMissing: "ignore"}
		}
		req.Deletes.TupleKeys = append(req.Deletes.TupleKeys, &openfgav1.TupleKeyWithoutCondition{User: tuple.User, Relation: tuple.Relation, Object: tuple.Object})
	}
	if req.Writes == nil && req.Deletes == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, e.options.Timeout)
	defer cancel()
	_, err = e.server.Write(ctx, req)
	return wrap("write", err)
}

// Replace makes the tenant's relations exactly these. What is no longer wanted
// goes first: a break in between leaves somebody with less, never with more.
func (e *Engine) Replace(ctx context.Context, name string, want []Tuple) error {
	have, err := e.Read(ctx, name)
	if err != nil {
		return err
	}
	wanted, there := index(want), index(have)
	var remove, add []Tuple
	for _, key := range sortedKeys(there) {
		if _, keep := wanted[key]; !keep {
			remove = append(remove, there[key])
		}
	}
	for _, key := range sortedKeys(wanted) {
		if _, known := there[key]; !known {
			add = append(add, wanted[key])
		}
	}
	for part := range slices.Chunk(remove, MaxChange) {
		if err := e.Write(ctx, name, Change{Remove: part}); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(add, MaxChange) {
		if err := e.Write(ctx, name, Change{Add: part}); err != nil {
			return err
		}
	}
	return nil
}

// index tells tuples apart by all they say, their condition included.
func index(tuples []Tuple) map[string]Tuple {
	out := make(map[string]Tuple, len(tuples))
	for _, t := range tuples {
		text, err := json.Marshal(t) // the keys of maps come sorted
		if err != nil {
			text = fmt.Appendf(nil, "%v", t) // Write refuses it with its reason
		}
		out[string(text)] = t
	}
	return out
}

// Read returns a tenant's relations, in order of their text.
func (e *Engine) Read(ctx context.Context, name string) ([]Tuple, error) {
	t, err := e.tenant("read", name)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, e.options.Timeout)
	defer cancel()
	var out []Tuple
	for token := ""; ; {
		page, err := e.server.Read(ctx, &openfgav1.ReadRequest{StoreId: t.store, PageSize: wrapperspb.Int32(100), ContinuationToken: token,
			Consistency: openfgav1.ConsistencyPreference_HIGHER_CONSISTENCY})
		if err != nil {
			return nil, wrap("read", err)
		}
		for _, one := range page.GetTuples() {
			out = append(out, fromKey(one.GetKey()))
		}
		if token = page.GetContinuationToken(); token == "" {
			break
		}
	}
	slices.SortFunc(out, func(a, b Tuple) int {
		return strings.Compare(a.Object+" "+a.Relation+" "+a.User, b.Object+" "+b.Relation+" "+b.User)
	})
	return out, nil
}

// key guards a tuple and puts it into OpenFGA's words.
func (e *Engine) key(op, name string, t Tuple) (*openfgav1.TupleKey, error) {
	if err := e.guard(op, name, t); err != nil {
		return nil, err
	}
	key := &openfgav1.TupleKey{User: t.User, Relation: t.Relation, Object: t.Object}
	if t.Condition == nil {
		return key, nil
	}
	if strings.HasPrefix(t.Condition.Name, "$") && !e.options.suite {
		return nil, &Error{Kind: Refused, Op: op, What: t.Condition.Name, Hint: "name a condition of the model"}
	}
	// OpenFGA lets the context of a tuple win over that of the question: a sealed
	// key in it would replace the clock.
	fields, err := contextOf(op, t.Condition.Context)
	if err != nil {
		return nil, err
	}
	key.Condition = &openfgav1.RelationshipCondition{Name: t.Condition.Name, Context: fields}
	return key, nil
}

func fromKey(key *openfgav1.TupleKey) Tuple {
	t := Tuple{User: key.GetUser(), Relation: key.GetRelation(), Object: key.GetObject()}
	if c := key.GetCondition(); c != nil {
		t.Condition = &Condition{Name: c.GetName()}
		if fields := c.GetContext().AsMap(); len(fields) > 0 {
			t.Condition.Context = fields
		}
	}
	return t
}

// contextOf puts a context into OpenFGA's words and refuses keys of the runtime's
// own.
func contextOf(op string, context map[string]any) (*structpb.Struct, error) {
	for _, key := range sortedKeys(context) {
		if strings.HasPrefix(key, Sealed) {
			return nil, &Error{Kind: Reserved, Op: op, What: key, Hint: "keys that begin with " + Sealed + " are set by the runtime alone"}
		}
	}
	fields, err := structpb.NewStruct(context)
	if err != nil {
		return nil, &Error{Kind: Invalid, Op: op, Err: err}
	}
	return fields, nil
}

// guard refuses a tuple that names what is not the tenant's.
func (e *Engine) guard(op, name string, t Tuple) error {
	for _, entity := range [...]string{t.User, t.Object} {
		if err := e.guardEntity(op, name, entity); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) guardEntity(op, name, entity string) error {
	bare, _, _ := strings.Cut(entity, "#")
	if kind, key, ok := strings.Cut(bare, ":"); !ok || kind == "" || key == "" {
		return &Error{Kind: Invalid, Op: op, What: entity, Hint: "expected type:id, such as document:7"}
	}
	if !e.options.Guard(name, bare) {
		return &Error{Kind: Foreign, Op: op, What: entity, Err: fmt.Errorf("tenant %q does not know it", name)}
	}
	return nil
}

var tenantName = pattern.Lazy(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

func checkTenant(name string) error {
	if !tenantName().MatchString(name) {
		return &Error{Kind: Invalid, Op: "provision", What: name, Hint: "a tenant's id is 1 to 64 letters, digits, dots, hyphens and underscores"}
	}
	return nil
}

func newStore(id, name string) *openfgav1.Store { return &openfgav1.Store{Id: id, Name: name} }

func sameModel(a, b *openfgav1.AuthorizationModel) bool { return proto.Equal(a, b) }
