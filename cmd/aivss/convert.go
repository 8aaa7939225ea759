package main

import (
	"io"

	"github.com/spf13/cobra"

	"agentrisk/internal/report"
	"agentrisk/internal/source"
	"agentrisk/scoring"
	"agentrisk/scoring/listing"
)

var convertForms = []string{"assessment", "appendix-a", "vector"}

func (c *command) convertCommand() *cobra.Command {
	var (
		how  reading
		to   []string
		meta listing.ReportMetadata
	)
	cmd := &cobra.Command{
		Use:   "convert [flags] PATH",
		Short: "Convert between the forms of input, and to the vector",
		Long: `Write what describes an agent as an assessment, as an AIVSS v0.8 Appendix A
report, or as a vector. What the target form demands and nobody stated is an
error: nothing is made up.`,
		Example: `  aivss convert page.html --to assessment=agent.yaml
  aivss convert agent.yaml --to vector
  aivss convert agent.yaml --to appendix-a --assessor j.doe --date 2026-11-22`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			opts, err := how.options()
			if err != nil {
				return err
			}
			outputs, err := report.ParseOutputs(to, convertForms)
			if err != nil {
				return usage("%w", err)
			}
			in, err := c.read(args, opts)
			if err != nil {
				return err
			}
			if err := c.problems(in.problems); err != nil {
				return err
			}
			return c.write(outputs, map[string]func(io.Writer, report.Terminal) error{
				"assessment": func(w io.Writer, _ report.Terminal) error { return writeAssessment(w, in.agents) },
				"appendix-a": func(w io.Writer, _ report.Terminal) error { return writeAppendixA(w, in.agents, meta) },
				"vector":     func(w io.Writer, _ report.Terminal) error { return writeVectors(w, in.agents) },
			})
		},
	}
	how.flags(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&to, "to", nil, "target form, or FORM=FILE; may be repeated: assessment, appendix-a, vector")
	flags.StringVar(&meta.AssessorID, "assessor", "", "id of the assessor, which an Appendix A report demands")
	flags.StringVar(&meta.AssessmentDate, "date", "", "date of the assessment (YYYY-MM-DD), which an Appendix A report demands")
	flags.StringVar(&meta.Category, "category", "", "OWASP category in an Appendix A report, where the input states none")
	flags.StringVar(&meta.SystemName, "system", "", "name of the system in an Appendix A report (default: the agent's)")
	flags.StringVar(&meta.SystemVersion, "system-version", "", "version of the system in an Appendix A report")
	flags.StringVar(&meta.Notes, "notes", "", "notes in an Appendix A report")
	return cmd
}

// writeAssessment writes one agent: an assessment file holds no more.
func writeAssessment(w io.Writer, agents []*listing.Agent) error {
	if len(agents) != 1 {
		return usage("the input holds %d agents; an assessment file holds one", len(agents))
	}
	text := listing.Assessment(agents[0])
	// A report's form allows a value that an assessment does not: better no
	// file than one that cannot be read.
	file, err := source.NewFile("assessment.yaml", text, source.Limits{})
	if err != nil {
		return err
	}
	if _, err := listing.Load(file, listing.Options{Form: listing.FormAssessment}); err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

func writeAppendixA(w io.Writer, agents []*listing.Agent, meta listing.ReportMetadata) error {
	text, err := listing.AppendixA(agents, meta)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// writeVectors writes a vector a line.
func writeVectors(w io.Writer, agents []*listing.Agent) error {
	for _, a := range agents {
		f, in, err := a.Input()
		if err != nil {
			return err
		}
		v := scoring.Vector{Formula: f, Input: in}
		if a.Vector.Value != "" {
			if v.CVSS, _, err = scoring.ParseCVSS(a.Vector.Value); err != nil {
				return err
			}
		}
		text, err := scoring.FormatVector(&v)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, text+"\n"); err != nil {
			return err
		}
	}
	return nil
}
