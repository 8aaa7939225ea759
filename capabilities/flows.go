package capabilities

import (
	"strconv"

	"agentrisk/internal/source"
)

// flows reads several flows: a list of them, or a map by name.
func (r *reading) flows(n source.Node) {
	for item := range r.named(n, "workflows", "workflowId", "id", "name") {
		if item.Node.Kind() != source.Mapping {
			r.problem(item.Node.Wrong("a workflow", "a map"))
			continue
		}
		r.oneFlow(item, item.Name)
	}
}

// workflow reads a single flow: a map with steps, or the list of them. Where it
// has no name of its own, it goes by name.
func (r *reading) workflow(n source.Node, name string) {
	if n.Kind() == source.Sequence {
		f := &Flow{Part: Part{place(n), n}, ID: name}
		r.steps(f, n, nil)
		r.addFlow(f)
		return
	}
	if n.Kind() != source.Mapping {
		r.problem(n.Wrong("a workflow", "a map with steps, or a list of them"))
		return
	}
	item := nameOf(n, []string{"id", "name", "namespace"})
	if item.Name != "" {
		name = item.Name
	}
	r.oneFlow(item, name)
}

func (r *reading) oneFlow(item named, id string) {
	f := &Flow{Part: item.Part, ID: id}
	for key, value := range item.Node.Pairs() {
		switch name := key.Text(); name {
		case "id", "workflowId":
		case "name", "title":
			f.Name = r.text(value, name)
		case "description", "summary":
			if f.Description == "" || name == "description" {
				f.Description = prose(value)
			}
		case "inputs", "input", "inputParameters", "parameters":
			f.Inputs = append(f.Inputs, r.parameters(value, name)...)
		case "outputs", "output", "outputParameters":
			f.Outputs = append(f.Outputs, r.outputs(value)...)
		case "semantics":
			f.Semantics = r.semantics(key, value)
		case "steps":
			r.steps(f, value, nil)
		case "tools":
			r.looseTools(value)
		case "persona", "personas", "apis", "tags", "type", "namespace", "triggers", "trigger", "exposes", "label", "display":
		default:
			r.unknown("workflow", key, value)
		}
	}
	r.addFlow(f)
}

// addFlow keeps a flow that has steps, and tells of steps with the same id. A
// flow without a name goes by its place, counted from 1.
func (r *reading) addFlow(f *Flow) {
	if len(f.Steps) == 0 {
		return
	}
	r.doc.Flows = append(r.doc.Flows, f)
	if f.ID == "" {
		f.ID = itoa(len(r.doc.Flows))
	}
	seen := make(map[string]*Step, len(f.Steps))
	for _, s := range f.Steps {
		if s.ID == "" {
			continue
		}
		if first := seen[s.ID]; first != nil {
			r.again("step", s.ID, s.At, first.At)
			continue
		}
		seen[s.ID] = s
	}
}

// looseTools reads tools that stand outside of any adapter: an MCP server is
// what exposes them.
func (r *reading) looseTools(n source.Node) {
	if n.Len() == 0 {
		return
	}
	a := &Adapter{Part: Part{place(n), n}, Kind: MCP}
	r.doc.Exposes = append(r.doc.Exposes, a)
	r.entries(a, n, Tool)
	r.duplicateEntries(a)
}

func quote(s string) string { return strconv.Quote(source.Quote(s)) }
func itoa(n int) string     { return strconv.Itoa(n) }
