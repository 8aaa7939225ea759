package main

import (
	"github.com/spf13/cobra"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/report/findings"
)

// schemas are the published JSON Schemas, by name.
func schemas() map[string][]byte {
	return map[string][]byte{"findings": findings.JSONSchema, "config": lint.ConfigSchema}
}

var schemaNames = []string{"config", "findings"}

func (c *command) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "schema NAME",
		Short:             "Print a published JSON Schema",
		Long:              "Print a published JSON Schema: config is .capcheck.yaml, findings what lint -f json writes.",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.FixedCompletions(schemaNames, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			schema, ok := schemas()[args[0]]
			if !ok {
				return unknown("schema", args[0], schemaNames)
			}
			_, err := c.stdout.Write(schema)
			return err
		},
	}
}
