package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/internal/source"
)

// declare takes over the inputs of the flow asked for: its own, its entry's and
// the document's, the first of each name.
func (c *compiler) declare(s *scope) {
	var lists [][]*capabilities.Parameter
	if m := s.flow.Model; m != nil {
		lists = append(lists, m.Inputs)
	}
	if e := s.flow.Entry; e != nil {
		lists = append(lists, inputsOf(e))
	}
	lists = append(lists, c.doc.Inputs)
	for _, list := range lists {
		for _, p := range list {
			if p.Name == "" || c.hasInput(p.Name) {
				continue
			}
			if len(c.plan.Inputs) == maxInputs {
				c.fault(p.Location(), "too-large", fmt.Sprintf("there are more than %d inputs", maxInputs), "", "")
				return
			}
			c.addInput(inputOf(p))
		}
	}
	c.declares = len(c.plan.Inputs) > 0
}

// inputsOf are the inputs of an entry. One that says nothing of its own, such as the
// tool of a skill, has those of what it is from.
func inputsOf(e *capabilities.Exposed) []*capabilities.Parameter {
	for range maxFlowDepth {
		if len(e.Inputs)+len(e.Bindings) > 0 || e.Call.Entry == nil {
			break
		}
		e = e.Call.Entry
	}
	return e.Inputs
}

// outputsOf are the outputs of an entry, or of what it is from.
func outputsOf(e *capabilities.Exposed) []*capabilities.Output {
	for range maxFlowDepth {
		if len(e.Outputs) > 0 || e.Call.Entry == nil {
			break
		}
		e = e.Call.Entry
	}
	return e.Outputs
}

func inputOf(p *capabilities.Parameter) Input {
	in := Input{Name: p.Name, Type: typeName(p.Type), Description: clean(p.Description), Allowed: p.Enum,
		Required: p.Required != nil && *p.Required || p.In == "path"}
	if p.Node.Kind() == source.Scalar && in.Type == "" { // name: type
		in.Type = typeName(p.Value)
	}
	if v, ok := constant(p); ok {
		in.Default, in.Required = v, false
	}
	return in
}

// constant is the constant or default that a parameter states, where it is no
// reference.
func constant(p *capabilities.Parameter) (any, bool) {
	if p.Node.Kind() != source.Mapping {
		return nil, false
	}
	for _, key := range [...]string{"value", "default", "const"} {
		n := p.Node.Get(key)
		if n.Kind() != source.Scalar || n.IsNull() {
			continue
		}
		if n.IsString() && len(capabilities.References(n.Text())) > 0 {
			return nil, false
		}
		return scalar(n), true
	}
	return nil, false
}

func (c *compiler) hasInput(name string) bool {
	_, ok := c.inputs[name]
	return ok
}

func (c *compiler) addInput(in Input) {
	c.inputs[in.Name] = len(c.plan.Inputs)
	c.plan.Inputs = append(c.plan.Inputs, in)
}

// undeclared adds an input that a document without declarations asks for.
func (c *compiler) undeclared(name string, at source.Location) {
	if len(c.plan.Inputs) >= maxInputs {
		return
	}
	c.addInput(Input{Name: name, Required: true})
	c.warn(at, "", fmt.Sprintf("the input %q is not declared; the run asks for it all the same", name))
}

// imply adds an input that an entry hands on without declaring it.
func (c *compiler) imply(name string, at source.Location) {
	if c.hasInput(name) || len(c.plan.Inputs) >= maxInputs {
		return
	}
	c.addInput(Input{Name: name})
	c.implied[name] = true
	c.warn(at, "", fmt.Sprintf("the input %q is not declared; the run takes it as the operation does", name))
}

// asTaken gives the inputs that are only handed on the type of what takes them, and
// requires what is required there.
func (c *compiler) asTaken() {
	for _, s := range c.plan.Steps {
		for _, a := range s.Arguments {
			name := a.Value.Input()
			if name == "" || !c.implied[name] {
				continue
			}
			in := &c.plan.Inputs[c.inputs[name]]
			in.Required = in.Required || a.Param.Required
			in.Type = cmp.Or(in.Type, a.Param.Type)
		}
	}
}

// inputNames lists what the flow is given.
func (s *scope) inputNames() []string {
	var out []string
	given := s.given()
	if given == nil {
		for _, in := range s.c.plan.Inputs {
			out = append(out, in.Name)
		}
		return out
	}
	for name := range given {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// roleOfInputs says what the operations that take an input make of it.
func (c *compiler) roleOfInputs() {
	roles := map[string]map[provider.Role]bool{}
	for _, s := range c.plan.Steps {
		for _, a := range s.Arguments {
			name, role := inputBehind(a.Value.node), a.Param.Role
			if name == "" || role == "" {
				continue
			}
			if role == provider.RoleResourceType || role == provider.RoleResourceID {
				if k := a.Value.node.kind; k == kBefore || k == kAfter {
					role = provider.RoleResource
				}
			}
			if roles[name] == nil {
				roles[name] = map[provider.Role]bool{}
			}
			roles[name][role] = true
		}
	}
	for i := range c.plan.Inputs {
		in := &c.plan.Inputs[i]
		if len(roles[in.Name]) == 1 {
			for role := range roles[in.Name] {
				in.Role = role
			}
		}
	}
}

// inputBehind is the input that a value is, or is a part of by its colon.
func inputBehind(n *node) string {
	if n != nil && (n.kind == kBefore || n.kind == kAfter) {
		n = n.parts[0]
	}
	return Value{n}.Input()
}

// typeOf is the type of a constant in the words of JSON Schema, "" for null.
func typeOf(v any) string {
	switch v := v.(type) {
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "number"
		}
		return "integer"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return ""
}
