package main

import (
	"encoding/json"
	"io"

	"github.com/spf13/cobra"

	"agentrisk/capabilities/enforce/audit"
	"agentrisk/internal/report"
	"agentrisk/internal/report/runs"
)

// picking is which entries of the log to read.
type picking struct {
	auditPlace
	step, kind string
}

func (p *picking) flags(cmd *cobra.Command) {
	p.scopeFlags(cmd)
	cmd.Flags().StringVar(&p.step, "step", "", "only entries of this step")
	wordFlag(cmd, &p.kind, "kind", "", "only entries of this kind", words(audit.Kinds()))
}

// of is the filter, and the folder that it reads.
func (p *picking) of(c *command, args []string) (dir string, f audit.Filter, err error) {
	if err := oneOf("kind", p.kind, words(audit.Kinds())); err != nil {
		return "", f, err
	}
	if f.Scope, err = p.scope(); err != nil {
		return "", f, err
	}
	if len(args) > 0 {
		f.Run = args[0]
	}
	f.Step, f.Kind = p.step, audit.Kind(p.kind)
	if dir, err = c.logOf(&p.auditPlace); err != nil {
		return "", f, err
	}
	return dir, f, c.found(dir, f)
}

func (c *command) auditShowCommand() *cobra.Command {
	var (
		which   picking
		formats []string
	)
	cmd := &cobra.Command{
		Use: "show [RUN]", Short: "Show entries of the log; this proves nothing, verify does", Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			outputs, err := report.ParseOutputs(formats, runFormats)
			if err != nil {
				return usage("%w", err)
			}
			dir, filter, err := which.of(c, args)
			if err != nil {
				return err
			}
			return c.write(outputs, renderers{
				"text": func(w io.Writer, t report.Terminal) error {
					return entries(dir, filter, func(r audit.Record) error { return runs.EntryText(w, t, r) })
				},
				"json": func(w io.Writer, _ report.Terminal) error {
					enc := json.NewEncoder(w)
					enc.SetEscapeHTML(false)
					return entries(dir, filter, func(r audit.Record) error { return enc.Encode(r) })
				},
			})
		},
	}
	which.flags(cmd)
	formatFlag(cmd, &formats, runFormats)
	return cmd
}

// found refuses a run or a step that is not in the log, as its name may be wrong: no
// entries would look like a run that did nothing. Faults are left to the reading.
func (c *command) found(dir string, f audit.Filter) error {
	f.Kind = ""
	for range audit.Records(dir, f) {
		return nil
	}
	if f.Run != "" || f.Step != "" {
		return &exit{exitUsage, audit.ErrNotFound}
	}
	c.say("capcheck: the log has no entry in this scope")
	return nil
}

func entries(dir string, f audit.Filter, show func(audit.Record) error) error {
	for r, err := range audit.Records(dir, f) {
		if err != nil {
			return err
		}
		if err := show(r); err != nil {
			return err
		}
	}
	return nil
}

func (c *command) auditExportCommand() *cobra.Command {
	var (
		which   picking
		formats []string
	)
	allowed := words(audit.Formats())
	cmd := &cobra.Command{
		Use: "export [RUN]", Short: "Write entries as WorkOS events, OCSF, CloudEvents or JSON lines", Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			outputs, err := report.ParseOutputs(formats, allowed)
			if err != nil {
				return usage("%w", err)
			}
			dir, filter, err := which.of(c, args)
			if err != nil {
				return err
			}
			in := renderers{}
			for _, format := range audit.Formats() {
				in[string(format)] = func(w io.Writer, _ report.Terminal) error { return audit.Export(w, dir, filter, format) }
			}
			return c.write(outputs, in)
		},
	}
	which.flags(cmd)
	formatFlag(cmd, &formats, allowed)
	return cmd
}
