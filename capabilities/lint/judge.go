package lint

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"unicode/utf8"

	"agentrisk/capabilities/lint/facts"
	"agentrisk/internal/source"
)

// finding makes a finding of what a rule reported.
func (r *rule) finding(d *facts.Document, one report) (Finding, error) {
	place, ok := d.Place(facts.Handle(one.at))
	if !ok {
		return Finding{}, &RuleError{Rule: r.Name, Message: fmt.Sprintf("returns the handle %d, which is that of no fact", one.at)}
	}
	f := Finding{Rule: r.ID, Severity: r.Severity, Confidence: r.Confidence, Message: one.message, Location: oneLineOf(d, place.Range()),
		Label: one.label, Risk: r.Risk, Help: r.Do, Docs: r.Docs, Related: []Related{}, Evidence: []source.Evidence{},
		Flow: place.Flow, Step: place.Step}
	if one.severity != "" {
		f.Severity = one.severity
	}
	if one.confidence != "" {
		f.Confidence = one.confidence
	}
	if one.risk != "" {
		f.Risk = one.risk
	}
	if one.help != "" {
		f.Help = one.help
	}
	for _, other := range one.related {
		at, ok := d.Place(facts.Handle(other.at))
		if !ok {
			return Finding{}, &RuleError{Rule: r.Name, Message: fmt.Sprintf("returns the handle %d, which is that of no fact", other.at)}
		}
		f.Related = append(f.Related, Related{oneLineOf(d, at.Range()), other.message})
	}
	if len(one.related) == 0 {
		for _, note := range placesOf(r, d, facts.Handle(one.at)) {
			at, _ := d.Place(note.At)
			f.Related = append(f.Related, Related{oneLineOf(d, at.Range()), note.Text})
		}
	}
	slices.SortStableFunc(f.Related, func(a, b Related) int { return compareLocations(a.Location, b.Location) })
	f.Related = slices.Compact(f.Related)
	if s := d.StepAt(facts.Handle(one.at)); s != nil {
		f.Evidence = append(f.Evidence, s.Evidence...)
	}
	f.Fingerprint = fingerprint(r.ID, f.Location.File, place.Path, place.Operation)
	return f, nil
}

// placesOf returns the further places of the fact that a rule reported.
func placesOf(r *rule, d *facts.Document, at facts.Handle) []facts.Note {
	for _, list := range r.Over {
		for i := range d.Lists[list] {
			if d.Lists[list][i].At == at {
				return d.Lists[list][i].Places
			}
		}
	}
	return nil
}

// fingerprint names a finding by what it is about: no line numbers, so that it
// stays when lines move.
func fingerprint(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// number tells findings of the same fingerprint apart by their order.
func number(findings []Finding) {
	seen := map[string]int{}
	for i := range findings {
		f := &findings[i]
		seen[f.Fingerprint]++
		if n := seen[f.Fingerprint]; n > 1 {
			f.Fingerprint = fingerprint(f.Fingerprint, fmt.Sprint(n))
		}
	}
}

// oneLineOf cuts a place at the end of its first line.
func oneLineOf(d *facts.Document, l source.Location) source.Location {
	if l.Range.End.Line <= l.Range.Start.Line || d.Model.File == nil || d.Model.File.Name != l.File {
		l.Range.End.Line = l.Range.Start.Line
		return l
	}
	line := d.Model.File.Line(l.Range.Start.Line)
	l.Range.End = source.Position{Line: l.Range.Start.Line, Column: max(utf8.RuneCountInString(line)+1, l.Range.Start.Column)}
	return l
}
