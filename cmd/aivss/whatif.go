package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"agentrisk/internal/report"
	"agentrisk/internal/report/scorecard"
	"agentrisk/scoring"
)

var twoFormats = []string{"text", "json"}

func (c *command) whatifCommand() *cobra.Command {
	var (
		how           reading
		formats, sets []string
		q             scorecard.Question
		reach         string
		costs         map[string]int
	)
	cmd := &cobra.Command{
		Use:   "whatif [flags] PATH",
		Short: "Change factors, multipliers or mitigation; find the cheapest way to a band",
		Long: `Change parts of an assessment and see the score. Without --set and --reach,
show what one step on each part, each level of mitigation and each other formula
would give.`,
		Example: `  aivss whatif agent.yaml --set tools=0.5 --set mitigation=strong
  aivss whatif agent.yaml --reach medium --keep autonomy --cost tools=3`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			opts, err := how.options()
			if err != nil {
				return err
			}
			outputs, err := report.ParseOutputs(formats, twoFormats)
			if err != nil {
				return usage("%w", err)
			}
			card, _, err := c.one(args[0], opts)
			if err != nil {
				return err
			}
			for _, set := range sets {
				part, value, ok := strings.Cut(set, "=")
				if !ok {
					return usage("--set %q names no value; expected PART=VALUE", set)
				}
				q.Set = append(q.Set, scorecard.Assignment{Part: part, Value: value})
			}
			q.Costs = costs
			if reach != "" {
				band, err := scoring.ParseBand(reach)
				if err != nil {
					return usage("%w", err)
				}
				q.Reach = &band
			}
			answer, err := card.WhatIf(q)
			if err != nil {
				return usage("%w", err)
			}
			err = c.write(outputs, map[string]func(io.Writer, report.Terminal) error{
				"text": answer.Text,
				"json": func(w io.Writer, _ report.Terminal) error { return report.WriteJSON(w, answer) },
			})
			if err == nil && answer.Plan != nil && !answer.Plan.Reached {
				return &exit{exitFailed, nil}
			}
			return err
		},
	}
	how.flags(cmd)
	formatFlag(cmd, &formats, twoFormats)
	cmd.Flags().StringArrayVar(&sets, "set", nil, "change a part: a factor's key, base, threat or mitigation, as PART=VALUE; may be repeated")
	cmd.Flags().StringVar(&reach, "reach", "", "find the cheapest changes that reach this band; exit with 1 where none do")
	cmd.Flags().StringToIntVar(&costs, "cost", nil, "what one step of a part costs, as PART=N; others cost 1")
	cmd.Flags().StringSliceVar(&q.Keep, "keep", nil, "parts that must stay as they are")
	cmd.Flags().BoolVar(&q.MoveThreat, "move-threat", false, "let the threat multiplier change too")
	must(cmd.RegisterFlagCompletionFunc("reach", cobra.FixedCompletions([]string{"none", "low", "medium", "high", "critical"}, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}
