package findings

import (
	"fmt"
	"io"
	"strings"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/report"
)

// maxMarkdown bounds the Markdown form, in bytes: a job summary on GitHub may
// hold one mebibyte, and is dropped whole above. What is left out is counted.
const maxMarkdown = 900 << 10

// Markdown writes the report for a pull request, a wiki or a job summary.
func (r *Report) Markdown(w io.Writer) error {
	var b strings.Builder
	s := r.Result.Summary
	fmt.Fprintf(&b, "## capcheck: %s\n\n", r.found())
	fmt.Fprintf(&b, "%s, %s, %s; %d of the privileged steps with every control they need.\n",
		plural(s.Files, "file"), plural(s.Steps, "step"), plural(s.Privileged, "privileged step"), s.Covered)
	if len(r.Result.Incomplete) > 0 {
		b.WriteString("\n### Not judged\n\n")
		r.markdownLines(&b, len(r.Result.Incomplete), func(i int) string {
			return "- " + escape(r.incompleteText(r.Result.Incomplete[i])) + "\n"
		})
	}
	if open := r.open(); len(open) > 0 {
		b.WriteString("\n### Findings\n")
		r.markdownLines(&b, len(open), func(i int) string { return r.markdownFinding(open[i]) })
	}
	if err := r.markdownMatrix(&b); err != nil {
		return err
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// markdownLines writes n parts, and how many of them there was no room for.
func (r *Report) markdownLines(b *strings.Builder, n int, part func(int) string) {
	for i := range n {
		text := part(i)
		if b.Len()+len(text) > maxMarkdown {
			fmt.Fprintf(b, "\n… and %d more, for which this page has no room.\n", n-i)
			return
		}
		b.WriteString(text)
	}
}

func (r *Report) markdownFinding(f *lint.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n**%s %s** %s\n\n", f.Severity, escape(f.Rule), escape(f.Message))
	fmt.Fprintf(&b, "- at %s%s\n", code(r.at(f.Location).String()), labelled(f.Label))
	shown, left := marks(f)
	for _, m := range shown[1:] {
		fmt.Fprintf(&b, "- see %s%s\n", code(r.at(m.at).String()), labelled(m.label))
	}
	if left > 0 {
		fmt.Fprintf(&b, "- and %s more\n", plural(left, "place"))
	}
	if f.Risk != "" {
		fmt.Fprintf(&b, "- risk: %s\n", escape(f.Risk))
	}
	if f.Help != "" {
		fmt.Fprintf(&b, "- help: %s\n", escape(f.Help))
	}
	return b.String()
}

func labelled(label string) string {
	if label == "" {
		return ""
	}
	return ": " + escape(label)
}

// markdownMatrix writes the coverage matrix as one table, as far as there is room.
func (r *Report) markdownMatrix(b *strings.Builder) error {
	rows := r.rows()
	if len(rows) == 0 {
		return nil
	}
	b.WriteString("\n### Coverage\n\n")
	t := report.Table{Heading: []string{"file", "step", "effect"}}
	t.Heading = append(t.Heading, controlNames[:]...)
	size, left := b.Len(), 0
	for i := range rows {
		m := &rows[i]
		cells := []string{escape(r.name(m.Step.File)), escape(m.Title), m.Step.Effect}
		for control := range m.Needs {
			cells = append(cells, escape(m.cell(control)))
		}
		// Columns are filled up to their widest cell, which is not known yet:
		// reckon with twice the text.
		if size += 2*len(strings.Join(cells, "")) + 40; size > maxMarkdown {
			left = len(rows) - i
			break
		}
		t.Rows = append(t.Rows, cells)
	}
	if len(t.Rows) > 0 {
		if err := t.Markdown(b); err != nil {
			return err
		}
	}
	if left > 0 {
		fmt.Fprintf(b, "\n… and %d more, for which this page has no room.\n", left)
	}
	return nil
}

// ruleMarkdown is the page of a rule for viewers of SARIF.
func ruleMarkdown(r lint.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n", escape(r.Title))
	for _, part := range ruleParts(r) {
		fmt.Fprintf(&b, "\n**%s** %s\n", part.name, escape(part.text))
	}
	return b.String()
}

// code sets text as code, whatever it holds.
func code(text string) string {
	return "`" + strings.ReplaceAll(report.Printable(text), "`", "'") + "`"
}

// escape keeps the input's text from acting as Markdown or HTML.
func escape(text string) string {
	return markdownEscapes.Replace(report.Printable(text))
}

var markdownEscapes = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`,
	"<", "&lt;", ">", "&gt;", "|", `\|`, "#", `\#`, "@", "@\u200b")
