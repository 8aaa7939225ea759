package listing

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// seed adds the project's own fixtures of some folders.
func seed(f *testing.F, folders ...string) {
	for _, folder := range folders {
		for _, path := range fixtures(f, folder) {
			if text, err := os.ReadFile(path); err == nil && len(text) < 1<<14 {
				f.Add(text)
			}
		}
	}
}

// read loads what the fuzzer made, and checks what must hold of any reading:
// errors are typed and placed, evidence lies in the file, numbers are allowed,
// and a second reading is the same. The file is nil where text is none.
func read(t *testing.T, name string, text []byte, form Form) (*source.File, []*Agent) {
	file, err := source.NewFile(name, text, source.Limits{Bytes: 1 << 20})
	if err != nil {
		return nil, nil // no text: package source has its own tests
	}
	opts := Options{Form: form, Limits: source.Limits{Nodes: 2000}}
	agents, err := Load(file, opts)
	if err != nil {
		var many Errors
		if !errors.As(err, &many) || len(many) == 0 {
			t.Fatalf("untyped error %v", err)
		}
		for _, e := range many {
			if e.ID == "" || e.Message == "" || e.At.File != file.Name || e.At.Range.Start.Line > file.Lines() {
				t.Fatalf("incomplete error %#v", e)
			}
		}
	}
	for _, a := range agents {
		checkEvidence(t, file, a)
		if _, _, err := a.Input(); err != nil {
			if kind := (*scoring.KindError)(nil); !errors.As(err, &kind) {
				t.Fatalf("reads what the formula refuses: %v", err)
			}
		}
	}
	again, _ := Load(file, opts)
	if diff := cmp.Diff(agents, again); diff != "" {
		t.Fatalf("a second reading differs: %s", diff)
	}
	return file, agents
}

// rewrite checks that an agent can be written and read back.
func rewrite(t *testing.T, a *Agent) *Agent {
	text := Assessment(a)
	file, err := source.NewFile("out.yaml", text, source.Limits{})
	if err != nil {
		t.Fatalf("%v\n%q", err, text)
	}
	agents, err := Load(file, Options{Form: FormAssessment})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return agents[0]
}

func FuzzAssessment(f *testing.F) {
	seed(f, "assessments", "bad")
	schema := compileSchema(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, name := range []string{"a.yaml", "a.json"} {
			file, agents := read(t, name, text, FormAssessment)
			if len(agents) == 0 {
				continue
			}
			a := agents[0]
			back := rewrite(t, a)
			a.Formula.Basis = source.Stated
			if diff := cmp.Diff(a, back, meaning); diff != "" {
				t.Fatalf("read back otherwise: %s", diff)
			}
			docs, err := source.Parse(file, source.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(plainJSON(docs[0].Root)); err != nil && !strings.Contains(string(text), "<<") {
				t.Fatalf("the reader accepts what the schema does not: %v", err)
			}
		}
	})
}

func FuzzAppendixA(f *testing.F) {
	seed(f, "reports", "bad")
	f.Fuzz(func(t *testing.T, text []byte) {
		_, agents := read(t, "a.json", text, FormAppendixA)
		if len(agents) == 0 {
			return
		}
		out, err := AppendixA(agents, ReportMetadata{AssessorID: "x", AssessmentDate: "2026-01-02"})
		if err != nil {
			return // for example a base that no vector gives
		}
		if again, err := loadBytes("out.json", out); err != nil || len(again) != len(agents) {
			t.Fatalf("%v\n%s", err, out)
		}
	})
}

func FuzzListingText(f *testing.F) {
	seed(f, "listings", "bad")
	f.Add([]byte("A — agentic threat model\n7.0AIVSS 7.0 · High\nCVSS base 7.5AARS uplift 0.72Factor sum 2.9/10Threat ×1.0\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("<")) {
			return
		}
		_, agents := read(t, "a.md", text, FormListing)
		for _, a := range agents {
			if got, want := score(t, rewrite(t, a)), score(t, a); got != want {
				t.Fatalf("scores %v, rewritten %v", want, got)
			}
		}
	})
}

func FuzzListingHTML(f *testing.F) {
	seed(f, "listings")
	f.Add([]byte("<table><tr><td>Dynamic Identity<td><p>0.5</table><p hidden>x<svg><title>y"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, agents := read(t, "a.html", text, FormListing)
		for _, a := range agents {
			rewrite(t, a)
		}
	})
}

func FuzzCards(f *testing.F) {
	seed(f, "cards")
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, form := range []Form{FormAgentCard, FormMCPTools, ""} {
			_, agents := read(t, "a.json", text, form)
			for _, a := range agents {
				rewrite(t, a)
			}
		}
	})
}

// Whatever the fast reader accepts, the full reader reads the same.
func FuzzNDJSONLine(f *testing.F) {
	seed(f, "streams")
	for _, line := range bytes.Split(typicalLines(8), lineBreak) {
		f.Add(line)
	}
	for _, line := range []string{
		`{"name":null,"cvss":null,"threat":"unknown","mitigation":1,"factors":{}}`,
		`{ "schema" : "agentrisk.assessment/v1" , "name" : "é" , "factors" : { "autonomy" : null } }`,
		`{"cvss":"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:A","threat":null}`,
		`{"formula":"aivss-0.5","mitigation":"none","factors":{"tool_use":0.5}}`,
		`{"cvss":1.0e1}`, `{"cvss":05}`, `{"a":1}`, `{"name":"a","name":"b"}`, `{"factors":{"tools":1,"tools":1}}`, `{"name":"` + "\u0085" + `"}`,
	} {
		f.Add([]byte(line))
	}
	floor, _ := scoring.Lookup("aivss-0.8-floor")
	f.Fuzz(func(t *testing.T, line []byte) {
		if bytes.ContainsAny(line, "\n\r") || len(line) > 1<<12 {
			return
		}
		for _, option := range []*scoring.Formula{nil, floor} {
			r := fastJSON{option: option}
			var row Row
			if r.read(line, &row) {
				compareWithFull(t, &r, line, &row)
			}
		}
	})
}

// A stream and a file of the same CSV are read the same.
func FuzzCSV(f *testing.F) {
	seed(f, "streams", "bad")
	f.Add([]byte("name,cvss,threat,tools\n\"a \"\"b\"\"\", 5 ,attacked,1\n,unknown,unknown,\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, agents := read(t, "a.csv", text, FormCSV)
		if file == nil {
			return
		}
		var want bytes.Buffer
		for _, a := range agents {
			row, fault := a.row(0)
			if fault != nil {
				t.Fatal(fault)
			}
			want.Write(AppendCSV(nil, &row))
		}
		got := stream(bytes.NewReader(text), file.Name, StreamOptions{Form: FormCSV, Workers: 1})
		if got.out != want.String() || got.sum.Rows != len(agents) {
			t.Fatalf("the stream gives %q, the file %q (%v)", got.out, want.String(), got.err)
		}
	})
}
