package main

import (
	"slices"

	"github.com/spf13/cobra"

	"agentrisk/capabilities"
	"agentrisk/capabilities/lint"
	"agentrisk/internal/report/findings"
)

// schemaOf returns the published JSON Schema of that name, and whether there is
// one.
func schemaOf(name string) ([]byte, bool) {
	switch name {
	case "config":
		return lint.ConfigSchema, true
	case "findings":
		return findings.JSONSchema, true
	}
	return capabilities.Schema(name)
}

func (c *command) schemaCommand() *cobra.Command {
	names := append([]string{"config", "findings"}, capabilities.SchemaNames()...)
	slices.Sort(names)
	return &cobra.Command{
		Use:   "schema NAME",
		Short: "Print a published JSON Schema",
		Long: `Print a published JSON Schema: config is .capcheck.yaml, findings what lint -f json
writes; the others are of capabilities whose specification has none of its own.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			schema, ok := schemaOf(args[0])
			if !ok {
				return unknown("schema", args[0], names)
			}
			_, err := c.stdout.Write(schema)
			return err
		},
	}
}
