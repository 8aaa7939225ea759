package plan

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/lint/facts"
	"agentrisk/internal/source"
)

// fill gives a step its arguments, conditions, outputs and needs.
func (c *compiler) fill(b *building) {
	c.needs(b)
	b.step.When = c.inherited(b.scope)
	m := b.model
	if m != nil {
		b.step.When = append(b.step.When, c.conditions(b, m.Conditions, false)...)
		b.step.MaxTries = c.tries(b)
		c.loop(b)
	}
	switch b.step.Kind {
	case Call:
		c.arguments(b)
	case Lookup:
		c.lookup(b)
	}
	if m == nil || b.step.Kind == Outside {
		return
	}
	b.step.Success = c.conditions(b, m.Success, true)
	if b.step.Kind == Lookup {
		return
	}
	for _, o := range m.Outputs {
		if o.Source == "" || o.Name == "" {
			continue
		}
		r := reader{scope: b.scope, at: o.Location(), own: b, after: true}
		n, err := r.output(o)
		if err != nil {
			c.faultOf(o.Location(), "output", fmt.Sprintf("the output %q", o.Name), err)
			continue
		}
		b.step.Outputs = append(b.step.Outputs, Output{Name: o.Name, Value: Value{n}, Secret: n.isSecret() || c.facts.SecretName(o.Name)})
	}
}

// needs takes over what lint says. What a called flow lacks, the flow that calls
// it may give.
func (c *compiler) needs(b *building) {
	out := &b.step.Needs
	f, s := b.facts, b.scope
	for {
		out.Authentication = better(out.Authentication, s.need(f.Authentication))
		out.Authorization = better(out.Authorization, s.need(f.Authorization))
		out.Approval = better(out.Approval, s.need(f.Approval))
		out.Audit = better(out.Audit, s.need(f.Audit))
		if s.caller == nil {
			return
		}
		f, s = s.caller, s.outer
	}
}

func (s *scope) need(n facts.Need) Need {
	out := Need{State: string(n.State), Caller: n.Caller}
	if n.By == nil {
		return out
	}
	out.By = s.ids[n.By]
	if inner := s.calls[n.By]; inner != nil { // a flow gives it: its first such step stands for it
		for _, f := range inner.order {
			if f.Control == n.By.Control {
				out.By = inner.ids[f]
				break
			}
		}
	}
	return out
}

// better is what a flow gives, else what the one that calls it gives, where that
// is more.
func better(inner, outer Need) Need {
	rank := map[string]int{"": 0, string(facts.Missing): 1, string(facts.Late): 2, string(facts.Present): 3}
	if inner.State == string(facts.NotNeeded) || rank[inner.State] >= rank[outer.State] && inner.State != "" {
		return inner
	}
	return outer
}

// inherited are the conditions of the steps that run the flow.
func (c *compiler) inherited(s *scope) []Condition {
	var out []Condition
	for ; s.caller != nil; s = s.outer {
		out = append(c.conditions(s.calling(), s.caller.Model.Conditions, false), out...)
	}
	return out
}

// conditions reads the conditions at a step; after says that they are judged once
// it was answered.
func (c *compiler) conditions(b *building, list []capabilities.Condition, after bool) []Condition {
	var out []Condition
	for _, one := range list {
		r := reader{scope: b.scope, own: b, after: after, at: b.step.At}
		if one.At.Exists() {
			r.at = one.At.Location()
		}
		n, err := r.condition(one)
		if err != nil {
			c.faultOf(r.at, "condition", "the condition "+quoted(one.Text), err)
			continue
		}
		out = append(out, Condition{node: n, text: one.Text})
	}
	return out
}

func quoted(text string) string { return strconv.Quote(source.Quote(text)) }

// condition reads one condition. What is written in another language is refused:
// a condition that cannot be judged must not pass.
func (r reader) condition(one capabilities.Condition) (*node, error) {
	var n *node
	var err error
	switch kind := strings.ToLower(one.Type); kind {
	case "", "simple":
		if one.Over != "" && (strings.Contains(one.Text, "$.") || strings.Contains(one.Text, "$[")) {
			return nil, &problem{message: "it is applied to " + quoted(one.Over) + " as if it were JSONPath, and its type does not say so",
				expected: "type: jsonpath, which is RFC 9535", hint: "or compare a part of the answer: $response.body#/status == 'done'"}
		}
		n, err = parseExpression(one.Text, r.loose(), r.resolve)
	case "regex":
		n, err = r.pattern(one)
	case "jsonpath":
		n, err = r.jsonPathOver(one)
	default:
		return nil, &problem{message: fmt.Sprintf("it is written in %s, which is not judged here", quoted(one.Type)),
			expected: "the type simple, regex or jsonpath", hint: "compare a part of the answer: $response.body#/status == 'done'"}
	}
	if err != nil || !one.Not {
		return n, err
	}
	return newNode(node{kind: kNot, parts: []*node{n}}), nil
}

// pattern reads a regular expression over a value. Patterns are RE2's, which
// takes linear time.
func (r reader) pattern(one capabilities.Condition) (*node, error) {
	if one.Over == "" {
		return nil, &problem{message: "it does not say what the pattern is applied to", expected: "context"}
	}
	const maxPattern = 1000
	if len(one.Text) > maxPattern {
		return nil, faultf("a pattern of %d bytes is longer than %d", len(one.Text), maxPattern)
	}
	pattern, err := regexp.Compile(one.Text)
	if err != nil {
		return nil, &problem{message: err.Error(), expected: "a regular expression without backward references"}
	}
	over, err := parseExpression(one.Over, r.loose(), r.resolve)
	if err != nil {
		return nil, err
	}
	return newNode(node{kind: kMatch, parts: []*node{over}, pattern: pattern}), nil
}

// loopOf is the list that a step acts on, its own or that of the step which
// holds it.
func loopOf(m *capabilities.Step) string {
	if m.ForEach != "" || m.Parent == nil {
		return m.ForEach
	}
	return m.Parent.ForEach
}

func (c *compiler) loop(b *building) {
	list := loopOf(b.model)
	if list == "" || b.step.Kind == Outside {
		return
	}
	if p := b.model.Parent; p != nil && p.ForEach != "" {
		siblings := 0
		for _, f := range b.scope.flow.Steps {
			if f.Model.Parent == p {
				siblings++
			}
		}
		if siblings > 1 || b.model.ForEach != "" || p.Parent != nil && p.Parent.ForEach != "" {
			c.fault(b.step.At, "loop", fmt.Sprintf("the step %q is one of several that act for each item of a list", b.step.ID),
				"one step for each item", "")
			return
		}
	}
	r := reader{scope: b.scope, at: b.step.At, own: b}
	n, err := r.listOf(list)
	if err != nil {
		c.faultOf(b.step.At, "loop", "the list "+quoted(list), err)
		return
	}
	b.step.ForEach = &Value{n}
}

// listOf reads what a loop goes over. A name that means nothing is no list.
func (r reader) listOf(text string) (*node, error) {
	n, err := r.valueOf(text)
	if err != nil {
		return nil, err
	}
	if n.kind == kLiteral {
		if n, err = parseExpression(text, r.loose(), r.resolve); err != nil {
			return nil, err
		}
	}
	if _, isList := n.literal.([]any); n.kind == kLiteral && !isList {
		return nil, &problem{message: "it is no list", expected: "an input or a part of an earlier result"}
	}
	return n, nil
}

// tries is how often a step is tried, within bounds.
func (c *compiler) tries(b *building) int {
	text := b.model.Retry
	if text == "" {
		return 1
	}
	n, ok := firstNumber(text)
	switch {
	case !ok:
		c.warn(b.step.At, b.step.ID, fmt.Sprintf("how often it is tried is not understood (%s): once", source.Quote(text)))
		return 1
	case n > maxTries:
		c.warn(b.step.At, b.step.ID, fmt.Sprintf("asks to be tried %d times; it is tried %d times at most", n, maxTries))
		return maxTries
	}
	return max(n, 1)
}

// firstNumber is the first run of digits in a text.
func firstNumber(text string) (int, bool) {
	i := strings.IndexAny(text, "0123456789")
	if i < 0 {
		return 0, false
	}
	run, _ := digits(text[i:])
	n, err := strconv.Atoi(run)
	if err != nil {
		return maxTries + 1, true
	}
	return n, true
}

// lookup joins the result of one step with a value of another.
func (c *compiler) lookup(b *building) {
	r := reader{scope: b.scope, at: b.step.At, own: b}
	n := b.model.Node
	index, match := n.Get("index"), n.Get("match").Text()
	wanted := n.Get("lookupValue")
	if index.Text() == "" || match == "" || wanted.Text() == "" {
		c.fault(b.step.At, "lookup", fmt.Sprintf("the step %q joins results in a way that is not known", b.step.ID),
			"index, match and lookupValue", "")
		return
	}
	from, err := r.indexed(index.Text())
	if err != nil {
		c.faultOf(index.Location(), "lookup", "the index "+quoted(index.Text()), err)
		return
	}
	value, err := r.value(wanted)
	if err != nil {
		c.faultOf(wanted.Location(), "lookup", "the value "+quoted(wanted.Text()), err)
		return
	}
	var names []string
	for _, o := range b.model.Outputs {
		if o.Name != "" && !strings.Contains(o.Name, "[]") {
			names = append(names, o.Name)
		}
	}
	join := newNode(node{kind: kJoin, name: match, names: names, parts: []*node{from, value}})
	b.step.Arguments = []Argument{{Param: provider.Param{Name: lookupResult}, Value: Value{join}, How: Stated, Note: "joins " + index.Text() + " by " + match}}
}

// lookupResult is the one argument of a lookup, and so the one part of its
// result.
const lookupResult = "result"

func (r reader) indexed(text string) (*node, error) {
	ref, ok := referenceOf(text)
	if !ok {
		return nil, faultf("it names no step")
	}
	return r.resolve(ref)
}
