package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"agentrisk/internal/report"
	"agentrisk/internal/report/scorecard"
	"agentrisk/maestro"
)

func (c *command) threatsCommand() *cobra.Command {
	var (
		how     reading
		formats []string
	)
	cmd := &cobra.Command{
		Use:   "threats [flags] PATH",
		Short: "Show the MAESTRO layers of an agent, or the threat catalogue",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			opts, err := how.options()
			if err != nil {
				return err
			}
			outputs, err := report.ParseOutputs(formats, twoFormats)
			if err != nil {
				return usage("%w", err)
			}
			_, agent, err := c.one(args[0], opts)
			if err != nil {
				return err
			}
			r := maestro.Assess(agent)
			return c.write(outputs, map[string]func(io.Writer, report.Terminal) error{
				"text": func(w io.Writer, term report.Terminal) error {
					return scorecard.LayersText(w, term, agent.Name.Value, r)
				},
				"json": func(w io.Writer, _ report.Terminal) error { return report.WriteJSON(w, r) },
			})
		},
	}
	how.flags(cmd)
	formatFlag(cmd, &formats, twoFormats)
	cmd.AddCommand(c.threatsListCommand(), c.threatsShowCommand())
	return cmd
}

func (c *command) threatsListCommand() *cobra.Command {
	var (
		formats []string
		layer   string
	)
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the threats of the catalogue",
		Args:  cobra.NoArgs,
		RunE: func(_ *cobra.Command, _ []string) error {
			outputs, err := report.ParseOutputs(formats, []string{"text", "json", "markdown"})
			if err != nil {
				return usage("%w", err)
			}
			threats := []maestro.Threat{}
			table := report.Table{Heading: []string{"id", "threat", "shown by a listing"}}
			for _, t := range maestro.Threats() {
				if layer != "" && !strings.EqualFold(t.Layer, layer) {
					continue
				}
				shown := "no"
				if t.Detectable {
					shown = "can be"
				}
				threats = append(threats, t)
				table.Rows = append(table.Rows, []string{t.ID, t.Name, shown})
			}
			if len(threats) == 0 {
				return unknown("layer", layer, layerIDs())
			}
			return c.write(outputs, map[string]func(io.Writer, report.Terminal) error{
				"text":     func(w io.Writer, _ report.Terminal) error { return table.Text(w) },
				"markdown": func(w io.Writer, _ report.Terminal) error { return table.Markdown(w) },
				"json":     func(w io.Writer, _ report.Terminal) error { return report.WriteJSON(w, threats) },
			})
		},
	}
	formatFlag(cmd, &formats, []string{"text", "json", "markdown"})
	cmd.Flags().StringVar(&layer, "layer", "", "only this layer: "+strings.Join(layerIDs(), ", "))
	return cmd
}

func layerIDs() []string {
	ids := []string{}
	for _, l := range maestro.Layers() {
		ids = append(ids, l.ID)
	}
	return append(ids, "X")
}

func (c *command) threatsShowCommand() *cobra.Command {
	var formats []string
	cmd := &cobra.Command{
		Use:     "show ID",
		Short:   "Show one threat: what it is, what to do, where else it is known",
		Example: "  aivss threats show L3-03",
		Args:    cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			ids := []string{}
			for _, t := range maestro.Threats() {
				ids = append(ids, t.ID+"\t"+t.Name)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			outputs, err := report.ParseOutputs(formats, twoFormats)
			if err != nil {
				return usage("%w", err)
			}
			t, err := maestro.Lookup(args[0])
			if err != nil {
				return usage("%w", err)
			}
			return c.write(outputs, map[string]func(io.Writer, report.Terminal) error{
				"text": func(w io.Writer, term report.Terminal) error { return threatText(w, term, t) },
				"json": func(w io.Writer, _ report.Terminal) error { return report.WriteJSON(w, t) },
			})
		},
	}
	formatFlag(cmd, &formats, twoFormats)
	return cmd
}

func threatText(w io.Writer, term report.Terminal, t maestro.Threat) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", term.Paint(report.Bold, t.ID+" "+t.Name))
	section := func(heading, text string) {
		fmt.Fprintf(&b, "\n%s\n", term.Paint(report.Bold, heading))
		for _, line := range report.Wrap(text, term.Columns()-2) {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	section("What it is", t.Description)
	section("What to do", t.Advice)
	shown := "A listing can show exposure to it."
	if !t.Detectable {
		shown = "No listing can show it: it needs tests, provenance or monitoring."
	}
	section("From a listing", shown)
	if len(t.Aliases) > 0 {
		section("Also called", strings.Join(t.Aliases, ", "))
	}
	if len(t.References) > 0 {
		fmt.Fprintf(&b, "\n%s\n", term.Paint(report.Bold, "Known elsewhere as"))
		for _, r := range t.References {
			fmt.Fprintf(&b, "  %s %s\n", report.Pad(r.ID, 22), report.Cut(r.Name, term.Columns()-25))
		}
	}
	section("Source", t.Source+". The id is ours: the source gives none.")
	_, err := io.WriteString(w, b.String())
	return err
}
