package listing

import (
	_ "embed"
	"fmt"
	"strings"

	"agentrisk/scoring"
)

// JSONSchema is the published JSON Schema (draft-07) of the assessment form.
//
//go:embed schema/assessment.v1.json
var JSONSchema []byte

// Template writes a commented assessment by the formula, in which nothing is
// known yet. It can be read as it is.
func Template(f *scoring.Formula) []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# An assessment of one agent by %s.", f.Title)
	line("# Whatever is unknown counts as the whole range it may lie in, never as zero.")
	line("# In place of a value, write {value: …, why: …, source: …} to say where it comes from.")
	line("schema: %s", SchemaAssessment)
	line("name: unnamed agent")
	line("# provider: who offers it")
	line("# description: what it does, in a few sentences; the layers are read from it")
	line("formula: %s", f.ID)
	b.WriteByte('\n')
	line("# The weakness behind it: a CVSS v4.0 vector such as")
	line("# CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:N/SC:N/SI:N/SA:N, or a base score from 0 to 10.")
	line("cvss: unknown")
	templateMultiplier(line, f, scoring.PartThreat)
	templateMultiplier(line, f, scoring.PartMitigation)
	templateMultiplier(line, f, "vulnerability")
	templateMultiplier(line, f, "impact")
	b.WriteByte('\n')
	line("factors:")
	for i := range f.Factors {
		templateFactor(line, f, &f.Factors[i])
	}
	b.WriteByte('\n')
	line("# What is known of the seven MAESTRO layers; status is mapped, not-certain or not-applicable.")
	line("# layers:")
	line("#   L3: {status: mapped, note: calls its tools through an orchestrator}")
	line("# What it can call.")
	line("# tools:")
	line("#   - name: search")
	line("#     description: looks up documents")
	return []byte(b.String())
}

func templateMultiplier(line func(string, ...any), f *scoring.Formula, key string) {
	m := multiplierOf(f, key)
	if m == nil {
		return
	}
	line("")
	if m.Continuous {
		line("# %s: a number from %s to %s, or one of", m.Name, m.Low, m.High)
	} else {
		line("# %s: one of", m.Name)
	}
	for _, l := range m.Levels {
		line("#   %-17s %-5s %s", l.ID, l.Value, l.Meaning)
	}
	line("%s: unknown", key)
}

func templateFactor(line func(string, ...any), f *scoring.Formula, factor *scoring.Factor) {
	between := ""
	if f.Continuous {
		between = ", any value between"
	}
	line("  # %s%s", factor.Name, between)
	for _, l := range factor.Levels {
		value := l.Letter
		if value == "" {
			value = l.Value.String()
		}
		line("  #   %-4s %s", value, l.Meaning)
	}
	line("  %s: unknown", factor.Key)
}
