package main

import (
	"io"

	"github.com/spf13/cobra"

	"agentrisk/internal/report"
	"agentrisk/internal/report/scorecard"
)

func (c *command) diffCommand() *cobra.Command {
	var (
		how      reading
		formats  []string
		exitCode bool
	)
	cmd := &cobra.Command{
		Use:   "diff [flags] OLD NEW",
		Short: "Compare two assessments: what changed, by how much, which way",
		Args:  cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			opts, err := how.options()
			if err != nil {
				return err
			}
			outputs, err := report.ParseOutputs(formats, twoFormats)
			if err != nil {
				return usage("%w", err)
			}
			from, _, err := c.one(args[0], opts)
			if err != nil {
				return err
			}
			to, _, err := c.one(args[1], opts)
			if err != nil {
				return err
			}
			d := scorecard.Compare(from, to)
			err = c.write(outputs, map[string]func(io.Writer, report.Terminal) error{
				"text": d.Text,
				"json": func(w io.Writer, _ report.Terminal) error { return report.WriteJSON(w, d) },
			})
			if err == nil && exitCode && d.Changed() {
				return &exit{exitFailed, nil}
			}
			return err
		},
	}
	how.flags(cmd)
	formatFlag(cmd, &formats, twoFormats)
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "exit with 1 when anything changed")
	return cmd
}
