package workos

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/internal/source"
)

// Name is the service's name as worlds and scopes write it.
const Name = "workos"

//go:embed operations.yaml
var operationsYAML []byte

// own marks parameters that are no part of the real request.
const own = "own"

// operation is what the data says of one operation.
type operation struct {
	provider.Operation
	wire    map[string]string // a parameter's place in the body: event.action
	invalid invalid
}

// invalid is how the service answers arguments that it does not take.
type invalid struct {
	status int
	shape  string
}

// load reads the operations, in order of their ids.
func load() ([]*operation, error) {
	f, err := source.NewFile("operations.yaml", operationsYAML, source.Limits{})
	if err != nil {
		return nil, err
	}
	doc, err := source.ParseOne(f, source.Limits{})
	if err != nil {
		return nil, err
	}
	var ops []*operation
	for _, item := range doc.Root.Get("operations").Items() {
		op, err := readOperation(item)
		if err != nil {
			return nil, err
		}
		op.Host = doc.Root.Get("host").Text()
		ops = append(ops, op)
	}
	slices.SortFunc(ops, func(a, b *operation) int { return strings.Compare(a.ID, b.ID) })
	return ops, nil
}

func readOperation(n source.Node) (*operation, error) {
	keyed, _ := n.Get("keyed").Bool()
	status, err := strconv.Atoi(n.Get("invalid").Get("status").Text())
	if err != nil {
		return nil, n.Wrong("the status of what is invalid", "a number")
	}
	op := &operation{wire: map[string]string{}, invalid: invalid{status, n.Get("invalid").Get("shape").Text()},
		Operation: provider.Operation{Provider: Name, ID: n.Get("id").Text(), Method: n.Get("method").Text(), Path: n.Get("path").Text(),
			Title: n.Get("title").Text(), Effect: effects.Effect(n.Get("effect").Text()), Control: effects.Control(n.Get("control").Text()),
			Keyed: keyed, Undo: n.Get("undo").Text()}}
	if !op.Effect.Valid() || !op.Control.Valid() {
		return nil, fmt.Errorf("workos: %s: no such effect or control", op.ID)
	}
	for _, item := range n.Get("params").Items() {
		p := readParam(item)
		op.Params = append(op.Params, p)
		if op.wire[p.Name] = p.Name; item.Get("wire").Exists() {
			op.wire[p.Name] = item.Get("wire").Text()
		}
	}
	for _, item := range n.Get("outputs").Items() {
		secret, _ := item.Get("secret").Bool()
		op.Outputs = append(op.Outputs, provider.Output{Path: item.Get("path").Text(), Type: item.Get("type").Text(), Secret: secret,
			Role: provider.Role(item.Get("role").Text()), Aliases: texts(item.Get("aliases"))})
	}
	return op, nil
}

func readParam(n source.Node) provider.Param {
	required, _ := n.Get("required").Bool()
	sealed, _ := n.Get("sealed").Bool()
	p := provider.Param{Name: n.Get("name").Text(), In: n.Get("in").Text(), Type: n.Get("type").Text(), Required: required,
		Role: provider.Role(n.Get("role").Text()), Aliases: texts(n.Get("aliases")), Allowed: texts(n.Get("allowed")), Sealed: sealed}
	if p.In == own {
		p.In = ""
	}
	if d := n.Get("default"); d.Exists() {
		p.Default = d.Text()
		if count, err := strconv.Atoi(d.Text()); err == nil && p.Type == "integer" {
			p.Default = count
		}
	}
	return p
}

func texts(n source.Node) []string {
	var list []string
	for _, item := range n.Items() {
		list = append(list, item.Text())
	}
	return list
}
