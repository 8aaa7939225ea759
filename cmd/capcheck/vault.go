package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"agentrisk/capabilities/enforce/secrets"
	"agentrisk/internal/report"
)

func (c *command) secretsCommand() *cobra.Command {
	return group("secrets", "Keep the credentials that runs use, encrypted",
		c.secretsListCommand(), c.secretsPutCommand(), c.secretsRotateCommand(), c.secretsRevokeCommand())
}

func (c *command) secretsListCommand() *cobra.Command {
	var (
		at      place
		formats []string
	)
	cmd := &cobra.Command{
		Use: "list", Short: "List secrets, without their values", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			outputs, err := report.ParseOutputs(formats, runFormats)
			if err != nil {
				return usage("%w", err)
			}
			return c.using(cmd.Context(), &at, func(s *session) error {
				tenant, err := s.tenant()
				if err != nil {
					return err
				}
				found, err := s.Secrets().List(cmd.Context(), tenant)
				if err != nil {
					return s.fail(err)
				}
				return s.show(outputs, renderers{
					"text": func(w io.Writer, _ report.Terminal) error { return secretsText(w, found) },
					"json": func(w io.Writer, _ report.Terminal) error {
						return report.WriteJSON(w, map[string]any{"schema": "agentrisk.secrets/v1", "secrets": append([]secrets.Info{}, found...)})
					},
				})
			})
		},
	}
	at.flags(cmd)
	formatFlag(cmd, &formats, runFormats)
	return cmd
}

func secretsText(w io.Writer, list []secrets.Info) error {
	if len(list) == 0 {
		_, err := io.WriteString(w, "no secrets\n")
		return err
	}
	table := report.Table{Heading: []string{"name", "version", "created", "state", "purposes"}}
	for _, one := range list {
		for _, v := range one.Versions {
			state := "current"
			switch {
			case v.Revoked != nil:
				state = "revoked " + v.Revoked.UTC().Format(time.RFC3339)
			case v.Until != nil:
				state = "until " + v.Until.UTC().Format(time.RFC3339)
			}
			table.Rows = append(table.Rows, []string{one.Name, fmt.Sprint(v.Number), v.Created.UTC().Format(time.RFC3339), state, strings.Join(one.Purposes, ", ")})
		}
	}
	return table.Text(w)
}

// secretVerb is a verb that changes the secret of a name.
func (c *command) secretVerb(use, short string, at *place, creates bool, change func(context.Context, *session, string, string) error) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if !creates {
				if err := c.existing(at); err != nil {
					return err
				}
			}
			s, err := c.open(cmd.Context(), at, nil)
			if err != nil {
				return err
			}
			defer s.end(&err)
			tenant, err := s.tenant()
			if err != nil {
				return err
			}
			return s.fail(change(cmd.Context(), s, tenant, args[0]))
		},
	}
	at.flags(cmd)
	return cmd
}

func (c *command) secretsPutCommand() *cobra.Command {
	var (
		at       place
		purposes []string
	)
	cmd := c.secretVerb("put NAME", "Store a secret; its value is read from standard input", &at, true, func(ctx context.Context, s *session, tenant, name string) error {
		value, err := c.secretValue(ctx)
		if err != nil {
			return err
		}
		return s.Secrets().Put(ctx, tenant, name, value, purposes...)
	})
	cmd.Flags().StringArrayVar(&purposes, "for", []string{"run"}, "purpose that it may be used for; may be repeated")
	return cmd
}

func (c *command) secretsRotateCommand() *cobra.Command {
	var (
		at    place
		grace time.Duration
	)
	cmd := c.secretVerb("rotate NAME", "Store a new value, read from standard input", &at, false, func(ctx context.Context, s *session, tenant, name string) error {
		value, err := c.secretValue(ctx)
		if err != nil {
			return err
		}
		return s.Secrets().Rotate(ctx, tenant, name, value, grace)
	})
	cmd.Flags().DurationVar(&grace, "grace", 0, "how long the value before stays valid")
	return cmd
}

func (c *command) secretsRevokeCommand() *cobra.Command {
	var (
		at      place
		version int
	)
	cmd := c.secretVerb("revoke NAME", "End a secret, at once", &at, false, func(ctx context.Context, s *session, tenant, name string) error {
		return s.Secrets().Revoke(ctx, tenant, name, version)
	})
	cmd.Flags().IntVar(&version, "version", 0, "only this version (default: every one)")
	return cmd
}

// secretValue reads a value from standard input: without showing it on a terminal,
// and without the line's end.
func (c *command) secretValue(ctx context.Context) (secrets.Value, error) {
	var raw []byte
	var err error
	if c.asks {
		fmt.Fprint(c.stderr, "Value: ")
		raw, err = hidden(ctx, int(os.Stdin.Fd()))
		fmt.Fprintln(c.stderr)
	} else {
		raw, err = io.ReadAll(io.LimitReader(c.stdin, secrets.MaxValue+3))
	}
	if err != nil {
		return secrets.Value{}, incomplete("the value cannot be read: %w", err)
	}
	raw = bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
	if len(raw) == 0 {
		return secrets.Value{}, usage("no value on standard input")
	}
	if len(raw) > secrets.MaxValue {
		return secrets.Value{}, usage("the value is longer than %d bytes", secrets.MaxValue)
	}
	return secrets.New(string(raw)), nil
}
