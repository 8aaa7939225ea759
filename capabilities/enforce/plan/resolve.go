package plan

import (
	"fmt"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/internal/source"
)

// reader resolves the references that stand at one place of the document.
type reader struct {
	scope *scope
	at    source.Location
	own   *building // the step they stand in, nil outside of one
	after bool      // they are judged once the step was answered
}

// resolve finds what a reference stands for. What flows hand each other is put
// into one expression, so its size is bounded here.
func (r reader) resolve(ref capabilities.Reference) (*node, error) {
	n, err := r.find(ref)
	c := r.scope.c
	switch c.work += n.weight(); {
	case err != nil:
		return nil, err
	case n.weight() > maxSize || c.work > maxWork:
		return nil, faultf("%q stands for more than can be worked out", ref.Text)
	}
	return n, nil
}

func (r reader) find(ref capabilities.Reference) (*node, error) {
	switch ref.Root {
	case capabilities.FromInput:
		return r.input(ref)
	case capabilities.FromResponse:
		return r.response(ref)
	case capabilities.FromItem:
		if r.own != nil && r.own.model != nil && loopOf(r.own.model) != "" {
			return newNode(node{kind: kItem}).under(ref.Path), nil
		}
		return r.bare(ref)
	case capabilities.FromSecret:
		return r.secret(ref.Name, ref)
	case capabilities.FromEnv:
		return r.setting(ref)
	case capabilities.FromRequest:
		return nil, faultf("%q asks for what a step has sent, which is not kept", ref.Text)
	case capabilities.FromWorkflow:
		return nil, faultf("%q asks for another workflow's values", ref.Text)
	}
	return r.bare(ref)
}

// bare resolves a step, or a name that the document must tell the meaning of.
func (r reader) bare(ref capabilities.Reference) (*node, error) {
	s := r.scope
	if s.flow == nil || s.flow.Model == nil { // an entry knows its inputs alone
		return r.entryName(ref)
	}
	origin := s.c.doc.Origin(s.flow.Model, ref)
	switch origin.Root {
	case capabilities.FromStep:
		if origin.Step == nil {
			return nil, r.noStep(ref)
		}
		if r.own != nil && r.own.model == origin.Step && !r.after && s.knows(ref.Name) { // a step is not given its own result
			return r.inputNamed(ref.Name, ref.Path)
		}
		return r.step(origin.Step, origin.Path)
	case capabilities.FromInput:
		if origin.Input == nil {
			return nil, r.noInput(ref.Text)
		}
		return r.inputNamed(origin.Input.Name, origin.Path)
	case capabilities.FromSecret:
		return r.secret(origin.Key.Name, ref)
	}
	if n := r.ownValue(append([]string{ref.Name}, ref.Path...)); n != nil {
		return n, nil
	}
	return nil, r.nothing(ref)
}

// ownValue is what a bare name means in a condition on a step's own answer.
func (r reader) ownValue(path []string) *node {
	if r.own == nil || !r.after {
		return nil
	}
	if named(r.own.model, path[0]) || r.own.answers(path[0]) {
		n, err := r.result(r.own, path)
		if err == nil {
			return n
		}
	}
	return nil
}

// answers reports whether the shape of the step's answer has a part of this name.
func (b *building) answers(name string) bool {
	for _, o := range b.step.Operation.Outputs {
		if splitPath(o.Path)[0] == name {
			return true
		}
	}
	return false
}

func named(m *capabilities.Step, name string) bool {
	if m == nil {
		return false
	}
	for _, o := range m.Outputs {
		if o.Name == name {
			return true
		}
	}
	return false
}

// entryName resolves a name where there are no steps: {{imo}}, tools.imo.
func (r reader) entryName(ref capabilities.Reference) (*node, error) {
	e := r.scope.entry
	if e == nil {
		e = r.scope.flow.Entry
	}
	path := append([]string{ref.Name}, ref.Path...)
	for i, name := range path {
		if i < 2 && name != "" && hasInput(e, name) {
			return r.inputNamed(name, path[i+1:])
		}
	}
	origin := r.scope.c.doc.Origin(nil, ref)
	switch {
	case origin.Root == capabilities.FromSecret && origin.Key != nil:
		return r.secret(origin.Key.Name, ref)
	case origin.Root == capabilities.FromInput && origin.Input != nil:
		return r.inputNamed(origin.Input.Name, origin.Path)
	case r.scope.entry == nil && ref.Syntax == capabilities.Dotted && len(ref.Path) > 0 && speaksOf(e, ref.Name):
		r.scope.c.imply(ref.Path[0], r.at)
		return r.inputNamed(ref.Path[0], ref.Path[1:])
	}
	return nil, r.nothing(ref)
}

// speaksOf reports whether a name is that of an entry's own adapter, or what documents
// call adapters of its kind: what follows it is an input, declared or not.
func speaksOf(e *capabilities.Exposed, name string) bool {
	if e == nil || e.Adapter == nil {
		return false
	}
	switch a := e.Adapter; a.Kind {
	case capabilities.REST:
		return name == a.Name || name == "rest"
	case capabilities.MCP:
		return name == a.Name || name == "mcp" || name == "tools"
	default:
		return name == a.Name
	}
}

func hasInput(e *capabilities.Exposed, name string) bool {
	if e == nil {
		return false
	}
	for _, p := range inputsOf(e) {
		if p.Name == name {
			return true
		}
	}
	return false
}

func (r reader) input(ref capabilities.Reference) (*node, error) {
	if ref.Name == "" {
		return nil, faultf("%q asks for all inputs at once", ref.Text)
	}
	s := r.scope
	if s.given() == nil && !s.c.hasInput(ref.Name) {
		if s.flow.Model == nil {
			if n, err := r.entryName(ref); err == nil {
				return n, nil
			}
		}
		if s.c.declares {
			return nil, r.noInput(ref.Name)
		}
	}
	return r.inputNamed(ref.Name, ref.Path)
}

// inputNamed is an input of the flow asked for, or what a called flow is given
// for it.
func (r reader) inputNamed(name string, path []string) (*node, error) {
	s := r.scope
	if given := s.given(); given != nil {
		n, ok := given[name]
		if !ok {
			return nil, r.noInput(name)
		}
		return n.under(path), nil
	}
	if !s.c.hasInput(name) {
		s.c.undeclared(name, r.at)
	}
	s.c.given[name] = true
	n := newNode(node{kind: kInput, name: name, path: path})
	if s.c.facts.SecretName(name) {
		n = n.marked()
	}
	return n, nil
}

func (r reader) noInput(name string) error {
	have := r.scope.inputNames()
	return &problem{message: fmt.Sprintf("no input %q is declared", name), expected: oneOf(have), hint: source.DidYouMean(name, have)}
}

func (r reader) noStep(ref capabilities.Reference) error {
	have := r.scope.stepNames()
	return &problem{message: fmt.Sprintf("%q names no step", ref.Text), expected: oneOf(have), hint: source.DidYouMean(ref.Name, have)}
}

func (r reader) nothing(ref capabilities.Reference) error {
	have := append(r.scope.inputNames(), r.scope.stepNames()...)
	return &problem{message: fmt.Sprintf("%q names nothing that is known here", ref.Text), expected: oneOf(have),
		hint: source.DidYouMean(ref.Name, have)}
}

func (s *scope) stepNames() []string {
	var out []string
	if s.flow != nil && s.flow.Model != nil {
		for _, f := range s.flow.Steps {
			out = append(out, f.Label)
		}
	}
	return out
}

// secret is a value of the vault. Which store a bind names is the vault's affair.
func (r reader) secret(name string, ref capabilities.Reference) (*node, error) {
	if name == "" {
		return nil, faultf("%q names no secret", ref.Text)
	}
	n := newNode(node{kind: kSecret, name: name})
	n.secret = true
	return n, nil
}

// setting resolves what stands for the context or the environment of a run. The
// process's environment is never handed to a capability: settings come from the
// vault.
func (r reader) setting(ref capabilities.Reference) (*node, error) {
	word := strings.ToLower(strings.TrimLeft(ref.Text, "${ "))
	if strings.HasPrefix(word, "context") && isContext(ref.Name) && len(ref.Path) == 0 {
		return newNode(node{kind: kContext, name: ref.Name}), nil
	}
	return r.secret(ref.Name, ref)
}

func (r reader) response(ref capabilities.Reference) (*node, error) {
	if ref.Syntax == capabilities.JSONPath {
		return r.jsonPath(ref)
	}
	if r.own == nil || !r.after {
		return nil, faultf("%q asks for an answer before there is one", ref.Text)
	}
	switch strings.ToLower(ref.Name) {
	case "statuscode":
		return newNode(node{kind: kStatus, name: r.own.step.ID}), nil
	case "body":
		return r.body(r.own, ref.Path)
	case "header":
		return nil, faultf("%q asks for a header of the answer, which is not kept", ref.Text)
	case "":
		return r.body(r.own, nil)
	}
	return r.body(r.own, append([]string{ref.Name}, ref.Path...))
}

// jsonPath resolves $.step.a, $.steps.step.a, and $.a of the step's own answer.
func (r reader) jsonPath(ref capabilities.Reference) (*node, error) {
	path := ref.Path
	if f := r.scope.flow; f != nil && f.Model != nil && len(path) > 0 {
		if path[0] == "steps" && len(path) > 1 {
			ref.Path = path[1:]
		}
		if o := r.scope.c.doc.Origin(f.Model, ref); o.Step != nil {
			return r.step(o.Step, o.Path)
		}
		if path[0] == "inputs" && len(path) > 1 {
			return r.input(capabilities.Reference{Text: ref.Text, Root: capabilities.FromInput, Name: path[1], Path: path[2:]})
		}
	}
	if r.own == nil || !r.after {
		return nil, faultf("%q asks for an answer before there is one", ref.Text)
	}
	return r.body(r.own, path)
}

// step is a part of the result of a step of the same flow.
func (r reader) step(m *capabilities.Step, path []string) (*node, error) {
	f := r.scope.steps[m]
	if inner := r.scope.calls[f]; inner != nil {
		return r.called(inner, m, path)
	}
	b := r.scope.built[f]
	if b == nil {
		return nil, faultf("the step %q is not part of the plan", m.Label())
	}
	return r.result(b, path)
}

// called is an output of a flow that a step runs.
func (r reader) called(inner *scope, m *capabilities.Step, path []string) (*node, error) {
	if len(path) > 0 && isWrapper(path[0]) {
		path = path[1:]
	}
	if len(path) == 0 {
		return nil, faultf("the whole result of the flow that %q runs is asked for: name one of its outputs", m.Label())
	}
	var have []string
	for _, o := range inner.flow.Model.Outputs {
		if o.Name == path[0] {
			n, err := inner.output(o)
			if err != nil {
				return nil, err
			}
			return n.under(path[1:]), nil
		}
		have = append(have, o.Name)
	}
	return nil, &problem{message: fmt.Sprintf("the flow that %q runs has no output %q", m.Label(), path[0]), expected: oneOf(have),
		hint: source.DidYouMean(path[0], have)}
}

// isWrapper reports whether a name stands between a step and a part of its
// result.
func isWrapper(name string) bool {
	switch name {
	case "outputs", "output", "result", "response", "body":
		return true
	}
	return false
}

// result is a part of a step's result: a value that the document names, the
// status, or a part of the answer.
func (r reader) result(b *building, path []string) (*node, error) {
	if len(path) > 1 && path[0] == "outputs" && r.loose() && b.model != nil && !named(b.model, path[1]) {
		var have []string
		for _, o := range b.model.Outputs {
			have = append(have, o.Name)
		}
		return nil, &problem{message: fmt.Sprintf("the step %q has no output %q", b.step.ID, path[1]), expected: oneOf(have),
			hint: source.DidYouMean(path[1], have)}
	}
	for len(path) > 0 && !b.answers(path[0]) && !named(b.model, path[0]) && isWrapper(path[0]) {
		path = path[1:]
	}
	if len(path) > 0 && strings.EqualFold(path[0], "statusCode") && len(path) == 1 {
		return newNode(node{kind: kStatus, name: b.step.ID}), nil
	}
	if len(path) > 0 && b.model != nil {
		for _, o := range b.model.Outputs {
			if o.Name == path[0] && o.Source != "" && b.step.Kind != Lookup {
				n := newNode(node{kind: kOutput, name: b.step.ID, path: path})
				if b.secretOutput(o) {
					n = n.marked()
				}
				return n, nil
			}
		}
	}
	return r.body(b, path)
}

// secretOutput reports whether a named part of a step's answer is a credential.
// Outputs may name each other in a circle, so each is looked at once.
func (b *building) secretOutput(o *capabilities.Output) bool {
	c := b.scope.c
	secret, known := c.secrecy[o]
	if known {
		return secret
	}
	c.secrecy[o] = c.facts.SecretName(o.Name)
	n, err := reader{scope: b.scope, own: b, after: true}.quiet().valueOf(o.Source)
	c.secrecy[o] = c.secrecy[o] || err == nil && n.isSecret()
	return c.secrecy[o]
}

// body is a part of a step's answer, by the shape that is known of it.
func (r reader) body(b *building, path []string) (*node, error) {
	if b.step.Kind == Lookup {
		path = append([]string{lookupResult}, path...)
	}
	n := newNode(node{kind: kBody, name: b.step.ID, path: path})
	c := r.scope.c
	if b.step.Kind != Call {
		return n, nil
	}
	found := b.look(path)
	if found.secret || !b.shape && len(path) > 0 && c.facts.SecretName(path[len(path)-1]) {
		n = n.marked()
	}
	r.tell(b, path, found)
	switch {
	case found.ok:
		return n, nil
	case found.path != nil:
		n.path = found.path
		return n, nil
	}
	return literal(nil), nil
}

// tell warns where an answer does not have what is asked for by the name given.
func (r reader) tell(b *building, path []string, found sight) {
	switch {
	case found.ok || r.silent():
	case found.path == nil:
		r.scope.c.warn(r.at, b.step.ID, fmt.Sprintf("the answer of %s has no %q: the value is absent", b.step.Operation.ID, joinPath(path)))
	case !b.step.Operation.Simulated: // there, the document itself gives both names
		r.scope.c.warn(r.at, b.step.ID, fmt.Sprintf("the answer of %s has no %q; taken for %q, which goes by that name",
			b.step.Operation.ID, joinPath(path), joinPath(found.path)))
	}
}

// quiet returns a reader that warns of nothing.
func (r reader) quiet() reader {
	r.at = source.Location{}
	return r
}

func (r reader) silent() bool { return r.at == source.Location{} }
