package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"agentrisk/internal/report"
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
	stdin          io.Reader
	stdout, stderr io.Writer
	terminal       bool // standard output is one
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

// main runs the program and returns its exit code.
func (c *command) main(args []string) int {
	root := c.root()
	root.SetArgs(args)
	err := root.Execute()
	if err == nil {
		return exitOK
	}
	var e *exit
	if !errors.As(err, &e) {
		// What cobra finds itself: unknown verbs, flags and their values.
		e = &exit{exitUsage, err}
	}
	if e.err != nil {
		c.say("aivss: %v", e.err)
	}
	return e.code
}

func (c *command) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "aivss",
		Short:         "Score an AI agent: OWASP AIVSS, exactly, with evidence",
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
	root.AddCommand(
		c.scoreCommand(), c.explainCommand(), c.whatifCommand(), c.diffCommand(), c.convertCommand(),
		c.threatsCommand(), c.formulasCommand(), c.initCommand(), c.validateCommand(), c.schemaCommand(), c.versionCommand())
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

// write delivers one report to each of its destinations.
func (c *command) write(outputs []report.Output, renderers map[string]func(io.Writer, report.Terminal) error) error {
	for _, out := range outputs {
		style := c.style()
		if out.Path != "" {
			style = report.Terminal{}
		}
		err := out.Write(c.stdout, func(w io.Writer) error { return renderers[out.Format](w, style) })
		if err != nil {
			return &exit{exitIncomplete, fmt.Errorf("the %s report cannot be written: %w", out.Format, err)}
		}
	}
	return nil
}
