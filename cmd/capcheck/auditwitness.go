package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"agentrisk/capabilities/enforce/audit"
	"agentrisk/internal/report"
)

func (c *command) auditWitnessCommand() *cobra.Command {
	var (
		at     auditPlace
		logKey string
	)
	cmd := &cobra.Command{
		Use: "witness FOLDER --log-key KEY", Short: "Cosign the log's checkpoint, as a witness that lives in a folder", Args: cobra.ExactArgs(1),
		Long: `Look at the log as its witness: compare it with what the witness saw last, remember
it, and cosign its checkpoint where it grew out of that. The folder holds the key
and the memory of the witness, and is made on first use. It is worth something only
where whoever owns the log cannot write. Give ` + witnessKey + ` of the folder to those who verify.

Exit codes: 0 cosigned, 1 the log does not continue what the witness saw, 3 it
could not be looked at.`,
		Example: `  capcheck audit witness /mnt/elsewhere/witness --log-key kept/log.pub
  capcheck audit verify --witness kept/witness.pub --log-key kept/log.pub`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if logKey == "" {
				return usage("whose log? say --log-key with the key that was kept elsewhere")
			}
			dir, err := c.logOf(&at)
			if err != nil {
				return err
			}
			key, err := c.keyOf(logKey)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), closing)
			defer cancel()
			cosigned, err := c.cosign(ctx, c.abs(args[0]), dir, key)
			if err != nil {
				return err
			}
			c.say("capcheck: cosigned; the witness's public key is in %s", filepath.Join(args[0], witnessKey))
			return report.Output{}.Write(c.stdout, func(w io.Writer) error { _, err := w.Write(cosigned); return err })
		},
	}
	at.flags(cmd)
	cmd.Flags().StringVar(&logKey, "log-key", "", "the log's public key, or a file with it; it must be said")
	return cmd
}

// witnessKey is the file with the public key, in the folder of a witness.
const witnessKey = "witness.pub"

func (c *command) cosign(ctx context.Context, folder, log, logKey string) ([]byte, error) {
	witness, err := audit.OpenWitness(folder, rand.Reader, c.now)
	if err != nil {
		return nil, incomplete("the witness cannot be opened: %w", err)
	}
	cosigned, err := witness.Cosign(ctx, log, logKey)
	switch {
	case errors.Is(err, audit.ErrInconsistent), errors.Is(err, audit.ErrTampered):
		return nil, &exit{exitFailed, err}
	case err != nil:
		return nil, keyFault(err, incomplete("the log cannot be cosigned: %w", err))
	}
	return cosigned, nil
}

// keyFault is wrong usage where a key cannot be read as one, else the other error.
func keyFault(err, other error) error {
	if errors.Is(err, audit.ErrKey) {
		return &exit{exitUsage, err}
	}
	return other
}
