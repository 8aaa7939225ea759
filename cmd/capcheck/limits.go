package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"agentrisk/capabilities/enforce/identity"
	"agentrisk/internal/report"
)

func (c *command) limitsCommand() *cobra.Command {
	return group("limits", "See whether an agent is paused, and let it go on", c.limitsShowCommand(), c.limitsResetCommand())
}

// agentVerb is a verb on an agent of a tenant.
func (c *command) agentVerb(use, short string, at *place, agent *string, work func(*cobra.Command, *session, string) error) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if *agent == "" {
				return usage("which agent? say --agent")
			}
			return c.using(cmd.Context(), at, func(s *session) error {
				tenant, err := s.tenant()
				if err != nil {
					return err
				}
				t, _ := s.world.Tenant(tenant)
				names := make([]string, len(t.Agents))
				for i, a := range t.Agents {
					names[i] = a.ID
				}
				if err := oneOf("agent", *agent, names); err != nil {
					return err
				}
				return work(cmd, s, tenant)
			})
		},
	}
	at.flags(cmd)
	cmd.Flags().StringVar(agent, "agent", "", "the agent; it must be said")
	return cmd
}

func (c *command) limitsShowCommand() *cobra.Command {
	var (
		at      place
		agent   string
		formats []string
	)
	cmd := c.agentVerb("show", "Show the circuit breaker of an agent", &at, &agent, func(cmd *cobra.Command, s *session, tenant string) error {
		outputs, err := report.ParseOutputs(formats, runFormats)
		if err != nil {
			return usage("%w", err)
		}
		b, err := s.Breaker(cmd.Context(), tenant, agent)
		if err != nil {
			return s.fail(err)
		}
		opened := ""
		if !b.Opened.IsZero() {
			opened = b.Opened.UTC().Format(time.RFC3339)
		}
		return s.show(outputs, renderers{
			"text": func(w io.Writer, _ report.Terminal) error {
				state := "not paused"
				if opened != "" {
					state = "paused since " + opened + ", until a person resets it: capcheck limits reset --agent " + quoteArg(agent) + " --as PERSON" + at.hints().Flags
				}
				_, err := fmt.Fprintf(w, "%s of %s: %s; %s\n", agent, tenant, state, b.Row())
				return err
			},
			"json": func(w io.Writer, _ report.Terminal) error {
				return report.WriteJSON(w, struct {
					Schema  string `json:"schema"`
					Tenant  string `json:"tenant"`
					Agent   string `json:"agent"`
					Paused  bool   `json:"paused"`
					Opened  string `json:"opened,omitempty"`
					Denials int64  `json:"denials"`
					ResetBy string `json:"reset_by,omitempty"`
				}{"agentrisk.limits/v1", tenant, agent, opened != "", opened, b.Denials, b.ResetBy})
			},
		})
	})
	formatFlag(cmd, &formats, runFormats)
	return cmd
}

func (c *command) limitsResetCommand() *cobra.Command {
	var (
		at        place
		agent, as string
	)
	cmd := c.agentVerb("reset", "Let a paused agent go on", &at, &agent, func(cmd *cobra.Command, s *session, tenant string) error {
		if as == "" {
			return usage("who lets it go on? say --as PERSON")
		}
		return s.fail(s.ResetBreaker(cmd.Context(), tenant, agent, as))
	})
	asFlag(cmd, &as, "the person who does it; it must be said")
	return cmd
}

func (c *command) revokeCommand() *cobra.Command {
	var (
		at                 place
		agent, user, token string
	)
	cmd := &cobra.Command{
		Use: "revoke", Short: "End an agent, a user or a token of a tenant, at once and for good", Args: cobra.NoArgs,
		Example: `  capcheck revoke --agent support-assistant`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var targets []identity.Target
			for _, one := range []identity.Target{{Kind: identity.TargetAgent, ID: agent}, {Kind: identity.TargetUser, ID: user}, {Kind: identity.TargetToken, ID: token}} {
				if one.ID != "" {
					targets = append(targets, one)
				}
			}
			if len(targets) != 1 {
				return usage("what to revoke? say one of --agent, --user and --token (its id, not the token itself)")
			}
			return c.using(cmd.Context(), &at, func(s *session) (err error) {
				if targets[0].Tenant, err = s.tenant(); err != nil {
					return err
				}
				return s.fail(s.Revoke(cmd.Context(), targets[0]))
			})
		},
	}
	at.flags(cmd)
	cmd.Flags().StringVar(&agent, "agent", "", "agent to revoke")
	cmd.Flags().StringVar(&user, "user", "", "user to revoke")
	cmd.Flags().StringVar(&token, "token", "", "id of the token to revoke, with all that was derived from it")
	return cmd
}
