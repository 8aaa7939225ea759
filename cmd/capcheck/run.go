package main

import (
	"cmp"
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"agentrisk/capabilities"
	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/internal/report"
	"agentrisk/internal/report/runs"
)

// running is what to run and how, as the flags say.
type running struct {
	place
	flow, dialect, root, now, as string
	document                     int
	inputs                       []string
	inputsFile                   string
	user, agent, purpose         string
	reading, mode                string
	plan                         bool
	canary                       int
	formats                      []string
}

const modePlan = "plan"

var (
	runFormats  = []string{"text", "json"}
	runReadings = words([]enforce.Reading{enforce.Declared, enforce.Enforced})
	runModes    = append([]string{modePlan}, words([]enforce.Mode{enforce.DryRun, enforce.Sandbox, enforce.Enforce})...)
)

func (c *command) runCommand() *cobra.Command {
	var how running
	cmd := &cobra.Command{
		Use:   "run [flags] FILE",
		Short: "Run a capability against local stand-ins, with every control enforced and recorded",
		Long: `Run a capability against local stand-ins of the services it calls. Every step
passes the checks that its effect needs, whether the capability asks for them or
not; what the runtime had to supply is said. People are asked on the terminal, or
later with capcheck approvals. What was decided and done is in the audit log.

Exit codes: 0 completed, 1 denied or undone, 2 wrong usage, 3 failed or not
carried out, 4 waiting for a person or a time.`,
		Example: `  capcheck run capability.yaml
  capcheck run --plan capability.yaml
  capcheck run --reading declared --mode sandbox capability.yaml
  capcheck run --input target_resource=repository:payroll --user user_bruno capability.yaml`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd.Context(), &how, args[0]) },
	}
	how.place.flags(cmd)
	formatFlag(cmd, &how.formats, runFormats)
	flags := cmd.Flags()
	flags.StringVar(&how.flow, "flow", "", "flow to run (default: the only one)")
	flags.IntVar(&how.document, "document", 0, "which document of the file, from 1 (default: the only capability)")
	flags.StringVar(&how.root, "root", "", "folder that nothing is read outside of (default: the project that the file lies in)")
	wordFlag(cmd, &how.dialect, "dialect", "", "dialect of the document, in place of recognising it", words(capabilities.Dialects()))
	flags.StringArrayVar(&how.inputs, "input", nil, "input as name=value; lists with commas or as JSON, "+secretPrefix+"NAME for a secret; may be repeated")
	flags.StringVar(&how.inputsFile, "inputs", "", "file of inputs, JSON or YAML")
	flags.StringVar(&how.user, "user", "", "on whose behalf (default: the world's)")
	flags.StringVar(&how.agent, "agent", "", "agent that acts (default: the world's)")
	flags.StringVar(&how.purpose, "purpose", "", "what for (default: the world's)")
	wordFlag(cmd, &how.reading, "reading", string(enforce.Enforced), "whether the runtime supplies what is missing", runReadings)
	wordFlag(cmd, &how.mode, "mode", string(enforce.Enforce), "what may change", runModes)
	flags.BoolVar(&how.plan, "plan", false, "show what would run, and stop")
	flags.IntVar(&how.canary, "canary", 0, "let this many effects through, then wait for a person before each")
	flags.StringVar(&how.now, "now", "", "time of a dry run (RFC 3339), marked as simulated")
	flags.StringVar(&how.as, "as", "", "who decides on the terminal")
	return cmd
}

func (how *running) check() error {
	if err := oneOf("reading", how.reading, runReadings); err != nil {
		return err
	}
	if err := oneOf("mode", how.mode, runModes); err != nil {
		return err
	}
	how.plan = how.plan || how.mode == modePlan
	if how.canary < 0 {
		return usage("--canary %d: expected a number of effects", how.canary)
	}
	if how.now != "" && how.mode != string(enforce.DryRun) {
		return usage("--now is for dry runs alone: add --mode dry-run")
	}
	return oneOf("dialect", how.dialect, words(capabilities.Dialects()))
}

// run is one run: from the file to the exit code.
func (c *command) run(ctx context.Context, how *running, file string) (err error) {
	if err := how.check(); err != nil {
		return err
	}
	outputs, err := report.ParseOutputs(how.formats, runFormats)
	if err != nil {
		return usage("%w", err)
	}
	doc, err := c.capability(how, file)
	if err != nil {
		return err
	}
	defer doc.tree.Close()
	clock, err := how.clock()
	if err != nil {
		return err
	}
	s, err := c.open(ctx, &how.place, func(o *enforce.Options) {
		if how.plan { // nothing of it is kept
			o.Home, o.Store, o.FGA, o.Audit = "", "", "", ""
		}
		if clock != nil {
			o.Clock, o.SimulatedClock = clock, true
		}
		o.Progress = c.stepped
	})
	if err != nil {
		return err
	}
	defer s.end(&err)
	pl, err := s.Compile(doc.Document, how.flow)
	if err != nil {
		return s.notRunnable(doc, err)
	}
	if how.plan {
		return s.show(outputs, renderers{
			"text": func(w io.Writer, t report.Terminal) error { return runs.PlanText(w, t, pl) },
			"json": func(w io.Writer, _ report.Terminal) error { return runs.PlanJSON(w, pl) },
		})
	}
	return s.start(ctx, how, pl, doc.tree.Dir, outputs)
}

// start runs the plan, asks whom it has to, and reports.
func (s *session) start(ctx context.Context, how *running, pl *plan.Plan, folder string, outputs []report.Output) error {
	req, notes, err := s.request(how, pl)
	if err != nil {
		return err
	}
	req.Folder = folder
	r, err := s.Start(ctx, pl, req)
	if err != nil {
		return s.fail(err)
	}
	asked, err := s.ask(ctx, r, how.as)
	if asked != nil {
		r = asked
	}
	r.Warnings = append(notes, r.Warnings...)
	return errors.Join(err, s.reported(outputs, r))
}

// reported writes the report of a run and gives the exit code of its outcome.
func (s *session) reported(outputs []report.Output, r *enforce.Report) error {
	if err := s.reportOf(outputs, r); err != nil {
		return err
	}
	return outcomeExit(r.Outcome)
}

func (s *session) reportOf(outputs []report.Output, r *enforce.Report) error {
	if s.progress != nil {
		s.progress("\r\x1b[K")
	}
	hints := s.place.hints()
	hints.World = lacks(s.world, r)
	return s.show(outputs, renderers{
		"text": func(w io.Writer, t report.Terminal) error { return runs.Text(w, t, r, hints) },
		"json": func(w io.Writer, _ report.Terminal) error { return runs.JSON(w, r) },
	})
}

// outcomeExit is the exit code of an outcome. One that is not known is a failure.
func outcomeExit(o enforce.Outcome) error {
	switch o {
	case enforce.Completed:
		return nil
	case enforce.Denied, enforce.Compensated:
		return &exit{exitFailed, nil}
	case enforce.Waiting:
		return &exit{exitWaiting, nil}
	}
	return &exit{exitIncomplete, nil}
}

// stepped tells a person how far a run is.
func (c *command) stepped(step enforce.StepReport) {
	if c.progress != nil {
		c.progress("\r\x1b[K" + report.Cut(report.Printable(cmp.Or(step.Step, "…")+": "+step.Outcome), 60))
	}
}
