package main

import "github.com/spf13/cobra"

func (c *command) explainCommand() *cobra.Command {
	var how reading
	cmd := &cobra.Command{
		Use:   "explain [flags] PATH",
		Short: "Show the arithmetic of a score, line by line, with sources",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			opts, err := how.options()
			if err != nil {
				return err
			}
			card, _, err := c.one(args[0], opts)
			if err != nil {
				return err
			}
			if card.Scored == nil {
				return card.Text(c.stdout, c.style())
			}
			return card.Explain(c.stdout, c.style())
		},
	}
	how.flags(cmd)
	return cmd
}
