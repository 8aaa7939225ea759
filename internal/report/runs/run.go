package runs

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"agentrisk/capabilities/enforce"
	"agentrisk/internal/report"
)

// Hints is what the commands that a report suggests need beside their own words,
// so that they find the same runtime: " --home x --tenant y".
type Hints struct {
	Flags string
	Audit string   // of the verbs that read the log alone
	World []string // what the world lacks for the step that was denied
}

// JSON writes a run as agentrisk.run/v1. Lists are never null.
func JSON(w io.Writer, r *enforce.Report) error { return report.WriteJSON(w, whole(r)) }

// whole is the report with empty lists in place of none.
func whole(r *enforce.Report) enforce.Report {
	out := *r
	out.Schema = enforce.ReportSchema
	out.Warnings, out.Supplied = list(out.Warnings), list(out.Supplied)
	out.Steps = append([]enforce.StepReport{}, out.Steps...)
	for i := range out.Steps {
		out.Steps[i].Decisions = list(out.Steps[i].Decisions)
	}
	if out.Outputs == nil {
		out.Outputs = map[string]any{}
	}
	if out.Wait != nil {
		wait := *out.Wait
		wait.Who = list(wait.Who)
		out.Wait = &wait
	}
	return out
}

// Text writes a run for people: who did what for whom, a block a step, and what
// became of it.
func Text(w io.Writer, term report.Terminal, r *enforce.Report, hints Hints) error {
	p := newPage(term)
	p.runHead(r)
	for i := range r.Steps {
		p.step(i+1, &r.Steps[i])
	}
	p.outcome(r)
	p.lacks(hints.World)
	p.supplied(r.Supplied)
	if len(r.Outputs) > 0 {
		p.heading("Outputs")
		p.values("  ", r.Outputs)
	}
	p.warnings(r.Warnings)
	p.audit(r, hints)
	p.next(r, hints)
	return p.to(w)
}

func (p *page) runHead(r *enforce.Report) {
	p.line("%s", p.term.Paint(report.Bold, report.Cut(report.Printable(r.Capability), p.columns)))
	simulated := ""
	if r.Simulated {
		simulated = "the time, the effects or some answers are not real"
	}
	p.fields("  ",
		field{"file", r.File},
		field{"run", r.Run},
		field{"for", strings.TrimSpace(r.User + " of " + r.Tenant)},
		field{"by", r.Agent},
		field{"purpose", r.Purpose},
		field{"reading", meaning(string(r.Reading), readings)},
		field{"mode", meaning(string(r.Mode), modes)},
		field{"simulated", simulated})
}

var readings = map[string]string{
	string(enforce.Enforced): "the runtime supplies the controls that are missing",
	string(enforce.Declared): "the capability's own steps act alone",
}

var modes = map[string]string{
	string(enforce.Enforce): "effects happen",
	string(enforce.Sandbox): "effects happen to a copy, which is thrown away",
	string(enforce.DryRun):  "nothing is called, only checked",
}

func meaning(word string, of map[string]string) string {
	if text := of[word]; text != "" {
		return word + ": " + text
	}
	return word
}

func outcomeStyle(o enforce.Outcome) report.Style {
	switch o {
	case enforce.Completed:
		return report.Green
	case enforce.Waiting, enforce.Compensated:
		return report.Yellow
	}
	return report.Red
}

func (p *page) outcome(r *enforce.Report) {
	p.heading("Outcome")
	text := cmp.Or(r.Reason, outcomes[r.Outcome])
	if r.Reason == "" && r.Mode == enforce.DryRun && r.Outcome == enforce.Completed {
		text = "the checks of every step were asked; nothing was called"
	}
	p.wrapped("  "+p.term.Paint(outcomeStyle(r.Outcome), string(r.Outcome))+"  ", text)
	if w := r.Wait; w != nil {
		who := "nobody is listed who may decide"
		if len(w.Who) > 0 {
			who = strings.Join(w.Who, ", ")
		}
		if w.Approval == "" {
			who = ""
		}
		p.fields("  ", field{"step", w.Step}, field{"approval", w.Approval}, field{"who may decide", who}, field{"until", moment(w.Until)})
	}
}

var outcomes = map[enforce.Outcome]string{
	enforce.Completed:   "every step that was to act has acted",
	enforce.Denied:      "a check said no",
	enforce.Waiting:     "for a person, or for a time",
	enforce.Failed:      "something broke; what is left stands in the steps",
	enforce.Compensated: "every effect was undone",
}

func (p *page) supplied(list []enforce.SuppliedReport) {
	if len(list) == 0 {
		return
	}
	p.heading("Supplied by the runtime, since the capability does not")
	width := 0
	for _, s := range list {
		width = max(width, report.Width(report.Printable(s.Step)))
	}
	for _, s := range list {
		p.line("  %s  %s  %s", report.Pad(report.Printable(s.Step), width), report.Pad(s.Check, 8), s.State)
	}
}

func (p *page) warnings(list []string) {
	if len(list) == 0 {
		return
	}
	p.heading("Warnings")
	for _, text := range list {
		p.wrapped("  - ", text)
	}
}

func (p *page) audit(r *enforce.Report, hints Hints) {
	a := r.Audit
	p.heading("Audit log")
	if a.First == nil && a.Location == "" {
		p.line("  nothing is recorded")
		return
	}
	if a.First == nil || a.Last == nil {
		p.wrapped("  ", "the entries of the run are not listed here; they are shown by")
		p.line("  capcheck audit show %s --tenant %s%s", report.Printable(r.Run), report.Printable(r.Tenant), hints.Audit)
	} else {
		p.line("  entries %d to %d", *a.First, *a.Last)
	}
	where := a.Location
	if where == "" {
		where = "in memory: nothing of it is kept"
	}
	p.fields("  ", field{"in", where}, field{"checkpoint", checkpointText(a)})
}

// checkpointText says how far the signed checkpoint reaches; its second line is
// the number of entries (C2SP tlog-checkpoint).
func checkpointText(a enforce.AuditReport) string {
	if a.Checkpoint == "" {
		return "none covers the run yet"
	}
	lines := strings.SplitN(a.Checkpoint, "\n", 3)
	if len(lines) < 2 {
		return "cannot be read"
	}
	size, err := strconv.ParseUint(lines[1], 10, 64)
	switch {
	case err != nil:
		return "cannot be read"
	case a.Last != nil && size <= *a.Last:
		return fmt.Sprintf("signed over the first %d entries; not over the whole run yet", size)
	}
	return fmt.Sprintf("signed over the first %d entries", size)
}

// lacks says what the world would need. Whether it should be there is not said.
func (p *page) lacks(list []string) {
	if len(list) == 0 {
		return
	}
	p.heading("Where this is to be allowed, the world needs")
	for _, one := range list {
		p.wrapped("  ", one)
	}
}

// next says what a person can do now.
func (p *page) next(r *enforce.Report, hints Hints) {
	var lines []string
	command := func(text, flags string) { lines = append(lines, "capcheck "+text+flags) }
	switch {
	case r.Outcome == enforce.Waiting && r.Wait != nil && r.Wait.Approval != "":
		who := "PERSON"
		if len(r.Wait.Who) == 1 {
			who = r.Wait.Who[0]
		}
		command("approvals show "+r.Wait.Approval, hints.Flags)
		command("approvals approve "+r.Wait.Approval+" --as "+who, hints.Flags)
		command("runs resume "+r.Run, hints.Flags)
	case r.Outcome == enforce.Waiting && r.Mode != enforce.DryRun: // nothing of a dry run is kept
		command("runs resume "+r.Run, hints.Flags)
	}
	if r.Audit.Location != "" && r.Audit.First != nil {
		command("audit verify", hints.Audit)
	}
	if len(lines) == 0 {
		return
	}
	p.heading("Next")
	for _, text := range lines {
		p.line("  %s", report.Printable(text))
	}
}
