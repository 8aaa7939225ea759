package main

import (
	"io"

	"github.com/spf13/cobra"

	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/internal/report"
	"agentrisk/internal/report/runs"
)

// maxPage is the longest page of a list.
const maxPage = 500

// listing is which page of a list to show.
type listing struct {
	after string
	limit int
}

func (l *listing) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&l.after, "after", "", "show what follows: the word that the page before ends with")
	cmd.Flags().IntVar(&l.limit, "limit", 0, "how many to show, up to 500 (default: 100)")
}

func (l *listing) check() error {
	if l.limit < 0 || l.limit > maxPage {
		return usage("--limit %d: expected a number from 1 to %d", l.limit, maxPage)
	}
	return nil
}

func asFlag(cmd *cobra.Command, as *string, what string) {
	cmd.Flags().StringVar(as, "as", "", what)
}

// group is a verb that has verbs of its own.
func group(use, short string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(verbs...)
	return cmd
}

func (c *command) approvalsCommand() *cobra.Command {
	return group("approvals", "See and decide what people are asked",
		c.approvalsListCommand(), c.approvalsShowCommand(), c.approvalsDecideCommand(true), c.approvalsDecideCommand(false))
}

func (c *command) approvalsListCommand() *cobra.Command {
	var (
		at      place
		page    listing
		open    bool
		formats []string
	)
	cmd := &cobra.Command{
		Use: "list", Short: "List approvals, the newest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			outputs, err := report.ParseOutputs(formats, runFormats)
			if err != nil {
				return usage("%w", err)
			}
			if err := page.check(); err != nil {
				return err
			}
			return c.using(cmd.Context(), &at, func(s *session) error {
				tenant, err := s.tenant()
				if err != nil {
					return err
				}
				found, err := s.Approvals(cmd.Context(), approval.Filter{Tenant: tenant, Open: open, After: page.after, Limit: page.limit})
				if err != nil {
					return s.fail(err)
				}
				return s.show(outputs, renderers{
					"text": func(w io.Writer, _ report.Terminal) error { return runs.ApprovalsText(w, found) },
					"json": func(w io.Writer, _ report.Terminal) error { return runs.ApprovalsJSON(w, found) },
				})
			})
		},
	}
	at.flags(cmd)
	page.flags(cmd)
	formatFlag(cmd, &formats, runFormats)
	cmd.Flags().BoolVar(&open, "open", false, "only those that wait for a decision")
	return cmd
}

func (c *command) approvalsShowCommand() *cobra.Command {
	var (
		at      place
		formats []string
	)
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show exactly what is to be approved", Args: cobra.ExactArgs(1),
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
				a, err := s.Approval(cmd.Context(), tenant, args[0])
				if err != nil {
					return s.fail(err)
				}
				return s.showApproval(outputs, a)
			})
		},
	}
	at.flags(cmd)
	formatFlag(cmd, &formats, runFormats)
	return cmd
}

func (s *session) showApproval(outputs []report.Output, a approval.Approval) error {
	who := s.mayDecide(a)
	return s.show(outputs, renderers{
		"text": func(w io.Writer, t report.Terminal) error { return runs.ApprovalText(w, t, a, who) },
		"json": func(w io.Writer, _ report.Terminal) error { return runs.ApprovalJSON(w, a, who) },
	})
}

// approvalsDecideCommand is approve or deny. The program does not know who sits
// in front of it: the person is said, and whoever lets people use it vouches.
func (c *command) approvalsDecideCommand(approve bool) *cobra.Command {
	var (
		at         place
		as, reason string
		formats    []string
	)
	use, short := "deny ID --as PERSON", "Deny: the step does not happen"
	if approve {
		use, short = "approve ID --as PERSON", "Approve exactly what is shown, once"
	}
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			outputs, err := report.ParseOutputs(formats, runFormats)
			if err != nil {
				return usage("%w", err)
			}
			if as == "" {
				return usage("who decides? say --as PERSON")
			}
			return c.using(cmd.Context(), &at, func(s *session) error {
				tenant, err := s.tenant()
				if err != nil {
					return err
				}
				a, err := s.Decide(cmd.Context(), approval.Answer{ID: args[0], Tenant: tenant, Person: decision.Actor{Kind: "user", ID: as}, Approve: approve, Reason: reason})
				if err != nil {
					return s.fail(err)
				}
				if err := s.showApproval(outputs, a); err != nil {
					return err
				}
				s.say("capcheck: the run can go on: capcheck runs resume %s%s", a.Run, at.hints().Flags)
				return nil
			})
		},
	}
	at.flags(cmd)
	asFlag(cmd, &as, "who decides; it must be said")
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	formatFlag(cmd, &formats, runFormats)
	return cmd
}
