package policy

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// shared returns a file of the shared material, which lies beside the repository.
// Without it a test is skipped, and fails where CI is true.
func shared(t testing.TB, name string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
	}
	text, err := os.ReadFile(filepath.Join(filepath.Dir(dir), "shared", name))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the shared material is absent: %v", err)
		}
		t.Skipf("the shared material is absent: %v", err)
	}
	return text
}

func point(t testing.TB, folder string) *Point {
	t.Helper()
	p, err := NewPoint(context.Background(), Bundle{Name: folder, FS: os.DirFS(filepath.Join("testdata", folder))}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestInterop: every published decision of the interop scenario.
func TestInterop(t *testing.T) {
	var published struct {
		Evaluation []struct {
			Request  json.RawMessage `json:"request"`
			Expected bool            `json:"expected"`
		} `json:"evaluation"`
		Evaluations []struct {
			Request  json.RawMessage `json:"request"`
			Expected []Answer        `json:"expected"`
		} `json:"evaluations"`
	}
	if err := json.Unmarshal(shared(t, "data/authzen/interop-todo-decisions.json"), &published); err != nil {
		t.Fatal(err)
	}
	if len(published.Evaluation) != 40 || len(published.Evaluations) != 3 {
		t.Fatalf("%d and %d published decisions", len(published.Evaluation), len(published.Evaluations))
	}
	p := point(t, "interop")
	for _, one := range published.Evaluation {
		e, err := ReadEvaluation(one.Request)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Evaluate(context.Background(), e); got.Decision != one.Expected {
			t.Errorf("%s: %+v", one.Request, got)
		}
	}
	for _, one := range published.Evaluations {
		checkBatch(t, p, one.Request, one.Expected)
	}
}

func checkBatch(t *testing.T, p *Point, request json.RawMessage, want []Answer) {
	t.Helper()
	b, err := ReadBatch(request)
	if err != nil {
		t.Errorf("%s: %v", request, err)
		return
	}
	got := p.EvaluateBatch(context.Background(), b)
	if len(got) != len(want) {
		t.Errorf("%s: %d answers", request, len(got))
		return
	}
	for i := range want {
		if got[i].Decision != want[i].Decision {
			t.Errorf("%s: answer %d is %+v", request, i, got[i])
		}
	}
}

// example is one request of the certification scenario with what is expected.
type example struct {
	section  string
	request  string
	expected string // its first line
	body     string // of the answer, "" where none is shown
}

var (
	heading = regexp.MustCompile(`(?m)^#+ .*\{#(c-[0-9-]+)\}$`)
	label   = regexp.MustCompile(`(?m)^\*\*([^*\n]+):\*\*`)
	shown   = regexp.MustCompile(`(?s)~~~(?: json)?\n(.*?)\n~~~`)
)

// examples reads the scenario's own text: below each heading, a request follows a
// label, and what is expected another.
func examples(t *testing.T) []example {
	t.Helper()
	text := string(shared(t, "data/authzen/certification-scenario.md"))
	places := heading.FindAllStringSubmatchIndex(text, -1)
	var out []example
	for i, at := range places {
		section := text[at[1]:]
		if i+1 < len(places) {
			section = text[at[1]:places[i+1][0]]
		}
		labels := label.FindAllStringSubmatchIndex(section, -1)
		request := ""
		for j, l := range labels {
			content := section[l[1]:]
			if j+1 < len(labels) {
				content = section[l[1]:labels[j+1][0]]
			}
			body := shown.FindStringSubmatch(content)
			switch {
			case section[l[2]:l[3]] != "Expected" && body != nil:
				request = body[1]
			case section[l[2]:l[3]] == "Expected" && request != "":
				first, _, _ := strings.Cut(strings.TrimSpace(content), "\n")
				e := example{section: text[at[2]:at[3]], request: request, expected: first}
				if body != nil {
					e.body = body[1]
				}
				out = append(out, e)
				request = ""
			}
		}
	}
	return out
}

// TestCertification: the examples of the levels Basic and Batch. Search and
// discovery are interfaces that the decision function does not have.
func TestCertification(t *testing.T) {
	p := point(t, "certification")
	single, batch, refused := 0, 0, 0
	for _, e := range examples(t) {
		switch {
		case strings.HasPrefix(e.section, "c-2-") && strings.Contains(e.expected, "400"):
			refused++
			if _, err := ReadEvaluation([]byte(e.request)); !isBad(err) {
				t.Errorf("%s: %s: %v", e.section, e.request, err)
			}
		case strings.HasPrefix(e.section, "c-2-"):
			single++
			checkExample(t, p, e)
		case strings.HasPrefix(e.section, "c-3-") && strings.Contains(e.expected, "400"):
			refused++
			if _, err := ReadBatch([]byte(e.request)); !isBad(err) {
				t.Errorf("%s: %s: %v", e.section, e.request, err)
			}
		case strings.HasPrefix(e.section, "c-3-"):
			batch++
			checkBatchExample(t, p, e)
		}
	}
	t.Logf("%d single questions, %d batches, %d refused", single, batch, refused)
	if single < 9 || batch < 7 || refused < 10 {
		t.Errorf("only %d single questions, %d batches and %d refusals were found in the scenario", single, batch, refused)
	}
}

func isBad(err error) bool {
	var b *BadRequest
	return errors.As(err, &b)
}

func checkExample(t *testing.T, p *Point, e example) {
	t.Helper()
	q, err := ReadEvaluation([]byte(e.request))
	if err != nil {
		t.Errorf("%s: %v", e.section, err)
		return
	}
	yes := regexp.MustCompile(`"decision":\s*true`).MatchString(e.expected + e.body)
	no := regexp.MustCompile(`"decision":\s*false`).MatchString(e.expected + e.body)
	if yes == no {
		t.Errorf("%s: what is expected cannot be read: %q", e.section, e.expected)
	}
	for range 3 { // the same answer every time
		if got := p.Evaluate(context.Background(), q); got.Decision != yes {
			t.Errorf("%s: %+v, want %t", e.section, got, yes)
		}
	}
}

func checkBatchExample(t *testing.T, p *Point, e example) {
	t.Helper()
	body := strings.ReplaceAll(strings.ReplaceAll(e.body, "<context>", "{}"), "<boolean>", "null")
	if strings.Contains(body, "null") { // the structure alone is asked for
		b, err := ReadBatch([]byte(e.request))
		if got := p.EvaluateBatch(context.Background(), b); err != nil || len(got) != strings.Count(body, "null") {
			t.Errorf("%s: %d answers, %v", e.section, len(got), err)
		}
		return
	}
	var want struct {
		Evaluations []Answer `json:"evaluations"`
		Decision    *bool    `json:"decision"`
	}
	if err := json.Unmarshal([]byte(body), &want); err != nil {
		t.Errorf("%s: %v", e.section, err)
		return
	}
	if want.Decision != nil {
		want.Evaluations = []Answer{{Decision: *want.Decision}}
	}
	checkBatch(t, p, json.RawMessage(e.request), want.Evaluations)
}

// TestRequiredDecisions: the eight decisions that section C.1.4 demands, in our
// own words, with and without a context.
func TestRequiredDecisions(t *testing.T) {
	p := point(t, "certification")
	for i, one := range []struct {
		subject, action, resource string
		want                      bool
	}{
		{`{"type":"user","id":"alice"}`, `{"name":"read"}`, `{"type":"record","id":"record-1"}`, true},
		{`{"type":"user","id":"alice"}`, `{"name":"write"}`, `{"type":"record","id":"record-1"}`, true},
		{`{"type":"user","id":"bob"}`, `{"name":"read"}`, `{"type":"record","id":"record-1"}`, true},
		{`{"type":"user","id":"bob"}`, `{"name":"write"}`, `{"type":"record","id":"record-1"}`, false},
		{`{"type":"user","id":"alice"}`, `{"name":"write"}`, `{"type":"record","id":"x","properties":{"status":"archived"}}`, false},
		{`{"type":"user","id":"bob","properties":{"role":"admin"}}`, `{"name":"write"}`, `{"type":"record","id":"x","properties":{"status":"archived"}}`, true},
		{`{"type":"user","id":"alice"}`, `{"name":"delete","properties":{"soft":true}}`, `{"type":"record","id":"record-1"}`, true},
		{`{"type":"user","id":"alice"}`, `{"name":"delete","properties":{"soft":false}}`, `{"type":"record","id":"record-1"}`, false},
	} {
		for _, context_ := range []string{"", `,"context":{"time":"2025-06-27T18:03-07:00"}`} {
			e, err := ReadEvaluation([]byte(`{"subject":` + one.subject + `,"action":` + one.action + `,"resource":` + one.resource + context_ + `}`))
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Evaluate(context.Background(), e); got.Decision != one.want {
				t.Errorf("rule %d: %+v", i+1, got)
			}
		}
	}
}

func TestBatchSemantics(t *testing.T) {
	p := point(t, "certification")
	batch := `{"subject":{"type":"user","id":"bob"},"resource":{"type":"record","id":"record-1"},
		"evaluations":[{"action":{"name":"read"}},{"action":{"name":"write"}},{"action":{"name":"read"}}]%s}`
	for option, want := range map[string]string{
		"": "tft", `,"options":{}`: "tft",
		`,"options":{"evaluations_semantic":"execute_all"}`:            "tft",
		`,"options":{"evaluations_semantic":"deny_on_first_deny"}`:     "tf",
		`,"options":{"evaluations_semantic":"permit_on_first_permit"}`: "t",
	} {
		b, err := ReadBatch([]byte(strings.Replace(batch, "%s", option, 1)))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, a := range p.EvaluateBatch(context.Background(), b) {
			got += map[bool]string{true: "t", false: "f"}[a.Decision]
		}
		if got != want {
			t.Errorf("%s: %s, want %s", option, got, want)
		}
	}
	for _, option := range []string{`,"options":{"evaluations_semantic":"some"}`, `,"options":7`, `,"options":{"evaluations_semantic":7}`} {
		if _, err := ReadBatch([]byte(strings.Replace(batch, "%s", option, 1))); !isBad(err) {
			t.Errorf("%s: %v", option, err)
		}
	}
}

// FuzzReadBatch: no text breaks the reader, which refuses with one type of error.
func FuzzReadBatch(f *testing.F) {
	f.Add([]byte(`{"subject":{"type":"user","id":"a"},"action":{"name":"read"},"evaluations":[{"resource":{"type":"r","id":"1"}}]}`))
	f.Add([]byte(`{"subject":{"type":"user","id":"a","properties":{"n":1e99999}},"action":{"name":"read"},"resource":{"type":"r","id":"1"}}`))
	f.Add([]byte(`{"evaluations":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := ReadBatch(text)
		if err != nil {
			if !isBad(err) {
				t.Errorf("%T %v", err, err)
			}
			return
		}
		if len(b.Evaluations) == 0 {
			t.Error("a batch of nothing")
		}
	})
}
