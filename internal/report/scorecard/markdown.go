package scorecard

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"agentrisk/internal/report"
	"agentrisk/scoring/listing"
)

// Markdown writes every card for a pull request or a wiki.
func (s *Set) Markdown(w io.Writer) error {
	var b strings.Builder
	for i, c := range s.Scores {
		if i > 0 {
			b.WriteString("\n")
		}
		if err := c.markdown(&b); err != nil {
			return err
		}
	}
	if len(s.Incomplete) > 0 {
		b.WriteString("\n## Not scored\n\n")
		for _, p := range s.Incomplete {
			fmt.Fprintf(&b, "- %s\n", escape(p.String()))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (c *Card) markdown(b *strings.Builder) error {
	fmt.Fprintf(b, "## %s\n\n", escape(cmp.Or(c.Subject.Name, "unnamed")))
	switch {
	case c.Scored != nil:
		fmt.Fprintf(b, "**AIVSS %s %s** (`%s`)\n\n", score(c.Score), c.Band, c.Formula)
		for _, d := range c.derivations() {
			_, raw := inShort(d)
			fmt.Fprintf(b, "`%s`\n\n", raw)
		}
	case c.Decision != nil:
		fmt.Fprintf(b, "**%s** (`%s`), risk %s\n\n", c.unscored(), c.Formula, c.Decision.Risk)
	case c.Candidate != nil:
		fmt.Fprintf(b, "**%s** (`%s`)\n\n", c.unscored(), c.Formula)
	}
	factors := report.Table{Heading: []string{"factor", "value", "basis"}, Right: map[int]bool{1: true}}
	for _, f := range c.Factors {
		value := f.Interval().String()
		if c.Candidate != nil {
			value = f.Letter
		}
		factors.Rows = append(factors.Rows, []string{f.Name, value, string(f.Basis)})
	}
	if err := factors.Markdown(b); err != nil {
		return err
	}
	b.WriteString("\n")
	layers := report.Table{Heading: []string{"layer", "status", "threats"}}
	for _, l := range c.Layers {
		threats := make([]string, len(l.Threats))
		for i, t := range l.Threats {
			threats[i] = t.ID + " " + t.Name
		}
		layers.Rows = append(layers.Rows, []string{l.ID + " " + l.Name, statusText(l.Status), strings.Join(threats, ", ")})
	}
	if err := layers.Markdown(b); err != nil {
		return err
	}
	c.markdownLists(b)
	return nil
}

func (c *Card) markdownLists(b *strings.Builder) {
	if len(c.Chains) > 0 {
		b.WriteString("\n### Chains across layers\n\n")
		for _, chain := range c.Chains {
			fmt.Fprintf(b, "- **%s** (%s): %s\n", escape(chain.Name), chainState(chain), escape(chain.Advice))
		}
	}
	if len(c.Warnings) > 0 {
		b.WriteString("\n### Warnings and notes\n\n")
		for _, w := range c.Warnings {
			fmt.Fprintf(b, "- %s: %s\n", w.Kind, escape(w.Message))
		}
	}
}

func statusText(s listing.Status) string {
	switch s {
	case listing.Mapped:
		return "mapped"
	case listing.NotApplicable:
		return "not applicable"
	}
	return "not certain from listing"
}

// escape keeps the input's text from acting as Markdown or HTML.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`,
		"<", "&lt;", ">", "&gt;", "|", `\|`, "#", `\#`).Replace(report.Printable(text))
}
