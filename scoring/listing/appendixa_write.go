package listing

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// ReportMetadata is what the JSON report of AIVSS v0.8 requires and no
// assessment holds: it comes from the caller and is never made up.
type ReportMetadata struct {
	AssessorID     string // required
	AssessmentDate string // required: 2026-03-31, or with a time after RFC 3339
	SystemName     string // empty: as the agents say
	SystemVersion  string
	Category       string // OWASP category of agents that do not state one
	Notes          string
}

type jsonReport struct {
	Metadata        jsonMetadata        `json:"metadata"`
	Vulnerabilities []jsonVulnerability `json:"vulnerabilities"`
}

type jsonMetadata struct {
	SystemName     string `json:"system_name"`
	SystemVersion  string `json:"system_version,omitempty"`
	AssessmentDate string `json:"assessment_date"`
	AssessorID     string `json:"assessor_id"`
	Notes          string `json:"notes,omitempty"`
}

type jsonVulnerability struct {
	ID          string          `json:"id"`
	Title       string          `json:"title,omitempty"`
	Description string          `json:"description,omitempty"`
	Category    string          `json:"owasp_category"`
	Base        jsonBase        `json:"cvss_base"`
	Factors     json.RawMessage `json:"amplification_factors"`
	Threat      scoring.Decimal `json:"threat_multiplier"`
	Scores      jsonScores      `json:"scores"`
}

type jsonBase struct {
	Vector string          `json:"vector_string"`
	Score  scoring.Decimal `json:"score"`
}

type jsonScores struct {
	Sum        scoring.Decimal `json:"factor_sum"`
	AARS       scoring.Exact   `json:"aars"`
	Mitigation scoring.Decimal `json:"mitigation_factor"`
	Score      scoring.Decimal `json:"aivss"`
	Severity   string          `json:"severity"`
}

var dateForm = regexp.MustCompile(`^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?$`)

// AppendixA writes the agents as the JSON report of AIVSS v0.8. The report has
// no place for what is unknown and for any other formula: such an agent is an
// error, of type [Errors], that names all that is missing.
func AppendixA(agents []*Agent, meta ReportMetadata) ([]byte, error) {
	var c collector
	system := reportSystem(agents, meta, &c)
	lacks := func(file, what, hint string) {
		c.add(&source.Error{At: source.Location{File: file}, ID: "missing-field", Message: "the report requires " + what, Hint: hint})
	}
	if meta.AssessorID == "" {
		lacks("", "the id of the assessor", "the caller gives it")
	}
	if !dateForm.MatchString(meta.AssessmentDate) {
		lacks("", "the date of the assessment", "the caller gives it, as in 2026-03-31")
	}
	if len(agents) == 0 {
		lacks("", "at least one vulnerability", "")
	}
	out := jsonReport{Metadata: jsonMetadata{system, meta.SystemVersion, meta.AssessmentDate, meta.AssessorID, meta.Notes}}
	if out.Metadata.SystemVersion == "" && len(agents) > 0 && agents[0].Reported != nil {
		out.Metadata.SystemVersion = agents[0].Reported.SystemVersion
	}
	for i, a := range agents {
		out.Vulnerabilities = append(out.Vulnerabilities, reportOf(a, i, meta, &c))
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		return nil, fmt.Errorf("the report cannot be written: %w", err)
	}
	return b.Bytes(), nil
}

// reportSystem finds the one system that the report is about.
func reportSystem(agents []*Agent, meta ReportMetadata, c *collector) string {
	name := meta.SystemName
	for _, a := range agents {
		own := a.Name.Value
		if a.Reported != nil {
			own = a.Reported.SystemName
		}
		switch {
		case meta.SystemName != "" || own == "" || own == name:
		case name == "":
			name = own
		default:
			c.add(&source.Error{At: source.Location{File: a.File}, ID: "contradiction",
				Message: fmt.Sprintf("a report is about one system, and these are %s and %s", quote(name), quote(own)), Hint: "give the system's name, or write one report each"})
			return name
		}
	}
	if name == "" {
		c.add(&source.Error{ID: "missing-field", Message: "the report requires the name of the system", Hint: "the caller gives it, or the agent's name"})
	}
	return name
}

func reportOf(a *Agent, i int, meta ReportMetadata, c *collector) jsonVulnerability {
	v := jsonVulnerability{ID: fmt.Sprintf("AIVSS-%d", i+1), Description: a.Description.Value, Category: meta.Category}
	if a.Reported != nil {
		v.ID, v.Title, v.Category = a.Reported.ID, a.Reported.Title, a.Reported.Category
	}
	f, in, err := a.Input()
	if f.ID != "aivss-0.8" || err != nil {
		c.add(&source.Error{At: source.Location{File: a.File}, ID: "not-in-form", Message: "the report holds assessments by aivss-0.8 only, and this one is by " + f.ID,
			Hint: "assess the agent by aivss-0.8; a formula cannot be turned into another", Err: err})
		return v
	}
	var missing []string
	need := func(what string, known bool) {
		if !known {
			missing = append(missing, what)
		}
	}
	need("owasp category", v.Category != "")
	need("cvss vector", a.Vector.Value != "")
	need("cvss base", a.Base.known())
	need("threat", a.Threat.known())
	need("mitigation", a.Mitigation.known())
	for k := range a.Factors {
		need(a.Factors[k].Key, a.Factors[k].known())
	}
	if len(missing) > 0 {
		c.add(&source.Error{At: source.Location{File: a.File}, ID: "missing-field", Message: "the report requires what is not known here: " + strings.Join(missing, ", "),
			Hint: "the report cannot say unknown"})
		return v
	}
	r := f.Score(&in)
	v.Base = jsonBase{a.Vector.Value, a.Base.Interval.Low}
	v.Factors = reportFactors(a)
	v.Threat = a.Threat.Interval.Low
	v.Scores = jsonScores{r.FactorSum.Low, r.AARS.Low, a.Mitigation.Interval.Low, r.Score.Low, r.BandLow.String()}
	return v
}

// reportFactors writes the factors in the formula's order.
func reportFactors(a *Agent) json.RawMessage {
	b := []byte{'{'}
	for i := range a.Factors {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), a.Factors[i].Key...), '"', ':')
		b = a.Factors[i].Interval.Low.Append(b)
	}
	return append(b, '}')
}
