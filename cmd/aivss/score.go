package main

import (
	"cmp"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"agentrisk/internal/report"
	"agentrisk/internal/report/scorecard"
	"agentrisk/internal/source"
	"agentrisk/scoring/listing"
)

var scoreFormats = []string{"text", "json", "ndjson", "csv", "markdown", "sarif"}

// maxBaseline bounds an earlier report; it holds some tens of thousands of agents.
const maxBaseline = 1 << 30

// gating is when a score fails, as the flags say.
type gating struct {
	failOn   string
	baseline string
	certain  bool
}

func (g *gating) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&g.failOn, "fail-on", "", "exit with 1 when a score reaches this: low, medium, high, critical or a score")
	cmd.Flags().StringVar(&g.baseline, "baseline", "", "an earlier JSON report: fail only on what got worse")
	cmd.Flags().BoolVar(&g.certain, "certain", false, "a range fails only when all of it does")
	must(cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions([]string{"low", "medium", "high", "critical"}, cobra.ShellCompDirectiveNoFileComp)))
}

func (g *gating) gate() (scorecard.Gate, error) {
	gate := scorecard.Gate{Certain: g.certain}
	if g.failOn != "" {
		limit, err := scorecard.ParseFailOn(g.failOn)
		if err != nil {
			return gate, usage("%w", err)
		}
		gate.FailOn = limit
	}
	if g.certain && g.failOn == "" && g.baseline == "" {
		return gate, usage("--certain needs --fail-on or --baseline")
	}
	if g.baseline == "" {
		return gate, nil
	}
	f, err := os.Open(g.baseline)
	if err != nil {
		return gate, usage("%w", unreadable(g.baseline, err))
	}
	defer f.Close()
	file, err := source.Read(filepath.ToSlash(g.baseline), f, source.Limits{Bytes: maxBaseline})
	if err != nil {
		return gate, usage("%w", err)
	}
	gate.Baseline, err = scorecard.ReadBaseline(file.Name, file.Text)
	if err != nil {
		return gate, usage("%w", err)
	}
	return gate, nil
}

func (c *command) scoreCommand() *cobra.Command {
	var (
		how     reading
		gates   gating
		formats []string
	)
	cmd := &cobra.Command{
		Use:   "score [flags] PATH...",
		Short: "Score agents: files, folders, or - for standard input",
		Long: `Score what describes an agent: an assessment (YAML or JSON), an AIVSS v0.8 report,
a saved listing page (text, Markdown or HTML), an A2A agent card, a list of MCP
tools, or many assessments at once (NDJSON, CSV, folders).

A stream that goes to -f csv alone is scored row by row, in constant memory.`,
		Example: `  aivss score agent.yaml
  aivss score -f json=report.json -f text --fail-on high agents/
  aivss score -f csv - < assessments.ndjson > scores.csv`,
		ValidArgsFunction: cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault),
		RunE: func(_ *cobra.Command, args []string) error {
			opts, err := how.options()
			if err != nil {
				return err
			}
			outputs, err := report.ParseOutputs(formats, scoreFormats)
			if err != nil {
				return usage("%w", err)
			}
			gate, err := gates.gate()
			if err != nil {
				return err
			}
			if s, ok := c.asStream(args, opts, outputs, gate); ok {
				return s.run(gate)
			}
			return c.score(args, opts, outputs, gate)
		},
	}
	how.flags(cmd)
	gates.flags(cmd)
	formatFlag(cmd, &formats, scoreFormats)
	return cmd
}

func formatFlag(cmd *cobra.Command, formats *[]string, allowed []string) {
	cmd.Flags().StringArrayVarP(formats, "format", "f", nil, "format of the report, or FORMAT=FILE; may be repeated: "+strings.Join(allowed, ", "))
	must(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(allowed, cobra.ShellCompDirectiveNoFileComp)))
}

func (c *command) score(paths []string, opts listing.Options, outputs []report.Output, gate scorecard.Gate) error {
	in, err := c.read(paths, opts)
	if err != nil {
		return err
	}
	cards := in.cards()
	failures, unjudged := gate.Check(cards)
	problems := append(in.problems, unjudged...)
	if slices.ContainsFunc(outputs, func(o report.Output) bool { return o.Format == "csv" }) {
		problems = append(problems, scorecard.Unscored(cards)...)
	}
	set := scorecard.NewSet(cards, problems)
	if err := c.write(outputs, scoreRenderers(set, in.single)); err != nil {
		return err
	}
	for _, f := range failures {
		c.say("%s: %s: %s", f.Card.Subject.File, cmp.Or(f.Card.Subject.Name, "unnamed"), f.Reason)
	}
	if err := c.problems(set.Incomplete); err != nil {
		return err
	}
	if len(failures) > 0 {
		return &exit{exitFailed, nil}
	}
	return nil
}

// scoreRenderers are the ways to write a set. One file with one agent gives the
// agent's card itself in JSON; all else gives the list.
func scoreRenderers(set *scorecard.Set, single bool) map[string]func(io.Writer, report.Terminal) error {
	return map[string]func(io.Writer, report.Terminal) error{
		"text": set.Text,
		"json": func(w io.Writer, _ report.Terminal) error {
			if single && len(set.Scores) == 1 && len(set.Incomplete) == 0 {
				return report.WriteJSON(w, set.Scores[0])
			}
			return report.WriteJSON(w, set)
		},
		"ndjson":   func(w io.Writer, _ report.Terminal) error { return set.NDJSON(w) },
		"csv":      func(w io.Writer, _ report.Terminal) error { return set.CSV(w) },
		"markdown": func(w io.Writer, _ report.Terminal) error { return set.Markdown(w) },
		"sarif":    func(w io.Writer, _ report.Terminal) error { return set.SARIF(w, version()) },
	}
}
