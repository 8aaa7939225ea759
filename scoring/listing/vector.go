package listing

import (
	"bytes"
	"errors"
	"strings"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// RuleFormulaVector is how the formula of a vector is found: by its tag.
const RuleFormulaVector = "formula-vector"

// looksLikeVector reports whether a text is one line with an AIVSS vector.
func looksLikeVector(text []byte) bool {
	text = bytes.TrimSpace(text)
	return !bytes.ContainsAny(text, "\r\n") &&
		(bytes.HasPrefix(text, []byte("AIVSS:")) || bytes.HasPrefix(text, []byte("CVSS:")) && bytes.Contains(text, []byte("AIVSS:")))
}

// readVector reads a file that holds one AIVSS vector; see scoring.ParseVector
// and scoring.ParseCandidate.
func readVector(file *source.File) (*Agent, error) {
	text := strings.TrimSpace(string(file.Text))
	start := bytes.Index(file.Text, []byte(text))
	at := file.At(start, start+len(text))
	var (
		a   *Agent
		err error
	)
	if strings.Contains(text, "AIVSS:1.0/") {
		a, err = candidateAgent(file.Name, text, at)
	} else {
		a, err = vectorAgent(file.Name, text, at)
	}
	if err != nil {
		return nil, vectorFault(file, start, err)
	}
	a.warn(WarnNoName, "a vector names no agent", at)
	return a, nil
}

func vectorAgent(name, text string, at source.Location) (*Agent, error) {
	v, err := scoring.ParseVector(text)
	if err != nil {
		return nil, err
	}
	evidence := []source.Evidence{{At: at, Quote: source.Quote(text)}}
	a := blank(FormVector, name, choice{formula: v.Formula, basis: source.Stated, rule: RuleFormulaVector})
	full, in := v.Formula.Unknown(), v.Input
	take := func(to *Value, now, unknown scoring.Interval) {
		if now != unknown {
			*to = Value{Interval: now, Basis: source.Stated, Evidence: evidence}
		}
	}
	take(&a.Base, in.Base, full.Base)
	take(&a.Threat, in.Threat, full.Threat)
	take(&a.Mitigation, in.Mitigation, full.Mitigation)
	for i := range a.Factors {
		take(&a.Factors[i].Value, in.Factors[i], full.Factors[i])
	}
	if in.AARSStated && in.AARS.Known() {
		a.StatedSum = Text{Value: in.AARS.Low.String(), Basis: source.Stated, Evidence: evidence}
	}
	if v.CVSS.Version != "" {
		a.takeVector(v.Formula, v.CVSS.Vector, v.CVSS, a.Base)
		take(&a.Threat, in.Threat, full.Threat)
	}
	return a, nil
}

func candidateAgent(name, text string, at source.Location) (*Agent, error) {
	candidate, err := scoring.ParseCandidate(text)
	if err != nil {
		return nil, err
	}
	f, _ := scoring.Lookup("aivss-1.0-candidate")
	evidence := []source.Evidence{{At: at, Quote: source.Quote(text)}}
	a := blank(FormVector, name, choice{formula: f, basis: source.Stated, rule: RuleFormulaVector})
	for i, letter := range candidate.Profile {
		if a.Factors[i].Letter = string(letter); letter != 'X' {
			a.Factors[i].Basis, a.Factors[i].Evidence = source.Stated, evidence
		}
	}
	if c := candidate.CVSS; c != nil {
		a.takeVector(f, c.Vector, *c, Value{Interval: scoring.Exactly(c.Base), Basis: source.Stated, Evidence: evidence})
	}
	return a, nil
}

// vectorFault gives an error in a vector its place in the file.
func vectorFault(file *source.File, start int, err error) error {
	fault := &source.Error{ID: "vector", Err: err, Message: err.Error()}
	var v *scoring.VectorError
	var c *scoring.CVSSError
	offset := 0
	switch {
	case errors.As(err, &v):
		offset, fault.Message, fault.Hint = v.Offset, "the vector is not valid: "+v.Reason, v.Hint
	case errors.As(err, &c):
		offset, fault.Message, fault.Hint = c.Offset, "the CVSS vector is not valid: "+c.Reason, c.Hint
	}
	fault.At = file.At(start+offset, start+offset+1)
	return Errors{fault}
}
