package scorecard

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"

	"agentrisk/internal/report"
	"agentrisk/internal/source"
	"agentrisk/maestro"
	"agentrisk/scoring"
)

// scoreRule is the rule of the result that carries an agent's score.
const scoreRule = "aivss-score"

// SARIF writes a result for each score and one for each threat that a layer
// shows. Fingerprints hold no line numbers: a result keeps its identity when
// the input above it changes.
func (s *Set) SARIF(w io.Writer, version string) error {
	log := report.NewSARIF(report.SARIFComponent{Name: "aivss", Version: version}, len(s.Incomplete) == 0)
	run := &log.Runs[0]
	rules := newRules(run)
	for _, c := range s.Scores {
		at := c.place()
		run.Results = append(run.Results, rules.result(scoreRule, c.level(), c.headline(), at, c.Subject, c.properties()))
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
			report.SARIFNotification{Level: "error", Message: report.SARIFText{Text: p.Message},
				Locations: []report.SARIFLocation{report.SARIFAt(p.At)}})
	}
	return log.Write(w)
}

// place is where the input begins to speak of the score, else the file.
func (c *Card) place() source.Location {
	if len(c.CVSS.Evidence) > 0 {
		return c.CVSS.Evidence[0].At
	}
	for _, f := range c.Factors {
		if len(f.Evidence) > 0 {
			return f.Evidence[0].At
		}
	}
	return source.Location{File: c.Subject.File}
}

func (c *Card) headline() string {
	switch {
	case c.Scored != nil:
		return c.Subject.Name + ": AIVSS " + score(c.Score) + " " + c.Band.String() + " (" + c.Formula + ")"
	case c.Decision != nil:
		return c.Subject.Name + ": " + c.Decision.High.String() + " (" + c.Formula + ")"
	}
	return c.Subject.Name + ": effect class " + c.Candidate.Class.String() + " (" + c.Formula + ")"
}

func (c *Card) level() string {
	if c.Scored == nil {
		return "note"
	}
	switch c.Band.High {
	case scoring.BandCritical, scoring.BandHigh:
		return "error"
	case scoring.BandMedium:
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
	return report.SARIFResult{
		RuleID: id, RuleIndex: r.rule(id), Level: level,
		Message:             report.SARIFText{Text: message},
		Locations:           []report.SARIFLocation{report.SARIFAt(at)},
		PartialFingerprints: map[string]string{"agentrisk/v1": fingerprint(id, subject.Name, subject.Provider)},
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
	return report.SARIFRule{ID: id, Name: "AIVSS score", ShortDescription: text("AIVSS score of an agent"),
		FullDescription: text("The agent's score under the OWASP AIVSS formula that the result names."),
		Help:            text("Run aivss explain for the arithmetic, and aivss whatif for the cheapest way to a lower band.")}
}

// fingerprint identifies a result by what it is about.
func fingerprint(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}
