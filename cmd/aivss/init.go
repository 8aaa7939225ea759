package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"agentrisk/internal/report"
	"agentrisk/scoring"
	"agentrisk/scoring/listing"
)

func (c *command) initCommand() *cobra.Command {
	var (
		id    string
		force bool
	)
	cmd := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a commented assessment to fill in",
		Long: `Write a commented assessment to FILE, or to standard output. Every value in it
is unknown until it is filled in, and the file can be scored at any time.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			f, ok := scoring.Lookup(id)
			if !ok {
				return unknown("formula", id, formulaIDs())
			}
			text := listing.Template(f)
			if len(args) == 0 || args[0] == stdinName {
				_, err := c.stdout.Write(text)
				return err
			}
			if _, err := os.Lstat(args[0]); err == nil && !force {
				return usage("%s exists already (--force writes over it)", args[0])
			}
			if err := report.WriteFile(args[0], text); err != nil {
				return &exit{exitIncomplete, fmt.Errorf("the assessment cannot be written: %w", err)}
			}
			c.say("wrote %s; score it with: aivss score %s", args[0], args[0])
			return nil
		},
	}
	cmd.Flags().StringVar(&id, "formula", scoring.DefaultID, "formula whose factors the assessment has")
	cmd.Flags().BoolVar(&force, "force", false, "write over an existing file")
	must(cmd.RegisterFlagCompletionFunc("formula", cobra.FixedCompletions(formulaIDs(), cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}
