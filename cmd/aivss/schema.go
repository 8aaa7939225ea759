package main

import (
	"github.com/spf13/cobra"

	"agentrisk/internal/report/scorecard"
	"agentrisk/scoring/listing"
)

func (c *command) schemaCommand() *cobra.Command {
	schemas := map[string][]byte{"assessment": listing.JSONSchema, "score": scorecard.JSONSchema}
	names := []string{"assessment", "score"}
	return &cobra.Command{
		Use:               "schema NAME",
		Short:             "Print a published JSON Schema: assessment or score",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			schema, ok := schemas[args[0]]
			if !ok {
				return unknown("schema", args[0], names)
			}
			_, err := c.stdout.Write(schema)
			return err
		},
	}
}
