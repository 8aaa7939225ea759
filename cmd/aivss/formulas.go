package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"agentrisk/internal/report"
	"agentrisk/scoring"
)

func (c *command) formulasCommand() *cobra.Command {
	var formats []string
	cmd := &cobra.Command{
		Use:               "formulas [ID]",
		Short:             "List the formulas, or show one with its factors and values",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions(formulaIDs(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			outputs, err := report.ParseOutputs(formats, twoFormats)
			if err != nil {
				return usage("%w", err)
			}
			if len(args) == 0 {
				return c.write(outputs, map[string]func(io.Writer, report.Terminal) error{
					"text": func(w io.Writer, _ report.Terminal) error { return formulaTable().Text(w) },
					"json": func(w io.Writer, _ report.Terminal) error { return report.WriteJSON(w, scoring.Formulas()) },
				})
			}
			f, ok := scoring.Lookup(args[0])
			if !ok {
				return unknown("formula", args[0], formulaIDs())
			}
			return c.write(outputs, map[string]func(io.Writer, report.Terminal) error{
				"text": func(w io.Writer, term report.Terminal) error { return formulaText(w, term, f) },
				"json": func(w io.Writer, _ report.Terminal) error { return report.WriteJSON(w, f) },
			})
		},
	}
	formatFlag(cmd, &formats, twoFormats)
	return cmd
}

func formulaTable() report.Table {
	t := report.Table{Heading: []string{"id", "gives", "title"}}
	for _, f := range scoring.Formulas() {
		t.Rows = append(t.Rows, []string{f.ID, "a " + f.Kind.String(), f.Title})
	}
	return t
}

func formulaText(w io.Writer, term report.Terminal, f *scoring.Formula) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s\n%s\n\n", term.Paint(report.Bold, f.ID), f.Title, f.Source)
	for _, line := range report.Wrap(f.Expression, term.Columns()) {
		fmt.Fprintf(&b, "%s\n", line)
	}
	for _, factor := range f.Factors {
		fmt.Fprintf(&b, "\n%s %s\n", report.Pad(factor.Key, 24), factor.Name)
		if f.Continuous {
			fmt.Fprintf(&b, "  any value from %s to %s\n", factor.Low, factor.High)
		}
		for _, l := range factor.Levels {
			value := l.Letter
			if value == "" {
				value = l.Value.String()
			}
			levelLines(&b, term, value, l.Meaning)
		}
	}
	for _, m := range append([]*scoring.Multiplier{f.Threat, f.Mitigation}, scales(f)...) {
		if m == nil {
			continue
		}
		fmt.Fprintf(&b, "\n%s %s\n", report.Pad(m.Key, 24), m.Name)
		if m.Continuous {
			fmt.Fprintf(&b, "  any value from %s to %s\n", m.Low, m.High)
		}
		for _, l := range m.Levels {
			levelLines(&b, term, l.Value.String(), l.ID+": "+l.Meaning)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func scales(f *scoring.Formula) []*scoring.Multiplier {
	out := make([]*scoring.Multiplier, len(f.Scales))
	for i := range f.Scales {
		out[i] = &f.Scales[i]
	}
	return out
}

func levelLines(b *strings.Builder, term report.Terminal, value, meaning string) {
	lead := "  " + report.Pad(value, 6)
	for _, line := range report.Wrap(meaning, term.Columns()-len(lead)) {
		fmt.Fprintf(b, "%s%s\n", lead, line)
		lead = strings.Repeat(" ", len(lead))
	}
}
