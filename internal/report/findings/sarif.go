package findings

import (
	"io"
	"slices"
	"strings"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/report"
	"agentrisk/internal/source"
)

// FingerprintKey names our fingerprint in SARIF.
const FingerprintKey = "capcheck/v1"

// SARIF writes the report as SARIF 2.1.0, in the way that code scanning takes it:
// every rule that fired is described, results are never null, places are
// relative to the root of the tree, suppressed findings say why.
func (r *Report) SARIF(w io.Writer) error {
	driver := report.SARIFComponent{Name: "capcheck", Version: r.Version}
	log := report.NewSARIF(driver, len(r.Result.Incomplete) == 0)
	run := &log.Runs[0]
	rules, index := r.fired()
	used := newTaxonomies(rules)
	for _, rule := range rules {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, describe(rule, used))
	}
	run.Tool.Driver.SupportedTaxonomies = used.names()
	run.Taxonomies = used.components()
	for i := range r.Result.Findings {
		f := &r.Result.Findings[i]
		run.Results = append(run.Results, r.result(f, index[f.Rule]))
	}
	for _, i := range r.Result.Incomplete {
		n := report.SARIFNotification{Level: "error", Message: sarifText(i.Message)}
		if i.Rule != "" {
			n.Message.Text = "rule " + i.Rule + ": " + i.Message
		}
		if i.File != "" {
			n.Locations = []report.SARIFLocation{report.SARIFAt(source.Location{File: i.File})}
		}
		run.Invocations[0].ToolExecutionNotifications = append(run.Invocations[0].ToolExecutionNotifications, n)
	}
	return log.Write(w)
}

// fired returns the rules that have findings, in the order of their ids, and the
// place of each among them.
func (r *Report) fired() (rules []lint.Rule, index map[string]int) {
	index = map[string]int{}
	var ids []string
	for i := range r.Result.Findings {
		if id := r.Result.Findings[i].Rule; !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for i, id := range ids {
		index[id] = i
		rules = append(rules, r.rule(id))
	}
	return rules, index
}

func sarifText(text string) report.SARIFText {
	if text == "" {
		text = "-" // the standard wants some text
	}
	return report.SARIFText{Text: text}
}

// describe is a rule in SARIF's words.
func describe(r lint.Rule, used *taxonomies) report.SARIFRule {
	short, full, help := sarifText(r.Title), sarifText(either(r.Why, r.Title)), sarifText(either(r.Do, r.Title))
	help.Markdown = ruleMarkdown(r)
	out := report.SARIFRule{ID: r.ID, Name: pascal(r.Name), ShortDescription: &short, FullDescription: &full, Help: &help,
		DefaultConfiguration: &report.SARIFConfiguration{Level: string(r.Severity)}}
	tags := []string{"security", "capabilities"}
	for _, link := range links(r) {
		out.Relationships = append(out.Relationships, report.SARIFRelationship{Target: link.reference(), Kinds: []string{"relevant"}})
		tags = append(tags, link.tag())
	}
	out.Properties = map[string]any{"tags": tags, "precision": precision(r.Confidence),
		"problem.severity": problemSeverity(r.Severity), "security-severity": securitySeverity(r.Severity)}
	return out
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// pascal turns missing_approval into MissingApproval, as names of rules are.
func pascal(name string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '-' || r == ' ' }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// The words and numbers of code scanning: precision from the confidence, and a
// severity whose bands (9 critical, 7 high, 4 medium) match ours.
func precision(c lint.Confidence) string {
	switch c {
	case lint.Certain:
		return "very-high"
	case lint.Likely:
		return "high"
	}
	return "medium"
}

func problemSeverity(s lint.Severity) string {
	if s == lint.Note {
		return "recommendation"
	}
	return string(s)
}

func securitySeverity(s lint.Severity) string {
	switch s {
	case lint.Error:
		return "8.0"
	case lint.Warning:
		return "5.0"
	}
	return "2.0"
}

// result is a finding in SARIF's words.
func (r *Report) result(f *lint.Finding, rule int) report.SARIFResult {
	message := f.Message
	if f.Risk != "" {
		message += ": " + f.Risk
	}
	out := report.SARIFResult{RuleID: f.Rule, RuleIndex: rule, Level: string(f.Severity), Message: sarifText(message),
		Locations:           []report.SARIFLocation{report.SARIFAt(f.Location)},
		PartialFingerprints: map[string]string{FingerprintKey: f.Fingerprint},
		Properties:          map[string]any{"confidence": string(f.Confidence)}}
	for i, related := range f.Related {
		at := report.SARIFAt(related.Location)
		text := sarifText(related.Message)
		at.ID, at.Message = &i, &text
		out.RelatedLocations = append(out.RelatedLocations, at)
	}
	for _, link := range links(r.rule(f.Rule)) {
		out.Taxa = append(out.Taxa, link.reference())
	}
	if isPath(r.rule(f.Rule)) {
		out.CodeFlows = codeFlow(f)
	}
	if s := f.Suppression; f.Suppressed && s != nil {
		out.Suppressions = []report.SARIFSuppression{{Kind: "inSource", Justification: s.Reason}}
	}
	if r.Known != nil {
		out.BaselineState = "new"
		if r.Known[f.Fingerprint] {
			out.BaselineState = "unchanged"
			out.Suppressions = append(out.Suppressions, report.SARIFSuppression{Kind: "external", Justification: "in the baseline"})
		}
	}
	return out
}

// isPath reports whether the places of a rule's findings are a way through the
// document: something that comes too late, or a value that flows.
func isPath(r lint.Rule) bool {
	return strings.HasPrefix(r.Name, "late_") || strings.HasPrefix(r.Name, "secret_")
}

// codeFlow is the places of a finding in the order of the text.
func codeFlow(f *lint.Finding) []report.SARIFCodeFlow {
	if len(f.Related) == 0 {
		return nil
	}
	all, _ := marks(f)
	slices.SortStableFunc(all, func(a, b mark) int {
		if a.at.File != b.at.File {
			return strings.Compare(a.at.File, b.at.File)
		}
		if a.at.Range.Start.Before(b.at.Range.Start) {
			return -1
		}
		return 1
	})
	var steps []report.SARIFFlowLocation
	for _, m := range all {
		at := report.SARIFAt(m.at)
		text := sarifText(either(m.label, f.Message))
		at.Message = &text
		steps = append(steps, report.SARIFFlowLocation{Location: at})
	}
	return []report.SARIFCodeFlow{{ThreadFlows: []report.SARIFThreadFlow{{Locations: steps}}}}
}
