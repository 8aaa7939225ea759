package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/internal/report"
	"agentrisk/internal/report/runs"
)

var runStates = words([]journal.State{journal.Pending, journal.Running, journal.Waiting, journal.Compensating, journal.Completed, journal.Denied, journal.Compensated, journal.Failed})

func (c *command) runsCommand() *cobra.Command {
	show := func(ctx context.Context, s *session, tenant, run string) (*enforce.Report, error) {
		return s.ShowRun(ctx, tenant, run)
	}
	resume := func(ctx context.Context, s *session, tenant, run string) (*enforce.Report, error) {
		return s.Resume(ctx, tenant, run)
	}
	return group("runs", "See runs, go on with them, end them",
		c.runsListCommand(),
		c.oneRunCommand("show RUN", "Show a run as far as it came", false, show),
		c.oneRunCommand("resume RUN", "Go on with a run that waits, or that another process left behind", true, resume),
		c.runsCancelCommand())
}

func (c *command) runsListCommand() *cobra.Command {
	var (
		at      place
		page    listing
		state   string
		formats []string
	)
	cmd := &cobra.Command{
		Use: "list", Short: "List runs, the newest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			outputs, err := report.ParseOutputs(formats, runFormats)
			if err != nil {
				return usage("%w", err)
			}
			if err := errors.Join(page.check(), oneOf("state", state, runStates)); err != nil {
				return err
			}
			return c.using(cmd.Context(), &at, func(s *session) error {
				tenant, err := s.tenant()
				if err != nil {
					return err
				}
				found, err := s.Runs(cmd.Context(), journal.Filter{Tenant: tenant, State: journal.State(state), After: page.after, Limit: page.limit})
				if err != nil {
					return s.fail(err)
				}
				return s.show(outputs, renderers{
					"text": func(w io.Writer, _ report.Terminal) error { return runs.RunsText(w, found, c.now()) },
					"json": func(w io.Writer, _ report.Terminal) error { return runs.RunsJSON(w, found) },
				})
			})
		},
	}
	at.flags(cmd)
	page.flags(cmd)
	wordFlag(cmd, &state, "state", "", "only runs in this state", runStates)
	formatFlag(cmd, &formats, runFormats)
	return cmd
}

// oneRunCommand is a verb that takes a run and shows it. Where it acts, people are
// asked and the exit code is that of the outcome.
func (c *command) oneRunCommand(use, short string, acts bool, work func(context.Context, *session, string, string) (*enforce.Report, error)) *cobra.Command {
	var (
		at      place
		as      string
		formats []string
	)
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			outputs, err := report.ParseOutputs(formats, runFormats)
			if err != nil {
				return usage("%w", err)
			}
			return c.using(cmd.Context(), &at, func(s *session) error {
				tenant, err := s.tenant()
				if err != nil {
					return err
				}
				r, err := work(cmd.Context(), s, tenant, args[0])
				if err != nil {
					return s.fail(err)
				}
				if !acts {
					return s.reportOf(outputs, r)
				}
				asked, err := s.ask(cmd.Context(), r, as)
				if asked != nil {
					r = asked
				}
				return errors.Join(err, s.reported(outputs, r))
			})
		},
	}
	at.flags(cmd)
	if acts {
		asFlag(cmd, &as, "who decides on the terminal")
	}
	formatFlag(cmd, &formats, runFormats)
	return cmd
}

func (c *command) runsCancelCommand() *cobra.Command {
	var (
		at         place
		as, reason string
		formats    []string
	)
	cmd := &cobra.Command{
		Use: "cancel RUN --as PERSON", Short: "End a run and undo what it did, where that is possible", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			outputs, err := report.ParseOutputs(formats, runFormats)
			if err != nil {
				return usage("%w", err)
			}
			if as == "" {
				return usage("who ends the run? say --as PERSON")
			}
			return c.using(cmd.Context(), &at, func(s *session) error { return s.cancel(cmd.Context(), outputs, args[0], as, reason) })
		},
	}
	at.flags(cmd)
	asFlag(cmd, &as, "who ends it; it must be said")
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	formatFlag(cmd, &formats, runFormats)
	return cmd
}

// cancel ends a run, and undoes its effects unless another process is at it. That
// it ended is what was asked for, and no failure; that something is left is one.
func (s *session) cancel(ctx context.Context, outputs []report.Output, run, by, reason string) error {
	tenant, err := s.tenant()
	if err != nil {
		return err
	}
	if err := s.Cancel(ctx, tenant, run, by, reason); err != nil {
		return s.fail(err)
	}
	r, err := s.Resume(ctx, tenant, run)
	if errors.Is(err, enforce.Busy) {
		s.say("capcheck: another process executes the run; it ends it before its next effect")
		r, err = s.ShowRun(ctx, tenant, run)
	}
	if err != nil {
		return s.fail(err)
	}
	if err := s.reportOf(outputs, r); err != nil {
		return err
	}
	for _, step := range r.Steps {
		if step.Outcome == enforce.StepStuck || step.Outcome == enforce.StepUncertain {
			return incomplete("the run has ended, and the effect of %s may be left", step.Step)
		}
	}
	return nil
}
