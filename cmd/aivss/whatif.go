package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"agentrisk/internal/report"
	"agentrisk/internal/report/scorecard"
	"agentrisk/scoring"
	"agentrisk/scoring/listing"
)

var twoFormats = []string{"text", "json"}

// change is what a whatif is to change, as the flags say.
type change struct {
	sets, keep []string
	costs      map[string]int
	reach      string
	moveThreat bool
}

func (ch *change) flags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&ch.sets, "set", nil, "change a part: a factor's key, base, threat or mitigation, as PART=VALUE; may be repeated")
	cmd.Flags().StringVar(&ch.reach, "reach", "", "find the cheapest changes that reach this band; exit with 1 where none do")
	cmd.Flags().StringToIntVar(&ch.costs, "cost", nil, "with --reach: what one step of a part costs, as PART=N; others cost 1")
	cmd.Flags().StringSliceVar(&ch.keep, "keep", nil, "with --reach: parts that must stay as they are")
	cmd.Flags().BoolVar(&ch.moveThreat, "move-threat", false, "with --reach: let the threat multiplier change too")
	must(cmd.RegisterFlagCompletionFunc("reach", cobra.FixedCompletions([]string{"none", "low", "medium", "high", "critical"}, cobra.ShellCompDirectiveNoFileComp)))
}

// question turns the flags into what the card is asked.
func (ch *change) question() (scorecard.Question, error) {
	q := scorecard.Question{Costs: ch.costs, Keep: ch.keep, MoveThreat: ch.moveThreat}
	for _, set := range ch.sets {
		part, value, ok := strings.Cut(set, "=")
		if !ok {
			return q, usage("--set %q names no value; expected PART=VALUE", set)
		}
		q.Set = append(q.Set, scorecard.Assignment{Part: part, Value: value})
	}
	if ch.reach == "" {
		if len(ch.costs) > 0 || len(ch.keep) > 0 || ch.moveThreat {
			return q, usage("--cost, --keep and --move-threat need --reach")
		}
		return q, nil
	}
	band, err := scoring.ParseBand(ch.reach)
	if err != nil {
		return q, usage("%w", err)
	}
	q.Reach = &band
	return q, nil
}

func (c *command) whatifCommand() *cobra.Command {
	var (
		how     reading
		formats []string
		changes change
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
			q, err := changes.question()
			if err != nil {
				return err
			}
			return c.whatif(args[0], opts, outputs, q)
		},
	}
	how.flags(cmd)
	formatFlag(cmd, &formats, twoFormats)
	changes.flags(cmd)
	return cmd
}

func (c *command) whatif(path string, opts listing.Options, outputs []report.Output, q scorecard.Question) error {
	card, _, err := c.one(path, opts)
	if err != nil {
		return err
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
}
