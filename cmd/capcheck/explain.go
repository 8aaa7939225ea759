package main

import (
	"context"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"agentrisk/capabilities/lint"
)

// fingerprintForm is what a fingerprint, or its beginning, looks like.
var fingerprintForm = regexp.MustCompile(`^[0-9a-f]{6,32}$`)

func (c *command) explainCommand() *cobra.Command {
	var how scanning
	cmd := &cobra.Command{
		Use:   "explain [flags] RULE|FINGERPRINT [PATH...]",
		Short: "Explain a rule, or one finding with its evidence",
		Long: `Explain a rule by its id or name, or a finding by its fingerprint or the
beginning of it. For a finding, the files are linted again.`,
		Example: `  capcheck explain CAP105
  capcheck explain missing_approval
  capcheck explain 3f9a1c04 capabilities/`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			rule, err := c.ruleOf(how, args[0], args[1:])
			if err == nil {
				return showRule(c, rule)
			}
			if name := strings.ToLower(args[0]); fingerprintForm.MatchString(name) {
				return c.explainFinding(cmd.Context(), how, name, args[1:])
			}
			return err
		},
	}
	how.flags(cmd)
	return cmd
}

// explainFinding lints the paths and shows the finding of this fingerprint.
func (c *command) explainFinding(ctx context.Context, how scanning, print string, paths []string) error {
	how.profile = string(lint.Audit)
	s, err := c.prepare(ctx, how, paths)
	if err != nil {
		return err
	}
	defer s.tree.Close()
	r := s.run(ctx)
	var found []*lint.Finding
	for i := range r.Result.Findings {
		if f := &r.Result.Findings[i]; strings.HasPrefix(f.Fingerprint, print) {
			found = append(found, f)
		}
	}
	for _, line := range r.Unjudged() {
		c.say("%s", line)
	}
	switch {
	case len(found) == 1:
		return r.Explain(c.stdout, c.style(), found[0])
	case len(found) > 1:
		return usage("%d findings have a fingerprint that begins with %s; give more of it", len(found), print)
	case len(r.Result.Incomplete) > 0:
		return incomplete("no finding has the fingerprint %s, but not everything could be judged", print)
	}
	return usage("no finding has the fingerprint %s in %d files", print, r.Result.Summary.Files)
}
