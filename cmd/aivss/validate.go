package main

import (
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"agentrisk/internal/report"
	"agentrisk/internal/report/scorecard"
)

func (c *command) validateCommand() *cobra.Command {
	var how reading
	cmd := &cobra.Command{
		Use:   "validate [flags] PATH...",
		Short: "Check inputs without scoring them",
		Long: `Check inputs and print every fault with its place. Exit with 1 when an input
is not valid, and with 3 when one cannot be read at all.`,
		RunE: func(_ *cobra.Command, args []string) error {
			opts, err := how.options()
			if err != nil {
				return err
			}
			in, err := c.read(args, opts)
			if err != nil {
				return err
			}
			cards := in.cards()
			for _, card := range cards {
				if _, err := fmt.Fprintf(c.stdout, "%s: %s: valid %s, %s\n", report.Printable(card.Subject.File), report.Printable(cmp.Or(card.Subject.Name, "unnamed")), card.Subject.Form, card.Formula); err != nil {
					return err
				}
			}
			for _, p := range in.problems {
				c.say("%s", p)
			}
			return verdict(in.problems)
		},
	}
	how.flags(cmd)
	return cmd
}

// verdict tells an input that is wrong from one that nobody could look at.
func verdict(problems []scorecard.Problem) error {
	code := exitOK
	for _, p := range problems {
		code = max(code, exitFailed)
		if p.ID == "unreadable" {
			code = exitIncomplete
		}
	}
	if code == exitOK {
		return nil
	}
	return &exit{code, nil}
}
