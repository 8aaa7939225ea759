package enforce

import (
	"context"
	"strings"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/enforce/provider"
)

// slipped is an effect that the declared reading let through.
type slipped struct {
	step    string
	effect  effects.Effect
	lacks   []string
	refused string // what the runtime would have said; "" nothing
}

// declared does a step as the capability has it: its own controls decide, and the
// runtime's checks only say what they would have said.
func (r *runner) declared(ctx context.Context, c *call, rep *StepReport) (stand, error) {
	shadow := r.check(ctx, c, true)
	if r.req.Mode == DryRun {
		return r.wouldSlip(c, rep, shadow), nil
	}
	settled := r.prior[c.name].State == journal.Intended // a person was asked before
	id := ""
	if c.step.Operation.Control == effects.Approve && !settled {
		got, asked, err := r.approve(ctx, c, rep)
		if err != nil || got.outcome != "" {
			return got, err
		}
		id = asked
	}
	got, err := r.effect(ctx, c, rep, id)
	if err != nil {
		return got, err
	}
	switch {
	case got.outcome == StepDone && acts(c.step.Operation):
		r.slips(c, shadow)
	case got.outcome == StepDenied:
		for _, s := range r.slippedBy {
			r.warn(s.step, "%s happened before %s refused (%s)", article(s.effect), rep.Step, got.reason)
		}
	}
	return got, nil
}

// wouldSlip is a step of a dry run in this reading. What the document's own controls
// would answer is not known, as nothing is called.
func (r *runner) wouldSlip(c *call, rep *StepReport, shadow []decision.Decision) stand {
	r.env.Steps[c.step.ID] = plan.Result{}
	if acts(c.step.Operation) {
		r.slips(c, shadow)
		return r.tell(rep, StepWould, "unless a control of the capability itself stops the run before it")
	}
	return r.tell(rep, StepWould, "what it answers is not known before it is called")
}

// acts says whether a step needs controls.
func acts(op provider.Operation) bool { return op.Effect != effects.Read && !protects(op) }

func (r *runner) slips(c *call, shadow []decision.Decision) {
	s := slipped{step: c.name, effect: c.step.Operation.Effect}
	for _, n := range []struct {
		what string
		need plan.Need
	}{
		{"authentication", c.step.Needs.Authentication}, {"authorization", c.step.Needs.Authorization},
		{"approval", c.step.Needs.Approval}, {"audit", c.step.Needs.Audit},
	} {
		switch n.need.State {
		case string(stateMissing):
			s.lacks = append(s.lacks, n.what+" missing")
		case string(stateLate):
			s.lacks = append(s.lacks, n.what+" only later, in "+n.need.By)
		}
	}
	if refused, reason := first(shadow, decision.Deny); refused {
		s.refused = reason
	}
	if len(s.lacks) == 0 && s.refused == "" {
		return
	}
	r.slippedBy = append(r.slippedBy, s)
	text := "slipped through: " + article(s.effect)
	if r.req.Mode == DryRun {
		text = "would slip through: " + strings.Replace(article(s.effect), " was ", " ", 1)
	}
	if len(s.lacks) > 0 {
		text += "; " + strings.Join(s.lacks, ", ")
	}
	if s.refused != "" {
		text += "; the enforced reading denies it: " + s.refused
	}
	r.warn(s.step, "%s", text)
}

// article names an effect in a sentence.
func article(e effects.Effect) string {
	switch e {
	case effects.Credential:
		return "a credential was handed out or changed"
	case effects.Money:
		return "money was moved"
	case effects.Access:
		return "access was changed"
	case effects.Message:
		return "a message was sent"
	case effects.Delete:
		return "something was deleted"
	case effects.Execute:
		return "something was executed"
	}
	return "something was written"
}
