package main

import (
	"slices"

	"github.com/spf13/cobra"

	"agentrisk/capabilities"
	"agentrisk/capabilities/enforce/world"
	"agentrisk/capabilities/lint"
	"agentrisk/internal/report/findings"
	"agentrisk/internal/report/runs"
)

// schemaOf returns the published JSON Schema of that name, and whether there is
// one.
func schemaOf(name string) ([]byte, bool) {
	switch name {
	case "config":
		return lint.ConfigSchema, true
	case "findings":
		return findings.JSONSchema, true
	case "run":
		return runs.JSONSchema, true
	case "plan":
		return runs.PlanSchema, true
	case "world":
		return world.Schema, true
	}
	return capabilities.Schema(name)
}

func (c *command) schemaCommand() *cobra.Command {
	names := append([]string{"config", "findings", "plan", "run", "world"}, capabilities.SchemaNames()...)
	slices.Sort(names)
	return &cobra.Command{
		Use:   "schema NAME",
		Short: "Print a published JSON Schema",
		Long: `Print a published JSON Schema: config is .capcheck.yaml, findings what lint -f json
writes, run and plan what run -f json writes, world the file that runs are enforced
in; the others are of capabilities whose specification has none of its own.`,
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
