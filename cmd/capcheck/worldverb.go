package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/world"
	"agentrisk/internal/report"
	"agentrisk/internal/source"
)

// worldOf is the world that a runtime enforces in: the one said, the one in its
// folder, or else the demo world.
func (c *command) worldOf(p *place) (*world.World, error) {
	if p.world != "" {
		return c.readWorld(p.world)
	}
	name := filepath.Join(c.homeOf(p), worldFile)
	if _, err := os.Stat(name); err == nil {
		return c.readWorld(name)
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, incomplete("%w", err)
	}
	w, err := world.Demo()
	if err != nil {
		return nil, incomplete("the demo world: %w", err)
	}
	return w, nil
}

// readWorld reads a world file. A fault has the name that the user knows.
func (c *command) readWorld(name string) (*world.World, error) {
	path := c.abs(name)
	w, err := world.Read(os.DirFS(filepath.Dir(path)), filepath.Base(path))
	if err == nil {
		return w, nil
	}
	var at *source.Error
	if !errors.As(err, &at) {
		return nil, &exit{exitUsage, fmt.Errorf("the world %s: %w", name, err)}
	}
	return nil, faultIn(name, at)
}

// faultIn is a fault of a world in the file of a name that the user knows.
func faultIn(name string, at *source.Error) error {
	shown := *at
	shown.At.File = name
	return &exit{exitUsage, &shown}
}

// inWorld is a fault that showed when a world was brought up.
func (c *command) inWorld(at *source.Error, p *place) error {
	return faultIn(cmp.Or(p.world, filepath.Join(cmp.Or(p.home, homeFolder), worldFile)), at)
}

func (c *command) worldCommand() *cobra.Command {
	return group("world", "Begin, check and show the world that runs are enforced in",
		c.worldInitCommand(), c.worldCheckCommand(), c.worldShowCommand())
}

func (c *command) worldInitCommand() *cobra.Command {
	return &cobra.Command{
		Use: "init [FILE]", Short: "Begin a world of your own from the demo world", Args: cobra.MaximumNArgs(1),
		Long: `Write the demo world to FILE (` + worldFile + ` where none is given), to be changed. Give it to
the other verbs with --world, or put it into the runtime's folder as ` + worldFile + `.`,
		RunE: func(_ *cobra.Command, args []string) error {
			name := worldFile
			if len(args) > 0 {
				name = args[0]
			}
			f, err := os.OpenFile(c.abs(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			if errors.Is(err, os.ErrExist) {
				return usage("%s is there already", name)
			}
			if err != nil {
				return incomplete("%w", err)
			}
			_, err = f.Write(world.Template())
			if err := errors.Join(err, f.Close()); err != nil {
				return incomplete("%w", errors.Join(err, os.Remove(c.abs(name))))
			}
			_, err = fmt.Fprintln(c.stdout, name)
			return err
		},
	}
}

func (c *command) worldCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use: "check [FILE]", Short: "Check a world file, its models of relations and its faults", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := worldFile
			if len(args) > 0 {
				name = args[0]
			}
			err := c.tryWorld(cmd.Context(), name)
			var e *exit
			if errors.As(err, &e) {
				return &exit{exitFailed, e.err}
			}
			return err
		},
	}
}

// tryWorld reads a world and brings it up in memory, as only then its models and its
// operations are looked at.
func (c *command) tryWorld(ctx context.Context, name string) (err error) {
	s, err := c.open(ctx, &place{world: name}, func(o *enforce.Options) { o.Home = "" })
	if err != nil {
		return err
	}
	defer s.end(&err)
	return nil
}

func (c *command) worldShowCommand() *cobra.Command {
	var at place
	cmd := &cobra.Command{
		Use: "show", Short: "Show who is in the world and who may do what", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			w, err := c.worldOf(&at)
			if err != nil {
				return err
			}
			if at.tenant != "" {
				if _, found := w.Tenant(at.tenant); !found {
					return unknown("tenant", at.tenant, tenantsOf(w))
				}
			}
			return report.Output{}.Write(c.stdout, func(out io.Writer) error { return worldText(out, w, at.tenant) })
		},
	}
	cmd.Flags().StringVar(&at.home, "home", "", "folder of the runtime (default: "+homeFolder+" in this folder)")
	cmd.Flags().StringVar(&at.world, "world", "", "world to show (default: as of run)")
	at.tenantFlag(cmd)
	return cmd
}

// worldText is one table: who, in which tenant, and what they may.
func worldText(out io.Writer, w *world.World, only string) error {
	table := report.Table{Heading: []string{"tenant", "kind", "id", "may"}}
	for _, t := range w.Tenants {
		if only != "" && t.ID != only {
			continue
		}
		row := func(kind, id, may string) { table.Rows = append(table.Rows, []string{t.ID, kind, id, may}) }
		for _, u := range t.Users {
			row("user", u.ID, map[bool]string{true: "signed in", false: "signed out"}[u.Session])
		}
		for _, a := range t.Agents {
			for _, g := range a.Grants {
				row("agent", a.ID, fmt.Sprintf("for %s: %s on %s", g.User, strings.Join(g.Scopes, " "), cmp.Or(strings.Join(g.Resources, " "), "nothing")))
			}
		}
		for _, a := range t.Approvers {
			row("approver", a.User, strings.Join(a.Effects, " "))
		}
		for _, r := range t.Resources {
			row("resource", r.ID, cmp.Or(r.Sensitivity, "of unknown sensitivity"))
		}
	}
	return table.Text(out)
}
