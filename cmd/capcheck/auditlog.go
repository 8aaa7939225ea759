package main

import (
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"agentrisk/capabilities/enforce/audit"
	"agentrisk/internal/report"
	"agentrisk/internal/report/runs"
)

// auditPlace is the log that an audit verb works on. These verbs do not open the
// runtime, which refuses a log that contradicts itself.
type auditPlace struct {
	home, folder, tenant string
	all                  bool
}

func (a *auditPlace) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.home, "home", "", "folder of the runtime (default: "+homeFolder+" in this folder)")
	cmd.Flags().StringVar(&a.folder, "audit", "", "folder of the audit log (default: in the runtime's folder)")
}

func (a *auditPlace) scopeFlags(cmd *cobra.Command) {
	a.flags(cmd)
	cmd.Flags().StringVar(&a.tenant, "tenant", "", "tenant whose entries are read")
	cmd.Flags().BoolVar(&a.all, "all-tenants", false, "read the entries of every tenant, as who operates the runtime")
}

func (a *auditPlace) scope() (audit.Scope, error) {
	switch {
	case a.all && a.tenant != "":
		return audit.Scope{}, usage("--tenant and --all-tenants exclude each other")
	case a.all:
		return audit.AllTenants(), nil
	case a.tenant != "":
		return audit.ForTenant(a.tenant), nil
	}
	return audit.Scope{}, usage("whose entries? say --tenant ID, or --all-tenants as who operates the runtime")
}

// logOf is the folder of the log. One that is not there is an error, and no empty
// log.
func (c *command) logOf(a *auditPlace) (string, error) {
	dir := filepath.Join(c.homeOf(&place{home: a.home}), "audit")
	if a.folder != "" {
		dir = c.abs(a.folder)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", incomplete("there is no audit log in %s; --audit or --home names another", cmp.Or(a.folder, a.home, homeFolder))
	}
	return dir, nil
}

func (c *command) auditCommand() *cobra.Command {
	return group("audit", "Verify, read and export the audit log",
		c.auditVerifyCommand(), c.auditCheckpointCommand(), c.auditShowCommand(), c.auditExportCommand(), c.auditProveCommand(), c.auditCheckProofCommand(), c.auditWitnessCommand())
}

func (c *command) auditVerifyCommand() *cobra.Command {
	var (
		at                          auditPlace
		checkpoint, witness, logKey string
		formats                     []string
	)
	cmd := &cobra.Command{
		Use: "verify", Short: "Check the whole log, and say what could not be checked", Args: cobra.NoArgs,
		Long: `Recompute the log from its entries. What lies in the log's own folder proves only
that the folder agrees with itself: bring a checkpoint that was kept elsewhere, or
the key of a witness, and the log's public key from before.

Exit codes: 0 nothing is wrong as far as could be checked, 1 the log was changed,
3 the verification could not be carried out.`,
		Example: `  capcheck audit verify --checkpoint kept/checkpoint --log-key kept/log.pub`,
		RunE: func(*cobra.Command, []string) error {
			outputs, err := report.ParseOutputs(formats, runFormats)
			if err != nil {
				return usage("%w", err)
			}
			dir, err := c.logOf(&at)
			if err != nil {
				return err
			}
			opts, err := c.verifyOptions(checkpoint, witness, logKey)
			if err != nil {
				return err
			}
			return c.verify(outputs, dir, opts)
		},
	}
	at.flags(cmd)
	cmd.Flags().StringVar(&checkpoint, "checkpoint", "", "file with a checkpoint of the log that was kept elsewhere")
	cmd.Flags().StringVar(&witness, "witness", "", "public key of a witness, or a file with it: its signature is then required")
	cmd.Flags().StringVar(&logKey, "log-key", "", "the log's public key, or a file with it (default: the one beside the log)")
	formatFlag(cmd, &formats, runFormats)
	return cmd
}

func (c *command) verifyOptions(checkpoint, witness, logKey string) (opts audit.VerifyOptions, err error) {
	if checkpoint != "" {
		if opts.Checkpoint, err = readSmall(c.abs(checkpoint)); err != nil {
			return opts, incomplete("the kept checkpoint cannot be read: %w", err)
		}
	}
	if opts.WitnessKey, err = c.keyOf(witness); err != nil {
		return opts, err
	}
	opts.LogKey, err = c.keyOf(logKey)
	return opts, err
}

func (c *command) verify(outputs []report.Output, dir string, opts audit.VerifyOptions) error {
	r, err := audit.Verify(dir, opts)
	if err != nil {
		failed := incomplete("the log cannot be verified: %w", err)
		if opts.LogKey == "" && opts.WitnessKey == "" {
			return failed // the key that lies beside the log
		}
		return keyFault(err, failed)
	}
	err = c.write(outputs, renderers{
		"text": func(w io.Writer, t report.Terminal) error { return runs.VerifyText(w, t, r) },
		"json": func(w io.Writer, _ report.Terminal) error { return runs.VerifyJSON(w, r) },
	})
	if err == nil && !r.OK() {
		return &exit{exitFailed, nil}
	}
	return err
}

// keyOf is a public key: the text itself, or that of the file of this name.
func (c *command) keyOf(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	if _, err := os.Stat(c.abs(text)); err != nil {
		if strings.Count(text, "+") < 2 { // name+hash+key, as C2SP signed-note writes it
			return "", usage("%s is neither a file nor a public key", text)
		}
		return text, nil
	}
	raw, err := readSmall(c.abs(text))
	if err != nil {
		return "", incomplete("the key cannot be read: %w", err)
	}
	return strings.TrimSpace(string(raw)), nil
}

// maxSmall bounds files of keys, checkpoints and proofs.
const maxSmall = 64 << 20

func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxSmall+1))
	if err == nil && len(raw) > maxSmall {
		err = errors.New(path + " is too large")
	}
	return raw, err
}
