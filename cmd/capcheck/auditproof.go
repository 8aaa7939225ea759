package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"agentrisk/capabilities/enforce/audit"
	"agentrisk/internal/report"
	"agentrisk/internal/report/runs"
)

func (c *command) auditCheckpointCommand() *cobra.Command {
	var at auditPlace
	cmd := &cobra.Command{
		Use: "checkpoint", Short: "Print a signed checkpoint over every entry, to keep elsewhere", Args: cobra.NoArgs,
		Long: `Print a signed checkpoint over every entry that is recorded by now. Keep it where
nobody who can write to the log can write; audit verify --checkpoint holds the log
to it later.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := c.logOf(&at)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), closing)
			defer cancel()
			log, err := audit.Open(ctx, dir, audit.Options{Random: rand.Reader})
			if err != nil {
				return incomplete("the log cannot be opened: %w", err)
			}
			checkpoint, err := log.Checkpoint(ctx)
			if err := errors.Join(err, log.Close(ctx)); err != nil {
				return incomplete("no checkpoint: %w", err)
			}
			return report.Output{}.Write(c.stdout, func(w io.Writer) error { _, err := w.Write(checkpoint); return err })
		},
	}
	at.flags(cmd)
	return cmd
}

func (c *command) auditProveCommand() *cobra.Command {
	var at auditPlace
	cmd := &cobra.Command{
		Use: "prove RUN [STEP]", Short: "Print a proof that entries are in the log, which verifies offline", Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := c.logOf(&at)
			if err != nil {
				return err
			}
			scope, err := at.scope()
			if err != nil {
				return err
			}
			step := ""
			if len(args) > 1 {
				step = args[1]
			}
			proof, err := audit.Prove(cmd.Context(), dir, scope, args[0], step)
			if err != nil {
				return &exit{codeOf(err), err}
			}
			return report.Output{}.Write(c.stdout, func(w io.Writer) error { _, err := w.Write(append(bytes.TrimRight(proof, "\n"), '\n')); return err })
		},
	}
	at.scopeFlags(cmd)
	return cmd
}

func (c *command) auditCheckProofCommand() *cobra.Command {
	var (
		witness, logKey string
		formats         []string
	)
	cmd := &cobra.Command{
		Use: "check-proof FILE --log-key KEY", Short: "Check a proof with nothing but the log's public key", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			outputs, err := report.ParseOutputs(formats, runFormats)
			if err != nil {
				return usage("%w", err)
			}
			if logKey == "" {
				return usage("whose log? say --log-key with the key that was kept elsewhere")
			}
			raw, err := readSmall(c.abs(args[0]))
			if err != nil {
				return incomplete("the proof cannot be read: %w", err)
			}
			opts, err := c.verifyOptions("", witness, logKey)
			if err != nil {
				return err
			}
			proven, err := audit.VerifyProof(raw, opts.LogKey, opts.WitnessKey)
			if errors.Is(err, audit.ErrDisproved) {
				return &exit{exitFailed, err}
			}
			if err != nil {
				return keyFault(err, incomplete("the proof cannot be checked: %w", err))
			}
			return c.write(outputs, renderers{
				"text": func(w io.Writer, t report.Terminal) error { return runs.ProvenText(w, t, proven) },
				"json": func(w io.Writer, _ report.Terminal) error { return report.WriteJSON(w, proven) },
			})
		},
	}
	cmd.Flags().StringVar(&logKey, "log-key", "", "the log's public key, or a file with it; it must be said")
	cmd.Flags().StringVar(&witness, "witness", "", "public key of a witness, or a file with it: its signature is then required")
	formatFlag(cmd, &formats, runFormats)
	return cmd
}
