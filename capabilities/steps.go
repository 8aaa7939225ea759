package capabilities

import (
	"strings"

	"agentrisk/internal/source"
)

// steps reads the steps of a flow: a list, or a map by name. The steps of a loop
// or branch follow the step that holds them.
func (r *reading) steps(f *Flow, n source.Node, parent *Step) {
	for item := range r.named(n, "steps", "id", "stepId", "step", "name", "tool") {
		if item.Node.IsNull() {
			r.problem(item.Node.Wrong("a step", "a map"))
			continue
		}
		r.step(f, item, parent)
	}
}

// maxInherited bounds the conditions that a step takes over from the one it
// stands in.
const maxInherited = 32

func (r *reading) step(f *Flow, item named, parent *Step) {
	s := &Step{Part: item.Part, Index: len(f.Steps) + 1, Flow: f, Parent: parent}
	f.Steps = append(f.Steps, s)
	if parent != nil {
		s.Conditions = append(s.Conditions, parent.Conditions[:min(len(parent.Conditions), maxInherited)]...)
	}
	if item.Node.Kind() != source.Mapping { // a name or a sentence alone
		s.Name, s.Kind = item.Name, ProseStep
		return
	}
	if item.Keyed {
		s.ID = item.Name
	}
	c := stepReading{reading: r, flow: f, step: s}
	for key, value := range item.Node.Pairs() {
		if !c.name(key.Text(), value) && !c.target(key.Text(), value) && !c.control(key.Text(), key, value) &&
			!c.data(key.Text(), value) && !c.parts(key.Text(), value) {
			r.unknown("step", key, value)
		}
	}
	c.settle()
}

// stepReading is one step while it is being read. It knows the words that any of
// the dialects uses: which of them a version allows, Conform tells.
type stepReading struct {
	*reading
	flow *Flow
	step *Step

	kind       string      // the type stated
	operation  source.Node // names an operation
	reference  source.Node // names an operation with what it belongs to
	capability source.Node
	byStep     bool // the id came from a key `step`, which often names the operation
}

// name reads what the step is called and what is said about it.
func (c *stepReading) name(key string, value source.Node) bool {
	s := c.step
	switch key {
	case "id", "stepId":
		s.ID = c.text(value, key)
	case "step":
		s.ID, c.byStep = c.text(value, key), true
	case "name", "title", "label", "display":
		if s.Name == "" || key == "name" {
			s.Name = either(c.text(value, key), s.Name)
		}
	case "description", "summary":
		if s.Description == "" || key == "description" {
			s.Description = prose(value)
		}
	case "intent":
		s.Intent = prose(value)
	case "type", "kind":
		c.kind = c.text(value, key)
	case "external":
		external := c.flag(value, key)
		s.External = external != nil && *external
	case "tags", "note", "notes", "comment", "server", "persona", "index", "match", "optional":
	default:
		return false
	}
	return true
}

// target reads what the step calls.
func (c *stepReading) target(key string, value source.Node) bool {
	switch key {
	case "operation", "operationId", "operationPath", "operation_id", "action", "method":
		if value.Kind() == source.Mapping {
			return false
		}
		c.operation = value
	case "call", "uses", "use", "ref", "function", "tool", "workflowId", "workflow", "run":
		c.reference = value
		if key == "tool" && c.step.Name == "" {
			c.step.Name = value.Text()
		}
		if key == "workflowId" || key == "workflow" {
			c.kind = string(WorkflowStep)
		}
	case "capability", "api", "namespace", "service", "provider":
		if !c.capability.Exists() || key == "capability" {
			c.capability = value
		}
	case "consume":
		c.capability, c.operation = value.Get("namespace"), value.Get("operation")
		c.step.Bindings = append(c.step.Bindings, c.bindings(value.Get("inputs"), "")...)
	default:
		return false
	}
	return true
}

// control reads when the step runs and where it leads.
func (c *stepReading) control(name string, key, value source.Node) bool {
	s := c.step
	switch name {
	case "when", "if", "condition", "conditions", "on":
		s.Conditions = append(s.Conditions, c.conditions(value, false)...)
	case "unless":
		s.Conditions = append(s.Conditions, c.conditions(value, true)...)
	case "successCriteria", "success_criteria", "assert", "expect":
		s.Success = append(s.Success, c.conditions(value, false)...)
	case "onSuccess", "on_success", "next", "then_goto":
		s.OnSuccess = append(s.OnSuccess, c.edges(key, value)...)
	case "onFailure", "on_failure", "onError", "on_error", "onConflict", "onDeny", "on_deny":
		s.OnFailure = append(s.OnFailure, c.edges(key, value)...)
	case "dependsOn", "depends_on", "needs", "after":
		// Linked once every step is known.
	case "forEach", "for_each", "foreach", "loop":
		s.ForEach = sourceText(value)
	case "until":
		s.Until = sourceText(value)
	case "retry", "retries":
		s.Retry = sourceText(value)
	case "timeout":
		s.Timeout = sourceText(value)
	default:
		return false
	}
	return true
}

// data reads what goes into the step and what comes out of it.
func (c *stepReading) data(key string, value source.Node) bool {
	s := c.step
	switch key {
	case "with", "input", "inputs", "params", "parameters", "arguments", "args":
		if do := value.Get("do"); do.Exists() { // a loop that the runtime itself offers
			s.ForEach = sourceText(value.Get("items"))
			c.nested(do)
			return true
		}
		s.Bindings = append(s.Bindings, c.bindings(value, "")...)
	case "requestBody":
		payload := value.Get("payload")
		if !payload.Exists() {
			payload = value
		}
		s.Bindings = append(s.Bindings, c.bindings(payload, "body")...)
	case "body", "payload", "data":
		s.Bindings = append(s.Bindings, c.bindings(value, "body")...)
	case "lookupValue":
		s.Bindings = append(s.Bindings, &Binding{Part: Part{value, value}, Name: key, Value: value.Text()})
	case "outputs", "output", "outputParameters", "mappings", "returns", "result":
		s.Outputs = append(s.Outputs, c.outputs(value)...)
	case "script", "file", "location", "code", "command":
		if s.Script == "" {
			s.Script = sourceText(value)
		}
	case "language", "dependencies":
	default:
		return false
	}
	return true
}

// parts reads the steps inside of the step.
func (c *stepReading) parts(key string, value source.Node) bool {
	switch key {
	case "do", "steps", "then", "parallel", "branches":
		c.nested(value)
	case "else", "otherwise":
		first := len(c.flow.Steps)
		c.nested(value)
		own := len(c.step.Conditions)
		for _, s := range c.flow.Steps[first:] {
			for i := range s.Conditions[:min(own, len(s.Conditions))] {
				s.Conditions[i].Not = !s.Conditions[i].Not
			}
		}
	default:
		return false
	}
	return true
}

func (c *stepReading) nested(n source.Node) {
	switch n.Kind() {
	case source.Scalar: // then: the name of a step
		if !n.IsNull() {
			c.step.OnSuccess = append(c.step.OnSuccess, c.edges(n, n)...)
		}
	default:
		c.steps(c.flow, n, c.step)
	}
}

func (c *reading) conditions(n source.Node, not bool) []Condition {
	switch n.Kind() {
	case source.Scalar:
		if n.IsNull() {
			return nil
		}
		return []Condition{{At: n, Text: n.Text(), Not: not}}
	case source.Sequence:
		var out []Condition
		for _, item := range n.Items() {
			out = append(out, c.conditions(item, not)...)
		}
		return out
	}
	for _, key := range [...]string{"condition", "expression", "if", "when"} {
		if text := n.Get(key); text.Kind() == source.Scalar {
			one := Condition{At: text, Text: text.Text(), Type: n.Get("type").Text(), Over: n.Get("context").Text(), Not: not}
			if kind := n.Get("type"); kind.Kind() == source.Mapping {
				one.Type = kind.Get("type").Text()
			}
			return []Condition{one}
		}
	}
	var out []Condition
	for key, value := range n.Pairs() { // a map of what must equal what
		out = append(out, Condition{At: key, Text: key.Text() + " == " + sourceText(value), Not: not})
	}
	return out
}

// edges reads where a step leads to: a word, a step's name, or a list of actions.
func (c *reading) edges(at, n source.Node) []Edge {
	switch n.Kind() {
	case source.Scalar:
		if n.IsNull() {
			return nil
		}
		return []Edge{wordEdge(at, n.Text())}
	case source.Sequence:
		var out []Edge
		for _, item := range n.Items() {
			out = append(out, c.edges(place(item), item)...)
		}
		return out
	}
	e := Edge{At: at, Action: Goto, Stated: true}
	for key, value := range n.Pairs() {
		switch key.Text() {
		case "type", "action":
			word := wordEdge(at, value.Text())
			if word.Unresolved == "" || e.Unresolved == "" {
				e.Action = word.Action
			}
		case "stepId", "goto", "step", "next":
			e.Unresolved = c.text(value, key.Text())
		case "workflowId":
			e.Workflow = c.text(value, key.Text())
		case "criteria", "when", "if", "condition":
			e.Conditions = c.conditions(value, false)
		case "retryLimit", "retries", "max", "maxAttempts":
			e.Limit = value.Text()
		case "name", "retryAfter", "description", "parameters":
		default:
			c.unknown("action", key, value)
		}
	}
	return []Edge{e}
}

// wordEdge reads an action named by one word; a word that is none is a step.
func wordEdge(at source.Node, word string) Edge {
	e := Edge{At: at, Stated: true}
	switch strings.ToLower(word) {
	case "deny", "stop", "abort", "fail", "halt", "reject", "end", "exit", "terminate", "return", "break", "error":
		e.Action = End
	case "continue", "ignore", "skip", "warn", "log", "next":
		e.Action = Continue
	case "retry":
		e.Action = Retry
	case "goto":
		e.Action = Goto
	default:
		e.Action, e.Unresolved = Goto, word
	}
	return e
}

// sourceText is the text of a scalar, or of the first scalar in what is not one:
// enough to show that, and what, something is stated.
func sourceText(n source.Node) string {
	switch n.Kind() {
	case source.Mapping:
		for key, value := range n.Pairs() {
			return key.Text() + ": " + sourceText(value)
		}
	case source.Sequence:
		for _, item := range n.Items() {
			return sourceText(item)
		}
	}
	return n.Text()
}

// settle decides, once all of the step is read, what it does and calls.
func (c *stepReading) settle() {
	s := c.step
	s.Capability = c.capability.Text()
	t := &s.Target
	switch {
	case c.reference.Kind() == source.Scalar && !c.reference.IsNull():
		*t = referenceTarget(c.reference)
	case c.reference.Kind() == source.Mapping:
		*t = pairTarget(c.reference)
	case c.operation.Kind() == source.Scalar && !c.operation.IsNull():
		*t = referenceTarget(c.operation)
		if t.Namespace == "" {
			t.Namespace = s.Capability
		}
	case c.capability.Kind() == source.Scalar && !c.capability.IsNull():
		*t = referenceTarget(c.capability)
		if t.Namespace == "" && c.byStep { // step: createDomain, capability: datazone
			t.Namespace, t.Name = t.Name, s.ID
		}
	case strings.ContainsAny(c.kind, "./"): // type: builtin.policy.assert
		for key, value := range s.Node.Pairs() {
			if key.Text() == "type" || key.Text() == "kind" {
				*t = referenceTarget(value)
			}
		}
		t.State = Builtin
	}
	s.Kind = c.stepKind()
}

func (c *stepReading) stepKind() StepKind {
	switch kind := strings.ToLower(c.kind); kind {
	case "call", "lookup", "script", "workflow":
		return StepKind(kind)
	case "transform", "mapping", "join":
		return LookupStep
	}
	switch {
	case c.step.Target.Text != "":
		return CallStep
	case c.step.Script != "":
		return ScriptStep
	}
	return ProseStep
}

// referenceTarget reads a reference such as ns.operation, ns/operation or a bare
// name.
func referenceTarget(n source.Node) Target {
	t := Target{At: n, Text: n.Text()}
	name := t.Text
	if i := strings.LastIndexAny(name, "./#"); i > 0 && i+1 < len(name) && !strings.ContainsAny(name, " {$") {
		t.Namespace, name = name[:i], name[i+1:]
	}
	t.Name = name
	return t
}

// pairTarget reads a reference written as a map.
func pairTarget(n source.Node) Target {
	t := Target{At: place(n)}
	for key, value := range n.Pairs() {
		switch key.Text() {
		case "operation", "operationId", "action", "name", "function", "tool":
			t.At, t.Name = value, value.Text()
		case "capability", "namespace", "sourceNamespace", "api", "service":
			t.Namespace = value.Text()
		}
	}
	t.Text = join(t.Namespace, t.Name)
	return t
}
