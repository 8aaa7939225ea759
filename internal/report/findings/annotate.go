package findings

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/report"
)

// GitHub writes a workflow command for every open finding, the worst first,
// since GitHub shows only some of them, and for what could not be judged. The
// job summary is the Markdown form.
func (r *Report) GitHub(w io.Writer) error {
	var b strings.Builder
	open := r.open()
	slices.SortStableFunc(open, func(a, b *lint.Finding) int {
		return cmp.Compare(slices.Index(lint.Severities(), a.Severity), slices.Index(lint.Severities(), b.Severity))
	})
	for _, i := range r.Result.Incomplete {
		message := i.Message
		if i.Rule != "" {
			message = "rule " + i.Rule + ": " + message
		}
		b.WriteString(command("error", message, "file", i.File, "title", "capcheck: not judged"))
	}
	for _, f := range open {
		kind := string(f.Severity)
		if f.Severity == lint.Note {
			kind = "notice"
		}
		pairs := []string{"file", f.Location.File}
		if start, end := f.Location.Range.Start, f.Location.Range.End; start.Line > 0 {
			pairs = append(pairs, "line", fmt.Sprint(start.Line), "col", fmt.Sprint(start.Column))
			if end.Line == start.Line && end.Column > start.Column {
				pairs = append(pairs, "endLine", fmt.Sprint(end.Line), "endColumn", fmt.Sprint(end.Column))
			}
		}
		pairs = append(pairs, "title", f.Rule+": "+r.rule(f.Rule).Title)
		b.WriteString(command(kind, f.Message+"\n"+f.Risk+"\n"+f.Help, pairs...))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// command is a workflow command. What the input says is escaped, so that it can
// neither end the command nor begin another.
func command(name, message string, pairs ...string) string {
	var b strings.Builder
	b.WriteString("::" + name)
	sign := " "
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		b.WriteString(sign + pairs[i] + "=" + escapeProperty.Replace(pairs[i+1]))
		sign = ","
	}
	b.WriteString("::" + escapeData.Replace(printableLines(strings.TrimRight(message, "\n"))) + "\n")
	return b.String()
}

// printableLines takes control characters out of text, ends of lines aside.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = report.Printable(lines[i])
	}
	return strings.Join(lines, "\n")
}

// GitHub's own rules of escaping.
var (
	escapeData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	escapeProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// The elements of GitLab's code quality report.
type (
	gitlabIssue struct {
		Description string         `json:"description"`
		CheckName   string         `json:"check_name"`
		Fingerprint string         `json:"fingerprint"`
		Severity    string         `json:"severity"`
		Location    gitlabLocation `json:"location"`
	}
	gitlabLocation struct {
		Path  string      `json:"path"`
		Lines gitlabLines `json:"lines"`
	}
	gitlabLines struct {
		Begin int `json:"begin"`
		End   int `json:"end,omitempty"`
	}
)

// GitLab writes the open findings as a code quality report. What could not be
// judged is an issue too: the form has no other place for it.
func (r *Report) GitLab(w io.Writer) error {
	out := []gitlabIssue{}
	for n, i := range r.Result.Incomplete {
		out = append(out, gitlabIssue{Description: "not judged: " + i.Message, CheckName: either(i.Rule, "incomplete"),
			Fingerprint: fmt.Sprintf("incomplete-%s-%s-%d", i.File, i.Rule, n), Severity: "blocker",
			Location: gitlabLocation{Path: either(i.File, "."), Lines: gitlabLines{Begin: 1}}})
	}
	for _, f := range r.open() {
		severity := map[lint.Severity]string{lint.Error: "critical", lint.Warning: "major"}[f.Severity]
		out = append(out, gitlabIssue{Description: f.Message + ": " + f.Risk, CheckName: f.Rule, Fingerprint: f.Fingerprint,
			Severity: either(severity, "info"), Location: gitlabLocation{Path: f.Location.File,
				Lines: gitlabLines{Begin: max(f.Location.Range.Start.Line, 1), End: f.Location.Range.End.Line}}})
	}
	return report.WriteJSON(w, out)
}
