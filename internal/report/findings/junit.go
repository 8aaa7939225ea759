package findings

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"agentrisk/capabilities/lint"
)

// The elements of a JUnit report that build systems read.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string       `xml:"classname,attr"`
		Name    string       `xml:"name,attr"`
		File    string       `xml:"file,attr,omitempty"`
		Line    int          `xml:"line,attr,omitempty"`
		Failure *junitDetail `xml:"failure"`
		Error   *junitDetail `xml:"error"`
		Skipped *junitDetail `xml:"skipped"`
	}
	junitDetail struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes a test suite a file: a failing test for every open finding, a
// skipped one for those suppressed or in the baseline, an error for what could
// not be judged, and a passing test for a file with none of these.
func (r *Report) JUnit(w io.Writer) error {
	out := junitSuites{Name: "capcheck", Suites: []junitSuite{}}
	at := map[string]int{}
	suite := func(file string) *junitSuite {
		i, there := at[file]
		if !there {
			i = len(out.Suites)
			at[file] = i
			out.Suites = append(out.Suites, junitSuite{Name: either(r.name(file), "capcheck")})
		}
		return &out.Suites[i]
	}
	for _, f := range r.Result.Files {
		suite(f.File)
	}
	for i := range r.Result.Findings {
		f := &r.Result.Findings[i]
		s := suite(f.Location.File)
		s.Cases = append(s.Cases, r.junitCase(f))
	}
	for _, i := range r.Result.Incomplete {
		s := suite(i.File)
		s.Cases = append(s.Cases, junitCase{Class: s.Name, Name: either(i.Rule, "judged"), Error: &junitDetail{Message: i.Message, Type: "incomplete"}})
	}
	for i := range out.Suites {
		out.Suites[i].finish()
		out.Tests += out.Suites[i].Tests
		out.Failures += out.Suites[i].Failures
		out.Errors += out.Suites[i].Errors
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// finish adds the passing test of a file without findings, and counts.
func (s *junitSuite) finish() {
	if len(s.Cases) == 0 {
		s.Cases = []junitCase{{Class: s.Name, Name: "no findings"}}
	}
	s.Tests = len(s.Cases)
	for _, c := range s.Cases {
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
}

func (r *Report) junitCase(f *lint.Finding) junitCase {
	name := f.Rule
	for _, part := range []string{f.Flow, f.Step} {
		if part != "" && part != "-" {
			name += " " + part
		}
	}
	file := r.name(f.Location.File)
	out := junitCase{Class: file, Name: fmt.Sprintf("%s (%s)", name, f.Fingerprint[:min(8, len(f.Fingerprint))]), File: file, Line: f.Location.Range.Start.Line}
	if !r.Open(f) {
		reason := "in the baseline"
		if f.Suppressed {
			reason = "suppressed"
		}
		if f.Suppression != nil {
			reason = f.Suppression.Reason
		}
		out.Skipped = &junitDetail{Message: reason}
		return out
	}
	text := []string{r.at(f.Location).String() + ": " + f.Message}
	for _, x := range f.Related {
		text = append(text, r.at(x.Location).String()+": "+x.Message)
	}
	text = append(text, "risk: "+f.Risk, "help: "+f.Help)
	out.Failure = &junitDetail{Message: f.Message, Type: string(f.Severity), Text: strings.Join(text, "\n")}
	return out
}
