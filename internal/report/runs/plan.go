package runs

import (
	"fmt"
	"io"
	"strings"

	"agentrisk/capabilities/enforce/plan"
	"agentrisk/internal/report"
	"agentrisk/internal/source"
)

// PlanSchemaName names the version of a plan as JSON.
const PlanSchemaName = "agentrisk.plan/v1"

// planDoc is a plan as JSON.
type planDoc struct {
	Schema      string        `json:"schema"`
	Capability  string        `json:"capability"`
	File        string        `json:"file"`
	Dialect     string        `json:"dialect"`
	Flow        string        `json:"flow"`
	SHA256      string        `json:"sha256"`
	Description string        `json:"description,omitempty"`
	Inputs      []planInput   `json:"inputs"`
	Steps       []planStep    `json:"steps"`
	Outputs     []planOutput  `json:"outputs"`
	Warnings    []planWarning `json:"warnings"`
}

type planInput struct {
	Name        string   `json:"name"`
	Type        string   `json:"type,omitempty"`
	Description string   `json:"description,omitempty"`
	Required    bool     `json:"required"`
	Default     any      `json:"default,omitempty"`
	Allowed     []string `json:"allowed,omitempty"`
	Role        string   `json:"role,omitempty"`
}

type planStep struct {
	Step       string          `json:"step"`
	Title      string          `json:"title,omitempty"`
	Kind       string          `json:"kind"`
	At         source.Location `json:"location"`
	Provider   string          `json:"provider,omitempty"`
	Operation  string          `json:"operation,omitempty"`
	Named      string          `json:"named,omitempty"`
	Simulated  bool            `json:"simulated,omitempty"`
	Effect     string          `json:"effect,omitempty"`
	Control    string          `json:"control,omitempty"`
	Confidence string          `json:"confidence,omitempty"`
	Basis      string          `json:"basis,omitempty"`
	Needs      *planNeeds      `json:"needs,omitempty"`
	Arguments  []planArgument  `json:"arguments"`
	// Conditional: it may be passed over. Repeats: once for each item of a list.
	Conditional bool         `json:"conditional,omitempty"`
	Repeats     bool         `json:"repeats,omitempty"`
	MaxTries    int          `json:"max_tries"`
	Outputs     []planOutput `json:"outputs"`
	Reason      string       `json:"reason,omitempty"`
}

type planNeeds struct {
	Authentication planNeed `json:"authentication"`
	Authorization  planNeed `json:"authorization"`
	Approval       planNeed `json:"approval"`
	Audit          planNeed `json:"audit"`
}

type planNeed struct {
	State  string `json:"state"`
	By     string `json:"by,omitempty"`
	Caller bool   `json:"caller,omitempty"`
}

type planArgument struct {
	Name     string `json:"name"`
	How      string `json:"how"`
	Note     string `json:"note,omitempty"`
	Required bool   `json:"required"`
	Role     string `json:"role,omitempty"`
	Sealed   bool   `json:"sealed,omitempty"`
}

type planOutput struct {
	Name   string `json:"name"`
	Secret bool   `json:"secret,omitempty"`
}

type planWarning struct {
	Step string           `json:"step,omitempty"`
	Text string           `json:"text"`
	At   *source.Location `json:"location,omitempty"`
}

// PlanJSON writes a plan as agentrisk.plan/v1.
func PlanJSON(w io.Writer, pl *plan.Plan) error {
	doc := planDoc{
		Schema: PlanSchemaName, Capability: pl.Capability, File: pl.File, Dialect: string(pl.Dialect), Flow: pl.Flow,
		SHA256: pl.SHA256, Description: pl.Description,
		Inputs: []planInput{}, Steps: []planStep{}, Outputs: planOutputs(pl.Outputs), Warnings: []planWarning{},
	}
	for _, in := range pl.Inputs {
		doc.Inputs = append(doc.Inputs, planInput{in.Name, in.Type, in.Description, in.Required, in.Default, in.Allowed, string(in.Role)})
	}
	for _, s := range pl.Steps {
		doc.Steps = append(doc.Steps, planStepOf(s))
	}
	for _, warning := range pl.Warnings {
		out := planWarning{Step: warning.Step, Text: warning.Text}
		if warning.At.File != "" {
			out.At = &warning.At
		}
		doc.Warnings = append(doc.Warnings, out)
	}
	return report.WriteJSON(w, doc)
}

func planOutputs(in []plan.Output) []planOutput {
	out := []planOutput{}
	for _, o := range in {
		out = append(out, planOutput{o.Name, o.Secret})
	}
	return out
}

func planStepOf(s *plan.Step) planStep {
	out := planStep{
		Step: s.ID, Title: s.Title, Kind: string(s.Kind), At: s.At, Arguments: []planArgument{},
		Conditional: len(s.When) > 0, Repeats: s.ForEach != nil, MaxTries: s.MaxTries, Outputs: planOutputs(s.Outputs), Reason: s.Reason,
	}
	for _, a := range s.Arguments {
		out.Arguments = append(out.Arguments, planArgument{a.Param.Name, string(a.How), a.Note, a.Param.Required, string(a.Param.Role), a.Param.Sealed})
	}
	if s.Kind != plan.Call {
		return out
	}
	o := s.Operation
	out.Provider, out.Operation, out.Simulated = o.Provider, o.ID, o.Simulated
	out.Effect, out.Control = string(o.Effect), string(o.Control)
	out.Confidence, out.Basis = s.Confidence, s.Basis
	if s.Named != o.ID {
		out.Named = s.Named
	}
	need := func(n plan.Need) planNeed { return planNeed{n.State, n.By, n.Caller} }
	out.Needs = &planNeeds{need(s.Needs.Authentication), need(s.Needs.Authorization), need(s.Needs.Approval), need(s.Needs.Audit)}
	return out
}

// PlanText writes a plan for people: a block a step, with where each argument
// comes from and which controls the step needs.
func PlanText(w io.Writer, term report.Terminal, pl *plan.Plan) error {
	p := newPage(term)
	p.line("%s", p.term.Paint(report.Bold, report.Cut(report.Printable("Plan of "+pl.Capability), p.columns)))
	flow := pl.Flow
	if flow == "-" {
		flow = ""
	}
	p.fields("  ", field{"file", pl.File}, field{"dialect", string(pl.Dialect)}, field{"flow", flow}, field{"sha-256", pl.SHA256})
	p.planInputs(pl.Inputs)
	for i, s := range pl.Steps {
		p.planStep(i+1, s)
	}
	p.planOutputs(pl.Outputs)
	p.planWarnings(pl.Warnings)
	return p.to(w)
}

func (p *page) planInputs(inputs []plan.Input) {
	if len(inputs) == 0 {
		return
	}
	p.heading("Inputs")
	width := 0
	for _, in := range inputs {
		width = max(width, report.Width(report.Printable(in.Name)))
	}
	for _, in := range inputs {
		var parts []string
		if in.Type != "" {
			parts = append(parts, in.Type)
		}
		switch {
		case in.Default != nil:
			parts = append(parts, "default "+quoted(in.Default))
		case in.Required:
			parts = append(parts, "required")
		}
		if len(in.Allowed) > 0 {
			parts = append(parts, "one of "+strings.Join(in.Allowed, ", "))
		}
		if in.Role != "" {
			parts = append(parts, "means "+string(in.Role))
		}
		p.wrapped("  "+report.Pad(report.Printable(in.Name), width)+"  ", strings.Join(parts, "; "))
	}
}

func (p *page) planStep(number int, s *plan.Step) {
	p.line("")
	head := report.Cut(fmt.Sprintf("%d %s", number, report.Printable(s.ID)), p.columns)
	p.line("%s", p.term.Paint(report.Bold, head))
	if s.Title != "" {
		p.wrapped("  ", s.Title)
	}
	doc := planStepOf(s)
	switch s.Kind {
	case plan.Outside:
		p.fields("  ", field{"outside", "it happens elsewhere; nothing is confirmed"}, field{"because", s.Reason})
	case plan.Lookup:
		p.fields("  ", field{"looks up", "earlier results; nothing is called"})
	default:
		operation := doc.Provider + " " + doc.Operation
		if doc.Named != "" {
			operation += " (the document says " + doc.Named + ")"
		}
		if doc.Simulated {
			operation += ", simulated"
		}
		effect := doc.Effect
		if doc.Control != "" && doc.Control != "none" {
			effect += ", control " + doc.Control
		}
		if doc.Confidence != "" {
			effect += " (" + strings.TrimSuffix(doc.Confidence+" by "+doc.Basis, " by ") + ")"
		}
		p.fields("  ", field{"operation", strings.TrimSpace(operation)}, field{"effect", effect}, field{"needs", p.planNeeds(s.Needs)})
	}
	p.planArguments(s.Arguments)
	p.fields("  ", field{"acts", planWhen(doc)})
}

func planWhen(s planStep) string {
	var parts []string
	if s.Conditional {
		parts = append(parts, "only where its conditions hold")
	}
	if s.Repeats {
		parts = append(parts, "once for each item of a list")
	}
	if s.MaxTries > 1 {
		parts = append(parts, fmt.Sprintf("at most %d times before it has failed", s.MaxTries))
	}
	return strings.Join(parts, ", ")
}

// planNeeds says how each control that the step needs stands in the document.
func (p *page) planNeeds(n plan.Needs) string {
	var parts []string
	for _, one := range []struct {
		name string
		need plan.Need
	}{{"authentication", n.Authentication}, {"authorization", n.Authorization}, {"approval", n.Approval}, {"audit", n.Audit}} {
		if one.need.State == "" || one.need.State == "not-needed" {
			continue
		}
		text := one.name + " " + one.need.State
		switch {
		case one.need.Caller:
			text += " (by the caller)"
		case one.need.By != "":
			text += " (" + one.need.By + ")"
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return "no control"
	}
	return strings.Join(parts, ", ")
}

func (p *page) planArguments(arguments []plan.Argument) {
	if len(arguments) == 0 {
		return
	}
	p.line("  with")
	width := 0
	for _, a := range arguments {
		width = max(width, report.Width(report.Printable(a.Param.Name)))
	}
	for _, a := range arguments {
		lead := "    " + report.Pad(report.Printable(a.Param.Name), min(width, 30)) + "  " + report.Pad(string(a.How), 7) + "  "
		p.wrapped(lead, a.Note)
	}
}

func (p *page) planOutputs(outputs []plan.Output) {
	if len(outputs) == 0 {
		return
	}
	p.heading("Outputs")
	for _, o := range outputs {
		secret := ""
		if o.Secret {
			secret = " (a secret; it is masked)"
		}
		p.wrapped("  ", o.Name+secret)
	}
}

func (p *page) planWarnings(warnings []plan.Warning) {
	texts := make([]string, len(warnings))
	for i, w := range warnings {
		texts[i] = w.Text
		if w.Step != "" {
			texts[i] = w.Step + ": " + w.Text
		}
		if start := w.At.Range.Start; start.Line > 0 {
			texts[i] = fmt.Sprintf("%d:%d: %s", start.Line, start.Column, texts[i])
		}
	}
	p.warnings(texts)
}
