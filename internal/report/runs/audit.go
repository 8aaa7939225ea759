package runs

import (
	"fmt"
	"io"
	"strings"

	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/internal/report"
)

// VerifyJSON writes what a verification found as agentrisk.audit-verify/v1.
func VerifyJSON(w io.Writer, r *audit.Report) error {
	out := *r
	out.Checks, out.Faults = list(out.Checks), list(out.Faults)
	out.Notices, out.Unproven = list(out.Notices), list(out.Unproven)
	return report.WriteJSON(w, out)
}

// VerifyText writes what a verification found, and what it could not find out.
func VerifyText(w io.Writer, term report.Terminal, r *audit.Report) error {
	p := newPage(term)
	verdict, style := "Nothing is wrong, as far as could be checked", report.Green
	if !r.OK() {
		verdict, style = "The log is not what was written", report.Red
	}
	p.line("%s", p.term.Paint(style, verdict))
	held := "nothing outside the log holds any of them"
	if r.Anchored > 0 {
		held = fmt.Sprintf("the first %d are held by something outside the log", r.Anchored)
	}
	cosigned := ""
	if r.CosignedAt != nil {
		cosigned = moment(*r.CosignedAt)
	}
	p.fields("  ", field{"log", r.Origin},
		field{"entries", fmt.Sprintf("%d, of %s; %d under the log's own signature", r.Size, plural(r.Runs, "run"), r.Signed)},
		field{"anchored", held}, field{"cosigned", cosigned})
	p.heading("Checks")
	width := 0
	for _, c := range r.Checks {
		width = max(width, len(c.Name))
	}
	for _, c := range r.Checks {
		status := string(c.Status)
		lead := "  " + p.term.Paint(statusStyle(c.Status), status) + strings.Repeat(" ", max(len(audit.NotChecked)-len(status), 0))
		p.wrapped(lead+"  "+report.Pad(c.Name, width)+"  ", c.Detail)
	}
	p.faults(r)
	p.section("Notices", r.Notices)
	p.section("Not shown by this verification", r.Unproven)
	return p.to(w)
}

func statusStyle(s audit.Status) report.Style {
	switch s {
	case audit.Passed:
		return report.Green
	case audit.Failed:
		return report.Red
	}
	return report.Yellow
}

func (p *page) faults(r *audit.Report) {
	if len(r.Faults) == 0 {
		return
	}
	p.heading(fmt.Sprintf("Faults: %d", r.FaultCount))
	for _, f := range r.Faults {
		where := []string{f.Check}
		if f.Index != nil {
			where = append(where, fmt.Sprintf("entry %d", *f.Index))
		}
		if f.Run != "" {
			where = append(where, "run "+f.Run)
		}
		if f.File != "" {
			where = append(where, f.File)
		}
		p.wrapped("  - ", strings.Join(where, ", ")+": "+f.Detail)
	}
	if more := r.FaultCount - len(r.Faults); more > 0 {
		p.line("  and %d more", more)
	}
}

func (p *page) section(name string, texts []string) {
	if len(texts) == 0 {
		return
	}
	p.heading(name)
	for _, text := range texts {
		p.wrapped("  - ", text)
	}
}

// EntryText writes one entry of the log.
func EntryText(w io.Writer, term report.Terminal, r audit.Record) error {
	p := newPage(term)
	e := r.Entry
	head := fmt.Sprintf("%d  %s  %s", r.Index, moment(e.At), e.Kind)
	if e.Simulated {
		head += "  simulated"
	}
	p.line("%s", p.term.Paint(entryStyle(e), report.Printable(head)))
	actors := make([]string, len(e.Actors))
	for i, a := range e.Actors {
		actors[i] = a.Kind + " " + a.ID
	}
	step := e.Step
	if e.Attempt > 1 {
		step += fmt.Sprintf(", attempt %d", e.Attempt)
	}
	p.fields("  ",
		field{"run", fmt.Sprintf("%s, entry %d of it", e.Run, e.Seq)}, field{"tenant", e.Tenant}, field{"who", strings.Join(actors, " > ")},
		field{"purpose", e.Purpose}, field{"step", step}, field{"operation", e.Operation}, field{"effect", e.Effect}, field{"on", e.Resource},
		field{"arguments", e.Arguments}, field{"approval", e.Approval}, field{"outcome", e.Outcome}, field{"because", e.Reason})
	p.decisions(decisionsOf(e.Decisions))
	if len(e.Facts) > 0 {
		facts := map[string]any{}
		for name, value := range e.Facts {
			facts[name] = value
		}
		p.values("  ", facts)
	}
	p.line("")
	return p.to(w)
}

func entryStyle(e audit.Entry) report.Style {
	if e.Kind == audit.KindDenial {
		return report.Red
	}
	return report.Bold
}

func decisionsOf(in []audit.Decision) []decision.Decision {
	out := make([]decision.Decision, len(in))
	for i, d := range in {
		out[i] = decision.Decision{Check: d.Check, Verdict: d.Verdict, Reason: d.Reason, Rule: d.Rule, SuppliedBy: d.SuppliedBy}
	}
	return out
}

// ProvenText writes what a proof has shown.
func ProvenText(w io.Writer, term report.Terminal, pr *audit.Proven) error {
	p := newPage(term)
	p.line("%s", p.term.Paint(report.Green, "The proof holds: "+plural(len(pr.Records), "record")+" of the log "+report.Printable(pr.Origin)))
	cosigned := "not by a witness: it shows what the log's owner signed, not that the owner signed only that"
	if pr.CosignedAt != nil {
		cosigned = "by a witness at " + moment(*pr.CosignedAt)
	}
	p.fields("  ", field{"log size", fmt.Sprint(pr.Size)}, field{"cosigned", cosigned})
	p.line("")
	for _, r := range pr.Records {
		if err := EntryText(p, term, r); err != nil {
			return err
		}
	}
	return p.to(w)
}
