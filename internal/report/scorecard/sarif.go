package scorecard

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"

	"agentrisk/internal/report"
	"agentrisk/internal/source"
	"agentrisk/maestro"
	"agentrisk/scoring"
)

// scoreRule is the rule of the result that carries an agent's score. Code
// scanning takes the severity from the rule, so each band has one of its own.
const scoreRule = "aivss-score"

// bandRules are the rules of scores by their highest band, with the severity
// that code scanning knows for it.
var bandRules = []struct {
	id, severity string
	band         scoring.Band
}{
	{scoreRule + "-low", "3.9", scoring.BandLow},
	{scoreRule + "-medium", "6.9", scoring.BandMedium},
	{scoreRule + "-high", "8.9", scoring.BandHigh},
	{scoreRule + "-critical", "10.0", scoring.BandCritical},
}

func (c *Card) scoreRule() string {
	for _, r := range bandRules {
		if c.Scored != nil && c.Band.High == r.band {
			return r.id
		}
	}
	return scoreRule
}

// SARIF writes a result for each score and one for each threat that a layer
// shows. Fingerprints hold no line numbers: a result keeps its identity when
// the input above it changes.
func (s *Set) SARIF(w io.Writer, version string) error {
	log := report.NewSARIF(report.SARIFComponent{Name: "aivss", Version: version}, len(s.Incomplete) == 0)
	run := &log.Runs[0]
	rules := newRules(run)
	for _, c := range s.Scores {
		at := c.place()
		run.Results = append(run.Results, rules.result(c.scoreRule(), c.level(), c.headline(), at, c.Subject, c.properties()))
		for _, l := range c.Layers {
			for _, t := range l.Threats {
				where := at
				if len(t.Evidence) > 0 {
					where = t.Evidence[0].At
				}
				run.Results = append(run.Results, rules.result(t.ID, "note", t.Name+": "+t.Reason, where, c.Subject, nil))
			}
		}
	}
	for _, p := range s.Incomplete {
		run.Invocations[0].ToolExecutionNotifications = append(run.Invocations[0].ToolExecutionNotifications,
			report.SARIFNotification{Level: "error", Message: report.SARIFText{Text: p.text()},
				Locations: []report.SARIFLocation{report.SARIFAt(p.At)}})
	}
	return log.Write(w)
}

// place is where the input begins to speak of the score, else of the agent, else
// its first line, since code scanning shows no result without a line.
func (c *Card) place() source.Location {
	if len(c.CVSS.Evidence) > 0 {
		return c.CVSS.Evidence[0].At
	}
	for _, f := range c.Factors {
		if len(f.Evidence) > 0 {
			return f.Evidence[0].At
		}
	}
	if c.named.Range.Start.Line > 0 {
		return c.named
	}
	first := source.Position{Line: 1, Column: 1}
	return source.Location{File: c.Subject.File, Range: source.Range{Start: first, End: first}}
}

func (c *Card) headline() string {
	if c.Scored == nil {
		return cmp.Or(c.Subject.Name, "unnamed") + ": " + c.unscored() + " (" + c.Formula + ")"
	}
	return cmp.Or(c.Subject.Name, "unnamed") + ": AIVSS " + score(c.Score) + " " + c.Band.String() + " (" + c.Formula + ")"
}

// level is that of the worst that what is not known allows.
func (c *Card) level() string {
	switch {
	case c.Scored != nil && c.Band.High >= scoring.BandHigh, c.Decision != nil && c.Decision.High == scoring.Immediate:
		return "error"
	case c.Scored != nil && c.Band.High == scoring.BandMedium, c.Decision != nil && c.Decision.High == scoring.OutOfCycle:
		return "warning"
	}
	return "note"
}

// properties carries the severity that code scanning sorts by, as text.
func (c *Card) properties() map[string]any {
	if c.Scored == nil {
		return nil
	}
	return map[string]any{"security-severity": tenths(c.Score.High), "vector": c.Vector}
}

// ruleList collects the rules that results name, in order of first use.
type ruleList struct {
	run   *report.SARIFRun
	index map[string]int
}

func newRules(run *report.SARIFRun) *ruleList {
	return &ruleList{run: run, index: map[string]int{}}
}

func (r *ruleList) result(id, level, message string, at source.Location, subject Subject, properties map[string]any) report.SARIFResult {
	// A score that moves to another band is the same result still.
	kind := id
	if strings.HasPrefix(id, scoreRule) {
		kind = scoreRule
	}
	return report.SARIFResult{
		RuleID: id, RuleIndex: r.rule(id), Level: level,
		Message:             report.SARIFText{Text: message},
		Locations:           []report.SARIFLocation{report.SARIFAt(at)},
		PartialFingerprints: map[string]string{"agentrisk/v1": fingerprint(kind, subject.Name, subject.Provider)},
		Properties:          properties,
	}
}

func (r *ruleList) rule(id string) int {
	if i, ok := r.index[id]; ok {
		return i
	}
	driver := &r.run.Tool.Driver
	r.index[id] = len(driver.Rules)
	driver.Rules = append(driver.Rules, describe(id))
	return r.index[id]
}

func describe(id string) report.SARIFRule {
	text := func(s string) *report.SARIFText { return &report.SARIFText{Text: s} }
	if t, err := maestro.Lookup(id); err == nil {
		return report.SARIFRule{ID: id, Name: t.Name, ShortDescription: text(t.Name),
			FullDescription: text(t.Description), Help: text(t.Advice)}
	}
	rule := report.SARIFRule{ID: id, Name: "AIVSS score", ShortDescription: text("AIVSS score of an agent"),
		FullDescription: text("The agent's score under the OWASP AIVSS formula that the result names."),
		Help:            text("Run aivss explain for the arithmetic, and aivss whatif for the cheapest way to a lower band.")}
	for _, r := range bandRules {
		if r.id == id {
			rule.ShortDescription = text("AIVSS score that reaches the band " + r.band.String())
			rule.Properties = map[string]any{"security-severity": r.severity, "tags": []string{"security"}}
		}
	}
	return rule
}

// fingerprint identifies a result by what it is about.
func fingerprint(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}
