package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"agentrisk/internal/report"
	"agentrisk/internal/source"
)

// The exit codes, as in docs/exit-codes.md.
const (
	exitOK         = 0
	exitFailed     = 1
	exitUsage      = 2
	exitIncomplete = 3
)

// command is the program with all that it takes from its surroundings.
type command struct {
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
	dir            string           // the folder it was started in
	now            func() time.Time // for the day on which suppressions are judged
	terminal       bool             // standard output is one
	asks           bool             // standard input is one: a person can be asked
	getenv         func(string) string
	noColor        bool
	width          int // columns of the terminal; 0 where not known

	progress func(text string) // tells a person how far long work is; nil where nobody looks
}

// exit is an error with an exit code. A nil err says nothing to the user: all
// was said already.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

func usage(format string, args ...any) error { return &exit{exitUsage, fmt.Errorf(format, args...)} }

func incomplete(format string, args ...any) error {
	return &exit{exitIncomplete, fmt.Errorf(format, args...)}
}

// main runs the program and returns its exit code.
func (c *command) main(args []string) int {
	root := c.root()
	root.SetArgs(args)
	err := root.ExecuteContext(c.ctx)
	if err == nil {
		return exitOK
	}
	var e *exit
	if !errors.As(err, &e) {
		// What cobra finds itself: unknown verbs, flags and their values.
		e = &exit{exitUsage, err}
	}
	if e.err != nil {
		c.say("capcheck: %v", e.err)
	}
	return e.code
}

func (c *command) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "capcheck",
		Short:         "Check what capabilities of AI agents lack: controls missing, late or unused, and doors left open; run them with every control enforced",
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(), // --version, as well as the command
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.SetIn(c.stdin)
	root.SetOut(c.stdout)
	root.SetErr(c.stderr)
	root.AddCommand(c.lintCommand(), c.explainCommand(), c.rulesCommand(), c.effectsCommand(), c.schemaCommand(), c.versionCommand(),
		c.runCommand(), c.runsCommand(), c.approvalsCommand(), c.auditCommand(), c.worldCommand(), c.secretsCommand(), c.limitsCommand(), c.revokeCommand())
	return root
}

// say writes a message to standard error.
func (c *command) say(format string, args ...any) {
	fmt.Fprintf(c.stderr, "%s\n", report.Printable(fmt.Sprintf(format, args...)))
}

// style is how text on standard output may look.
func (c *command) style() report.Terminal {
	return report.Terminal{Color: c.terminal && !c.noColor, Width: c.width}
}

// renderers write one report in each of its formats.
type renderers map[string]func(io.Writer, report.Terminal) error

// write delivers one report to each of its destinations.
func (c *command) write(outputs []report.Output, in renderers) error {
	for _, out := range outputs {
		style := c.style()
		if out.Path != "" {
			style = report.Terminal{}
		}
		err := out.Write(c.stdout, func(w io.Writer) error { return in[out.Format](w, style) })
		if err != nil {
			return incomplete("the %s report cannot be written: %w", out.Format, err)
		}
	}
	return nil
}

func formatFlag(cmd *cobra.Command, formats *[]string, allowed []string) {
	cmd.Flags().StringArrayVarP(formats, "format", "f", nil, "format of the report, or FORMAT=FILE; may be repeated: "+strings.Join(allowed, ", "))
	must(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(allowed, cobra.ShellCompDirectiveNoFileComp)))
}

// wordFlag is a flag whose value is one of some words.
func wordFlag(cmd *cobra.Command, to *string, name, value, what string, words []string) {
	cmd.Flags().StringVar(to, name, value, what+": "+strings.Join(words, ", "))
	must(cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)))
}

// oneOf checks the value of such a flag; an empty one is fine.
func oneOf(what, value string, words []string) error {
	if value == "" {
		return nil
	}
	for _, word := range words {
		if value == word {
			return nil
		}
	}
	return unknown(what, value, words)
}

// unknown is the error for a name that is none of the allowed ones.
func unknown(what, name string, allowed []string) error {
	if hint := source.DidYouMean(name, allowed); hint != "" {
		return usage("unknown %s %q; %s", what, name, hint)
	}
	return usage("unknown %s %q; expected one of %s", what, name, strings.Join(allowed, ", "))
}

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = string(one)
	}
	return out
}

// must is for what only a mistake in this program can make fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
