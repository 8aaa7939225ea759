package capabilities

import (
	"strings"

	"agentrisk/internal/source"
)

// arazzo reads an Arazzo description, version 1.0.x
// (https://spec.openapis.org/arazzo/v1.0.1.html).
func (r *reading) arazzo() {
	d := r.doc
	a := arazzoReading{reading: r, components: componentsOf(d.Root)}
	for key, value := range d.Root.Pairs() {
		switch name := key.Text(); name {
		case "arazzo":
			d.Version = value.Text()
		case "info":
			r.info(value)
		case "sourceDescriptions":
			for _, item := range r.list(value, name) {
				r.sourceDescription(item)
			}
		case "workflows":
			for item := range r.named(value, name, "workflowId") {
				a.workflow(item)
			}
		case "components":
		default:
			r.unknown("document", key, value)
		}
	}
}

func (r *reading) sourceDescription(n source.Node) {
	i := &Import{Part: nameOf(n, []string{"name"}).Part, Kind: "openapi"}
	r.doc.Imports = append(r.doc.Imports, i)
	for key, value := range n.Pairs() {
		switch key.Text() {
		case "name":
			i.As = r.text(value, "name")
		case "url":
			i.Location = r.text(value, "url")
		case "type":
			i.Kind = r.text(value, "type")
		default:
			r.unknown("sourceDescription", key, value)
		}
	}
}

type arazzoReading struct {
	*reading
	components map[string]map[string]source.Node // by section and name
}

func componentsOf(root source.Node) map[string]map[string]source.Node {
	out := map[string]map[string]source.Node{}
	for section, named := range root.Get("components").Pairs() {
		out[section.Text()] = map[string]source.Node{}
		for name, value := range named.Pairs() {
			out[section.Text()][name.Text()] = value
		}
	}
	return out
}

// maxForAll bounds what a workflow states for every step: actions, parameters.
const maxForAll = 100

func (a *arazzoReading) workflow(item named) {
	f := &Flow{Part: item.Part, ID: item.Name}
	var success, failure, parameters source.Node
	for key, value := range item.Node.Pairs() {
		switch name := key.Text(); name {
		case "workflowId", "dependsOn":
		case "summary":
			f.Name = prose(value)
		case "description":
			f.Description = prose(value)
		case "inputs":
			f.Inputs = a.parameters(a.component(value, "inputs"), name)
		case "outputs":
			f.Outputs = a.outputs(value)
		case "steps":
			for step := range a.named(value, name, "stepId") {
				a.step(f, step)
			}
		case "successActions":
			success = value
		case "failureActions":
			failure = value
		case "parameters":
			parameters = value
		default:
			a.unknown("workflow", key, value)
		}
	}
	for _, n := range [...]source.Node{success, failure, parameters} {
		if n.Len() > maxForAll {
			a.problem(&source.Error{At: place(n).Location(), ID: "too-large",
				Message: "a workflow states " + itoa(n.Len()) + " of them for every step", Expected: "at most " + itoa(maxForAll)})
			a.doc.Incomplete = true
			success, failure, parameters = source.Node{}, source.Node{}, source.Node{}
		}
	}
	for _, s := range f.Steps {
		s.OnSuccess = append(s.OnSuccess, a.actions(success)...)
		s.OnFailure = append(s.OnFailure, a.actions(failure)...)
		s.Bindings = append(s.Bindings, a.stepParameters(parameters)...)
	}
	a.addFlow(f)
}

// component follows a reference into components.
func (a *arazzoReading) component(n source.Node, section string) source.Node {
	reference := n.Get("reference").Text()
	if reference == "" {
		reference = strings.ReplaceAll(strings.TrimPrefix(n.Get("$ref").Text(), "#/"), "/", ".")
	}
	name := reference[strings.LastIndexByte(reference, '.')+1:]
	if found, ok := a.components[section][name]; ok {
		return found
	}
	return n
}

func (a *arazzoReading) step(f *Flow, item named) {
	s := &Step{Part: item.Part, Index: len(f.Steps) + 1, ID: item.Name, Flow: f, Kind: CallStep}
	f.Steps = append(f.Steps, s)
	if item.Node.Kind() != source.Mapping {
		a.problem(item.Node.Wrong("a step", "a map"))
		return
	}
	for key, value := range item.Node.Pairs() {
		switch name := key.Text(); name {
		case "stepId":
		case "description":
			s.Description = prose(value)
		case "operationId":
			s.Target = sourceTarget(value, a.text(value, name))
		case "operationPath":
			s.Target = pathTarget(value, a.text(value, name))
		case "workflowId":
			s.Kind, s.Target = WorkflowStep, sourceTarget(value, a.text(value, name))
		case "parameters":
			s.Bindings = append(s.Bindings, a.stepParameters(value)...)
		case "requestBody":
			s.Bindings = append(s.Bindings, a.requestBody(value)...)
		case "successCriteria":
			s.Success = a.conditions(value, false)
		case "onSuccess":
			s.OnSuccess = a.actions(value)
		case "onFailure":
			s.OnFailure = a.actions(value)
		case "outputs":
			s.Outputs = a.outputs(value)
		default:
			a.unknown("step", key, value)
		}
	}
	if s.Target.Text == "" {
		s.Kind = ProseStep
	}
}

func (a *arazzoReading) stepParameters(n source.Node) []*Binding {
	var out []*Binding
	for _, item := range a.list(n, "parameters") {
		value := item.Get("value") // a reference may override the value
		item = a.component(item, "parameters")
		if !value.Exists() {
			value = item.Get("value")
		}
		name := nameOf(item, []string{"name"})
		a.addBinding(&out, Part{name.At, value}, item.Get("in").Text(), name.Name)
	}
	return out
}

func (a *arazzoReading) requestBody(n source.Node) []*Binding {
	out := a.bindings(n.Get("payload"), "body")
	for _, item := range n.Get("replacements").Items() {
		target := item.Get("target")
		out = append(out, &Binding{Part: Part{target, item}, In: "body", Value: item.Get("value").Text(),
			Name: strings.ReplaceAll(strings.TrimPrefix(target.Text(), "/"), "/", ".")})
	}
	return out
}

func (a *arazzoReading) actions(n source.Node) []Edge {
	var out []Edge
	for _, item := range a.list(n, "actions") {
		found := a.component(item, "successActions")
		if found == item {
			found = a.component(item, "failureActions")
		}
		out = append(out, a.edges(nameOf(item, []string{"name", "reference"}).At, found)...)
	}
	return out
}

// sourceTarget reads an id, alone or behind $sourceDescriptions.<name>.
func sourceTarget(at source.Node, text string) Target {
	t := Target{At: at, Text: text, Name: text}
	if rest, ok := strings.CutPrefix(text, "$sourceDescriptions."); ok {
		if namespace, name, found := strings.Cut(rest, "."); found {
			t.Namespace, t.Name = namespace, name
		}
	}
	return t
}

// pathTarget reads {$sourceDescriptions.<name>.url}#/paths/~1users~1{id}/get: a
// JSON pointer to an operation, with its path and method.
func pathTarget(at source.Node, text string) Target {
	t := Target{At: at, Text: text}
	base, pointer, _ := strings.Cut(text, "#")
	base = strings.Trim(base, "{}")
	if rest, ok := strings.CutPrefix(base, "$sourceDescriptions."); ok {
		t.Namespace = strings.TrimSuffix(rest, ".url")
	}
	parts := strings.Split(strings.TrimPrefix(pointer, "/paths/"), "/")
	if len(parts) == 2 {
		t.Path = source.Unescape(parts[0])
		t.Method = strings.ToUpper(parts[1])
		t.Name = t.Method + " " + t.Path
	}
	return t
}
