package runs

import (
	"fmt"
	"strings"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/internal/report"
)

// step prints the block of one step: what it is, which checks answered what, and
// what became of it.
func (p *page) step(number int, s *enforce.StepReport) {
	p.line("")
	took := ""
	if s.Outcome == enforce.StepDone || s.Millis > 0 {
		took = fmt.Sprintf("  %d ms", s.Millis)
	}
	right := s.Outcome + took
	left := report.Cut(fmt.Sprintf("%d %s", number, report.Printable(s.Step)), p.columns-report.Width(right)-2)
	gap := strings.Repeat(" ", max(p.columns-report.Width(left)-report.Width(right), 2))
	p.line("%s%s%s%s", p.term.Paint(report.Bold, left), gap, p.term.Paint(stepStyle(s.Outcome), s.Outcome), took)
	if s.Title != "" {
		p.wrapped("  ", s.Title)
	}
	p.fields("  ",
		field{"operation", operationText(s)},
		field{"effect", effectText(s)},
		field{"on", s.Resource},
		field{"needs", needsText(s)})
	if len(s.Arguments) > 0 {
		p.line("  with")
		p.values("    ", s.Arguments)
	}
	p.decisions(s.Decisions)
	if s.Reason != "" {
		p.wrapped("  because  ", s.Reason)
	}
}

func operationText(s *enforce.StepReport) string {
	text := s.Operation
	if s.Named != "" && s.Named != s.Operation {
		text += " (the document says " + s.Named + ")"
	}
	if s.Simulated {
		text += ", simulated"
	}
	return text
}

func effectText(s *enforce.StepReport) string {
	text := s.Effect
	if s.Control != "" && s.Control != "none" {
		text += ", control " + s.Control
	}
	if s.Attempt > 1 {
		text += fmt.Sprintf(", attempt %d", s.Attempt)
	}
	return text
}

func needsText(s *enforce.StepReport) string {
	var parts []string
	if s.Relation != "" {
		parts = append(parts, "relation "+s.Relation)
	}
	if s.Scope != "" {
		parts = append(parts, "scope "+s.Scope)
	}
	if w := s.Whole; w != nil {
		parts = append(parts, "and on "+w.Resource+" relation "+w.Relation+", scope "+w.Scope)
	}
	if s.Approval != "" {
		parts = append(parts, "approval "+s.Approval)
	}
	return strings.Join(parts, ", ")
}

func stepStyle(outcome string) report.Style {
	switch outcome {
	case enforce.StepDone:
		return report.Green
	case enforce.StepDenied, enforce.StepFailed, enforce.StepUncertain, enforce.StepStuck:
		return report.Red
	case enforce.StepWaiting, enforce.StepUndone, enforce.StepWould:
		return report.Yellow
	}
	return report.Faint
}

func verdictStyle(v decision.Verdict) report.Style {
	switch v {
	case decision.Allow:
		return report.Green
	case decision.Deny:
		return report.Red
	}
	return report.Yellow
}

// decisions prints a line a check: its verdict, its name and its reason. A plus
// stands in front of those that the runtime supplied.
func (p *page) decisions(list []decision.Decision) {
	if len(list) == 0 {
		return
	}
	const verdictWidth = 7 // of "step-up"
	checkWidth, supplied := 0, false
	for _, d := range list {
		checkWidth = max(checkWidth, report.Width(report.Printable(d.Check)))
		supplied = supplied || d.SuppliedBy == decision.ByRuntime
	}
	head := "  checks"
	if supplied {
		head += " (+ supplied by the runtime)"
	}
	p.line("%s", head)
	for _, d := range list {
		mark := "  "
		if d.SuppliedBy == decision.ByRuntime {
			mark = "+ "
		}
		verdict := d.Verdict.String()
		pad := strings.Repeat(" ", max(verdictWidth-len(verdict), 0))
		lead := "    " + mark + p.term.Paint(verdictStyle(d.Verdict), verdict) + pad + "  " + report.Pad(report.Printable(d.Check), checkWidth) + "  "
		reason := d.Reason
		if d.Rule != "" {
			reason = strings.TrimSpace(reason + " [" + d.Rule + "]")
		}
		p.wrapped(lead, reason)
	}
}
