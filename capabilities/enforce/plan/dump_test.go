package plan

import (
	"cmp"
	"fmt"
	"strings"
)

// dump writes a plan as text, for the golden files.
func dump(p *Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "plan %s\nflow %s\nbegins %v\n", p.Capability, p.Flow, p.Begins)
	for _, in := range p.Inputs {
		fmt.Fprintf(&b, "input %s type=%q required=%v role=%q default=%v allowed=%v\n", in.Name, in.Type, in.Required, in.Role, in.Default, in.Allowed)
	}
	for _, s := range p.Steps {
		op := s.Operation
		fmt.Fprintf(&b, "\n%d %s: %s", s.Index, s.ID, s.Kind)
		if s.Kind == Call {
			fmt.Fprintf(&b, " %s %s effect=%s control=%s %s by %s", op.Provider, op.ID, op.Effect, op.Control, s.Confidence, s.Basis)
		}
		if op.Simulated {
			b.WriteString(" simulated")
		}
		if s.Reason != "" {
			b.WriteString(" because " + s.Reason)
		}
		fmt.Fprintf(&b, "\n  needs")
		for _, n := range []struct {
			name string
			need Need
		}{{"authentication", s.Needs.Authentication}, {"authorization", s.Needs.Authorization}, {"approval", s.Needs.Approval}, {"audit", s.Needs.Audit}} {
			fmt.Fprintf(&b, " %s=%s", n.name, n.need.State)
			if n.need.By != "" || n.need.Caller {
				fmt.Fprintf(&b, "(%s)", cmp.Or(n.need.By, "caller"))
			}
		}
		b.WriteByte('\n')
		if s.ForEach != nil {
			fmt.Fprintf(&b, "  for each of %s\n", s.ForEach)
		}
		if s.MaxTries > 1 {
			fmt.Fprintf(&b, "  tries %d\n", s.MaxTries)
		}
		for _, c := range s.When {
			fmt.Fprintf(&b, "  when %s\n", c)
		}
		for _, a := range s.Arguments {
			fmt.Fprintf(&b, "  %s = %s [%s] %s\n", a.Param.Name, a.Value, a.How, a.Note)
		}
		for _, c := range s.Success {
			fmt.Fprintf(&b, "  succeeds if %s\n", c)
		}
		for _, o := range s.Outputs {
			fmt.Fprintf(&b, "  output %s = %s%s\n", o.Name, o.Value, secretly(o.Secret))
		}
		dumpEdges(&b, "then", s.OnSuccess)
		dumpEdges(&b, "else", s.OnFailure)
	}
	b.WriteByte('\n')
	for _, o := range p.Outputs {
		fmt.Fprintf(&b, "output %s = %s%s\n", o.Name, o.Value, secretly(o.Secret))
	}
	for _, w := range p.Warnings {
		fmt.Fprintf(&b, "warning %d:%d %s: %s\n", w.At.Range.Start.Line, w.At.Range.Start.Column, w.Step, w.Text)
	}
	return b.String()
}

func secretly(secret bool) string {
	if secret {
		return " (secret)"
	}
	return ""
}

func dumpEdges(b *strings.Builder, word string, edges []Edge) {
	for _, e := range edges {
		fmt.Fprintf(b, "  %s %s %d", word, e.Action, e.To)
		if e.Limit > 0 {
			fmt.Fprintf(b, " at most %d times", e.Limit)
		}
		for i, c := range e.When {
			fmt.Fprintf(b, "%s %s", [...]string{" if", " and"}[min(i, 1)], c)
		}
		b.WriteByte('\n')
	}
}
