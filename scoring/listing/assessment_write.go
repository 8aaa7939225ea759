package listing

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// Assessment writes the agent as an assessment file in YAML. Reading it gives
// the same agent: values, reasons and sources are kept, and the formula, which
// may have been derived, is stated. A value that was read from another form
// names the place it was read from as its source. What an assessment has no
// field for — results that the input claims — is left out.
func Assessment(a *Agent) []byte {
	w := &yamlWriter{foreign: a.Form != FormAssessment}
	w.field("schema", SchemaAssessment)
	w.text("name", a.Name)
	w.text("provider", a.Provider)
	w.text("description", a.Description)
	w.field("formula", a.Formula.Value)
	w.base(a)
	f := a.FormulaOf()
	w.multiplier(f, scoring.PartThreat, &a.Threat, impliedThreat(a, f))
	w.multiplier(f, scoring.PartMitigation, &a.Mitigation, false)
	if len(f.Scales) > 0 {
		w.multiplier(f, "vulnerability", &a.Vulnerability, false)
		w.multiplier(f, "impact", &a.Impact, false)
	}
	if a.AARS.known() {
		w.value("", "aars", decimalText(&a.AARS), &a.AARS)
	}
	if len(a.Factors) > 0 {
		w.line("factors:")
		for i := range a.Factors {
			w.factor(&a.Factors[i])
		}
	}
	w.layers(a.Layers)
	w.tools(a.Tools)
	return []byte(w.b.String())
}

// impliedThreat reports whether reading the vector gives the threat again.
func impliedThreat(a *Agent, f *scoring.Formula) bool {
	if a.Threat.Basis != source.Derived || f.Threat == nil || a.Threat.Why+a.Threat.Source != "" {
		return false
	}
	c, fault := baseVector(a.Vector.Value)
	return fault == nil && c.Maturity != scoring.MaturityNotDefined && c.Maturity.Threat(f) == a.Threat.Interval
}

// yamlWriter writes the lines of an assessment.
type yamlWriter struct {
	b       strings.Builder
	foreign bool // the agent was read from another form
}

func (w *yamlWriter) line(format string, args ...any) {
	fmt.Fprintf(&w.b, format, args...)
	w.b.WriteByte('\n')
}

func (w *yamlWriter) field(key, text string) { w.line("%s: %s", key, yamlText(text, "  ")) }

func (w *yamlWriter) text(key string, t Text) {
	if t.Basis != "" && t.Basis != source.Unknown {
		w.field(key, t.Value)
	}
}

// value writes a value, with its reason and source where it has any.
func (w *yamlWriter) value(indent, key, value string, v *Value) {
	from := v.Source
	if from == "" && w.foreign && v.known() && len(v.Evidence) > 0 {
		from = v.Evidence[0].At.String()
	}
	if v.Why == "" && from == "" {
		w.line("%s%s: %s", indent, key, value)
		return
	}
	w.line("%s%s:", indent, key)
	w.line("%s  value: %s", indent, value)
	if v.Why != "" {
		w.line("%s  why: %s", indent, yamlText(v.Why, indent+"    "))
	}
	if from != "" {
		w.line("%s  source: %s", indent, yamlText(from, indent+"    "))
	}
}

func (w *yamlWriter) base(a *Agent) {
	switch {
	case a.Vector.Value != "":
		w.value("", "cvss", yamlText(a.Vector.Value, "  "), &a.Base)
	default:
		w.value("", "cvss", decimalText(&a.Base), &a.Base)
	}
}

func decimalText(v *Value) string {
	if !v.known() || !v.Interval.Known() {
		return unknownWord
	}
	return v.Interval.Low.String()
}

// multiplier writes a multiplier by the name of its level where it has one.
func (w *yamlWriter) multiplier(f *scoring.Formula, key string, v *Value, implied bool) {
	m := multiplierOf(f, key)
	if m == nil || implied {
		return
	}
	text := decimalText(v)
	if level, ok := m.LevelOf(v.Interval.Low); ok && text != unknownWord && !m.Continuous {
		text = level.ID
	}
	w.value("", key, text, v)
}

func (w *yamlWriter) factor(f *Factor) {
	text := decimalText(&f.Value)
	if f.Letter != "" {
		text = `"` + f.Letter + `"`
	}
	w.value("  ", f.Key, text, &f.Value)
}

func (w *yamlWriter) layers(layers []LayerNote) {
	if len(layers) > 0 {
		w.line("layers:")
	}
	for _, l := range layers {
		if status, _ := statusByWords(l.Text); l.Status == "" || l.Basis == source.Derived && status == l.Status {
			w.line("  %s: %s", l.Layer, yamlText(l.Text, "    "))
			continue
		}
		w.line("  %s:", l.Layer)
		w.line("    status: %s", l.Status)
		if l.Text != "" {
			w.line("    note: %s", yamlText(l.Text, "      "))
		}
	}
}

func (w *yamlWriter) tools(tools []Tool) {
	if len(tools) > 0 {
		w.line("tools:")
	}
	for _, t := range tools {
		if t.Description == "" {
			w.line("  - %s", yamlText(t.Name, "    "))
			continue
		}
		w.line("  - name: %s", yamlText(t.Name, "      "))
		w.line("    description: %s", yamlText(t.Description, "      "))
	}
}

var (
	plainYAML = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9 _./()+-]*$`)
	yamlWords = regexp.MustCompile(`^(?i:true|false|yes|no|on|off|y|n|null)$`)
)

// yamlText writes text as a YAML scalar: plain where nothing can be mistaken, a
// block where it has lines, in double quotes otherwise. Lines of a block are
// indented by indent.
func yamlText(text, indent string) string {
	switch {
	case plainYAML.MatchString(text) && !strings.HasSuffix(text, " ") && !yamlWords.MatchString(text):
		return text
	case fitsBlock(text):
		return "|-\n" + indent + strings.ReplaceAll(text, "\n", "\n"+indent)
	}
	b := []byte{'"'}
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, '\\', 'n')
		case r == ' ' || unicode.IsGraphic(r) && !unicode.Is(unicode.Zl, r) && !unicode.Is(unicode.Zp, r) && r != 0xfffd:
			b = append(b, string(r)...)
		case r > 0xffff:
			b = fmt.Appendf(b, `\U%08x`, r)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return string(append(b, '"'))
}

// fitsBlock reports whether the text has lines and a block keeps each as it is.
func fitsBlock(text string) bool {
	if !strings.Contains(text, "\n") {
		return false
	}
	for _, line := range strings.Split(text, "\n") {
		if line == "" || line[0] == ' ' || strings.HasSuffix(line, " ") {
			return false
		}
		for _, r := range line {
			if !unicode.IsPrint(r) {
				return false
			}
		}
	}
	return true
}
