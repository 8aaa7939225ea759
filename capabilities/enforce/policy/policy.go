package policy

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"

	"agentrisk/capabilities/enforce/decision"
)

// Check is what decisions of this package are called.
const Check = "policy"

// Options of a policy.
type Options struct {
	Bundles     []Bundle      // of the user's own
	Obligations []string      // that the caller fulfils; any other one is a denial
	Timeout     time.Duration // for each bundle and decision; 0 means 100 ms
}

// Policy decides. It may be used by many goroutines.
type Policy struct {
	bundles     []*compiled
	obligations []string
	timeout     time.Duration
	version     string
	turns       chan struct{} // as many decisions at once as there are processors
}

//go:embed rules/runtime
var builtin embed.FS

// Own is the name of the runtime's own policy in reasons.
const Own = "runtime"

// New compiles the runtime's own policy and those of the user. A bundle that does
// not compile is an error: it must not pass for one that allows.
func New(ctx context.Context, o Options) (*Policy, error) {
	if o.Timeout <= 0 {
		o.Timeout = 100 * time.Millisecond
	}
	rules, err := fs.Sub(builtin, "rules/runtime")
	if err != nil {
		return nil, err
	}
	p := &Policy{obligations: slices.Clone(o.Obligations), timeout: o.Timeout, turns: make(chan struct{}, runtime.GOMAXPROCS(0))}
	h := sha256.New()
	for _, b := range append([]Bundle{{Name: Own, FS: rules}}, o.Bundles...) {
		if b.Name == "" || slices.ContainsFunc(p.bundles, func(c *compiled) bool { return c.name == b.Name }) {
			return nil, faultf(b.Name, "", "there are two bundles of this name, or it has none")
		}
		c, err := compile(ctx, b)
		if err != nil {
			return nil, err
		}
		p.bundles = append(p.bundles, c)
		fmt.Fprintf(h, "%d %s %s\n", len(c.name), c.name, c.version)
	}
	p.version = hex.EncodeToString(h.Sum(nil))
	return p, nil
}

// Version is the SHA-256 of all rules and facts, in hex. What was approved under
// another version was approved under other rules.
func (p *Policy) Version() string { return p.version }

// Outcome is a decision and what goes with it.
type Outcome struct {
	decision.Decision
	Reasons     []Reason        `json:"reasons"`
	Obligations []Obligation    `json:"obligations,omitempty"`
	Arguments   json.RawMessage `json:"-"` // of Modify: the arguments to go on with
}

// Reason is one rule's word.
type Reason struct {
	Policy string `json:"policy"`
	Rule   string `json:"rule"`
	Text   string `json:"text"`
}

// Obligation is what the runtime has to do when it goes on.
type Obligation struct {
	ID   string `json:"id"`
	With any    `json:"with,omitempty"`
}

// Decide asks every policy. The strictest answer counts; an approval answers a
// step-up. Whatever goes wrong is a denial.
func (p *Policy) Decide(ctx context.Context, in Input) Outcome {
	value, err := in.value()
	if err != nil {
		return denied(Own, "input", err)
	}
	out := Outcome{Decision: decision.Decision{Check: Check, SuppliedBy: decision.ByRuntime, Verdict: decision.Allow}}
	verdicts := make([]decision.Decision, 0, len(p.bundles))
	for _, b := range p.bundles {
		a, err := p.ask(ctx, b, value)
		if err != nil {
			return denied(b.name, "error", err)
		}
		verdicts = append(verdicts, decision.Decision{Verdict: a.verdict})
		out.Reasons = append(out.Reasons, a.reasons...)
		out.Obligations = append(out.Obligations, a.obligations...)
		if a.arguments != nil && out.Arguments != nil {
			return denied(b.name, "conflict", errors.New("two policies change the arguments"))
		}
		if a.arguments != nil {
			out.Arguments = a.arguments
		}
	}
	out.Verdict = decision.Strictest(verdicts...)
	return out.settle(in.Approved)
}

// settle words the outcome for a person.
func (o Outcome) settle(approved bool) Outcome {
	if o.Verdict == decision.StepUp && approved {
		o.Verdict = decision.Allow
		if o.Arguments != nil {
			o.Verdict = decision.Modify
		}
		o.Reasons = append(o.Reasons, Reason{Policy: Own, Rule: "approved", Text: "a person approved the step"})
	}
	texts := make([]string, len(o.Reasons))
	for i, r := range o.Reasons {
		texts[i] = r.Text
		if o.Rule == "" {
			o.Rule = r.Policy + "/" + r.Rule
		}
	}
	if o.Reason = strings.Join(texts, "; "); o.Reason == "" {
		o.Reason = "no rule objects"
	}
	if o.Verdict != decision.Modify {
		o.Arguments = nil
	}
	return o
}

func denied(policy, rule string, err error) Outcome {
	d := decision.Denied(Check, "policy "+policy+" gave no decision: "+err.Error())
	d.Rule = policy + "/" + rule
	return Outcome{Decision: d, Reasons: []Reason{{Policy: policy, Rule: rule, Text: d.Reason}}}
}

// ask evaluates one bundle.
func (p *Policy) ask(ctx context.Context, b *compiled, in ast.Value) (answer, error) {
	// A policy's time begins with its turn: what others take is not its own.
	select {
	case p.turns <- struct{}{}:
		defer func() { <-p.turns }()
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
	value, err := b.eval(ctx, p.timeout, in)
	if err != nil {
		return answer{}, err
	}
	a, err := readAnswer(b.name, value)
	if err != nil {
		return answer{}, err
	}
	for _, o := range a.obligations {
		if !slices.Contains(p.obligations, o.ID) {
			return answer{}, fmt.Errorf("it demands %q, which the runtime does not know", o.ID)
		}
	}
	return a, nil
}

// fixed is the time that policies see: the step's own time is in the input.
var fixed = time.Unix(0, 0).UTC()

func (c *compiled) eval(ctx context.Context, timeout time.Duration, in ast.Value) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	_ = roomy(-1)
	results, err := c.query.Eval(ctx, rego.EvalParsedInput(in), rego.EvalTime(fixed), rego.EvalSeed(zeros{}))
	if err != nil {
		if topdown.IsCancel(err) {
			return nil, fmt.Errorf("it did not end within %s", timeout)
		}
		return nil, err
	}
	if len(results) != 1 || len(results[0].Expressions) != 1 {
		return nil, errors.New("the decision is undefined")
	}
	return results[0].Expressions[0].Value, nil
}

// zeros is the seed of what a policy may not use anyway.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
