package policy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"agentrisk/capabilities/enforce/decision"
)

// Point answers the questions of the AuthZEN Authorization API 1.0
// (https://openid.github.io/authzen/) with one bundle. It is the decision
// function alone, without HTTP. It may be used by many goroutines.
type Point struct {
	bundle  *compiled
	timeout time.Duration
}

// NewPoint compiles a bundle. Its policies see an [Evaluation] as their input.
func NewPoint(ctx context.Context, b Bundle, timeout time.Duration) (*Point, error) {
	c, err := compile(ctx, b)
	if err != nil {
		return nil, err
	}
	if timeout <= 0 {
		timeout = 100 * time.Millisecond
	}
	return &Point{c, timeout}, nil
}

// Evaluation is one question: may the subject do the action on the resource.
type Evaluation struct {
	Subject  Entity         `json:"subject"`
	Action   Action         `json:"action"`
	Resource Entity         `json:"resource"`
	Context  map[string]any `json:"context,omitempty"`

	problem error // of a question within a batch that cannot be understood
}

// Entity is a subject or a resource.
type Entity struct {
	Type       string         `json:"type"`
	ID         string         `json:"id"`
	Properties map[string]any `json:"properties,omitempty"`
}

// Action is what the subject wants to do.
type Action struct {
	Name       string         `json:"name"`
	Properties map[string]any `json:"properties,omitempty"`
}

// Answer is the answer to one question. Only an answer with Decision set allows.
type Answer struct {
	Decision bool     `json:"decision"`
	Reasons  []Reason `json:"reasons,omitempty"`
}

// BadRequest is a question that cannot be understood (over HTTP: status 400).
type BadRequest struct{ Message string }

func (e *BadRequest) Error() string { return "authzen: " + e.Message }

func bad(format string, args ...any) error { return &BadRequest{fmt.Sprintf(format, args...)} }

// Evaluate answers one question. Every verdict but allow is a no, and so is
// whatever goes wrong.
func (p *Point) Evaluate(ctx context.Context, e Evaluation) Answer {
	no := func(err error) Answer {
		return Answer{Reasons: []Reason{{Policy: p.bundle.name, Rule: "error", Text: err.Error()}}}
	}
	if err := e.check(); err != nil {
		return no(err)
	}
	in, err := ast.InterfaceToValue(e)
	if err != nil {
		return no(err)
	}
	value, err := p.bundle.eval(ctx, p.timeout, in)
	if err != nil {
		return no(err)
	}
	a, err := readAnswer(p.bundle.name, value)
	if err != nil {
		return no(err)
	}
	if len(a.obligations) > 0 {
		return no(fmt.Errorf("it demands %q, which a bare answer cannot carry", a.obligations[0].ID))
	}
	return Answer{Decision: a.verdict == decision.Allow, Reasons: a.reasons}
}

func (e Evaluation) check() error {
	if e.problem != nil {
		return e.problem
	}
	for _, part := range []struct{ name, value string }{{"subject.type", e.Subject.Type}, {"subject.id", e.Subject.ID},
		{"action.name", e.Action.Name}, {"resource.type", e.Resource.Type}, {"resource.id", e.Resource.ID}} {
		if part.value == "" {
			return bad("%s is missing", part.name)
		}
	}
	for _, properties := range []map[string]any{e.Subject.Properties, e.Action.Properties, e.Resource.Properties, e.Context} {
		if err := checkNumbers(map[string]any(properties)); err != nil {
			return bad("%s", err)
		}
	}
	return nil
}

// The ways to go through several questions.
const (
	executeAll = "execute_all"
	denyOne    = "deny_on_first_deny"
	permitOne  = "permit_on_first_permit"
)

// Batch is several questions.
type Batch struct {
	Evaluations []Evaluation
	Semantic    string // when to stop; "" is execute_all
}

// EvaluateBatch answers the questions in order, and stops where the semantic says.
func (p *Point) EvaluateBatch(ctx context.Context, b Batch) []Answer {
	out := make([]Answer, 0, len(b.Evaluations))
	for _, e := range b.Evaluations {
		a := p.Evaluate(ctx, e)
		out = append(out, a)
		if b.Semantic == denyOne && !a.Decision || b.Semantic == permitOne && a.Decision {
			break
		}
	}
	return out
}

// maxBatch bounds the questions of one batch.
const maxBatch = 1000

// ReadEvaluation reads one question. Fields it does not know are passed over, as
// the specification demands; those it knows must have the right type.
func ReadEvaluation(text []byte) (Evaluation, error) {
	fields, err := object("the request", text)
	if err != nil {
		return Evaluation{}, err
	}
	e, err := readFields(fields, Evaluation{}, "")
	if err != nil {
		return Evaluation{}, err
	}
	return e, e.check()
}

// ReadBatch reads several questions; what stands beside them is the default for
// each. Without a list of questions it is a batch of one. A question of the list
// that cannot be understood is answered with a no and does not spoil the others.
func ReadBatch(text []byte) (Batch, error) {
	fields, err := object("the request", text)
	if err != nil {
		return Batch{}, err
	}
	defaults, err := readFields(fields, Evaluation{}, "")
	if err != nil {
		return Batch{}, err
	}
	b := Batch{}
	if b.Semantic, err = readSemantic(fields["options"]); err != nil {
		return Batch{}, err
	}
	var items []json.RawMessage
	if raw, ok := fields["evaluations"]; ok {
		if err := json.Unmarshal(raw, &items); err != nil || items == nil {
			return Batch{}, bad("evaluations is no list")
		}
	}
	if len(items) == 0 {
		b.Evaluations = []Evaluation{defaults}
		return b, defaults.check()
	}
	if len(items) > maxBatch {
		return Batch{}, bad("%d evaluations, more than %d", len(items), maxBatch)
	}
	for i, item := range items {
		at := fmt.Sprintf("evaluations[%d]", i)
		e := Evaluation{}
		own, err := object(at, item)
		if err == nil {
			e, err = readFields(own, defaults, at+".")
		}
		e.problem = err
		b.Evaluations = append(b.Evaluations, e)
	}
	return b, nil
}

func readSemantic(raw json.RawMessage) (string, error) {
	if raw == nil {
		return executeAll, nil
	}
	options, err := object("options", raw)
	if err != nil {
		return "", err
	}
	semantic := executeAll
	if raw, ok := options["evaluations_semantic"]; ok {
		if err := json.Unmarshal(raw, &semantic); err != nil {
			return "", bad("options.evaluations_semantic is no text")
		}
	}
	if !slices.Contains([]string{executeAll, denyOne, permitOne}, semantic) {
		return "", bad("there is no semantic %q; expected %s, %s or %s", semantic, executeAll, denyOne, permitOne)
	}
	return semantic, nil
}

// object reads a JSON object by its exact keys: the standard reader would take
// Subject for subject.
func object(what string, text []byte) (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil || fields == nil {
		return nil, bad("%s is no JSON object", what)
	}
	return fields, nil
}

// readFields reads the parts of a question over its defaults, each part as a whole.
func readFields(fields map[string]json.RawMessage, e Evaluation, at string) (Evaluation, error) {
	var err error
	read := func(name string, into func(map[string]json.RawMessage) error) {
		raw, ok := fields[name]
		if !ok || err != nil {
			return
		}
		parts, wrong := object(at+name, raw)
		if err = wrong; err == nil {
			if wrong = into(parts); wrong != nil {
				err = bad("%s%s.%s", at, name, wrong)
			}
		}
	}
	read("subject", func(parts map[string]json.RawMessage) error { e.Subject = Entity{}; return e.Subject.read(parts) })
	read("resource", func(parts map[string]json.RawMessage) error { e.Resource = Entity{}; return e.Resource.read(parts) })
	read("action", func(parts map[string]json.RawMessage) error {
		e.Action = Action{}
		return errors.Join(readText(parts, "name", &e.Action.Name), readMap(parts, "properties", &e.Action.Properties))
	})
	read("context", func(parts map[string]json.RawMessage) error {
		return readMap(map[string]json.RawMessage{"context": fields["context"]}, "context", &e.Context)
	})
	return e, err
}

func (e *Entity) read(parts map[string]json.RawMessage) error {
	return errors.Join(readText(parts, "type", &e.Type), readText(parts, "id", &e.ID), readMap(parts, "properties", &e.Properties))
}

func readText(parts map[string]json.RawMessage, name string, into *string) error {
	raw, ok := parts[name]
	if !ok {
		return nil
	}
	if err := json.Unmarshal(raw, into); err != nil || string(raw) == "null" {
		return fmt.Errorf("%s is no text", name)
	}
	return nil
}

func readMap(parts map[string]json.RawMessage, name string, into *map[string]any) error {
	raw, ok := parts[name]
	if !ok {
		return nil
	}
	v, err := decode(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s is no object", name)
	}
	*into = m
	return nil
}
