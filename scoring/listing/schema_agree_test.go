package listing

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"pgregory.net/rapid"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

func compileSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft7
	if err := c.AddResource("assessment.json", bytes.NewReader(JSONSchema)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("assessment.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validates(t testing.TB, s *jsonschema.Schema, text string) error {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return s.Validate(v)
}

// The schema and the reader agree, so that an editor marks what the program
// would refuse.
func TestSchemaAgreesWithTheReader(t *testing.T) {
	s := compileSchema(t)
	tests := []struct {
		fields string
		good   bool
	}{
		{``, true},
		{`"name": "x", "provider": null, "description": "a\nb"`, true},
		{`"name": 1`, false},
		{`"name": "a\nb"`, false},
		{`"nmae": "x"`, false},
		{`"formula": "aivss-0.8", "cvss": 9.4, "threat": "attacked", "mitigation": 0.83, "factors": {"autonomy": 0.5, "tools": "unknown", "language": null}`, true},
		{`"formula": "aivss-0.8", "factors": {"autonomy": 0.3}`, false},
		{`"formula": "aivss-0.8", "factors": {"dynamic_tool_use": 0.5}`, false},
		{`"formula": "aivss-0.9"`, false},
		{`"formula": null, "factors": {"autonomy": 1}`, true},
		{`"factors": {"autonomy": 0.3}`, false},
		{`"factors": {"autonomy_of_action": 0.3, "dynamic_tool_use": 1}`, true},
		{`"factors": {"autonomy_of_action": 1.3}`, false},
		{`"factors": {"autonomy": 1, "dynamic_tool_use": 1}`, false},
		{`"factors": {"autonomy": {"value": 1, "why": "w", "source": "s"}}`, true},
		{`"factors": {"autonomy": {"why": "w"}}`, false},
		{`"factors": {"autonomy": {"value": 1, "because": "w"}}`, false},
		{`"factors": {"autonomy": "high"}`, false},
		{`"factors": [1]`, false},
		{`"cvss": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H"`, true},
		{`"cvss": "AV:N"`, false},
		{`"cvss": "7.5"`, false},
		{`"cvss": 11`, false},
		{`"cvss": {"value": 7.5, "why": "w"}`, true},
		{`"threat": "atacked"`, false},
		{`"threat": "unknown", "mitigation": null`, true},
		{`"formula": "aivss-0.8", "threat": 0.9`, false},
		{`"formula": "aivss-0.8-continuous", "threat": 1.1, "mitigation": 0.123`, true},
		{`"formula": "aivss-0.8-continuous", "threat": 1.2`, false},
		{`"formula": "aivss-0.5", "mitigation": 0.83`, false},
		{`"formula": "aivss-0.5", "mitigation": "none", "aars": 7.5`, true},
		{`"formula": "aivss-0.8", "aars": 7.5`, false},
		{`"formula": "aivss-0.5", "aars": 11`, false},
		{`"formula": "aivss-ssvc", "threat": "poc", "vulnerability": "exposed", "impact": 5, "factors": {"tool_authority": 4}`, true},
		{`"formula": "aivss-ssvc", "factors": {"tool_authority": 6}`, false},
		{`"formula": "aivss-0.8", "impact": "critical"`, false},
		{`"formula": "aivss-1.0-candidate", "factors": {"LC": "D", "CP": "X"}`, true},
		{`"formula": "aivss-1.0-candidate", "factors": {"LC": "Q"}`, false},
		{`"layers": {"L1": "a", "L7": {"status": "mapped", "note": "b"}}`, true},
		{`"layers": {"L8": "a"}`, false},
		{`"layers": {"L1": {"status": "clean"}}`, false},
		{`"tools": ["a", {"name": "b", "description": "c"}]`, true},
		{`"tools": [{"description": "c"}]`, false},
		{`"tools": "a"`, false},
	}
	for _, tt := range tests {
		text := `{"schema": "agentrisk.assessment/v1"`
		if tt.fields != "" {
			text += ", " + tt.fields
		}
		text += "}"
		_, readErr := loadBytes("a.json", []byte(text))
		if schemaErr := validates(t, s, text); (readErr == nil) != tt.good || (schemaErr == nil) != tt.good {
			t.Errorf("%s: want good %v\nreader: %v\nschema: %v", text, tt.good, readErr, schemaErr)
		}
	}
	for _, text := range []string{`{}`, `{"schema": "agentrisk.assessment/v2"}`, `[]`} {
		if validates(t, s, text) == nil {
			t.Errorf("the schema accepts %s", text)
		}
	}
}

// The schema accepts whatever the reader accepts.
func TestSchemaAcceptsWhatTheReaderWrites(t *testing.T) {
	s := compileSchema(t)
	for _, path := range fixtures(t, "assessments") {
		file := open(t, path)
		docs, err := source.Parse(file, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(plainJSON(docs[0].Root)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, f := range scoring.Formulas() {
		docs, err := source.Parse(fileOf(t, "init.yaml", string(Template(f))), source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(plainJSON(docs[0].Root)); err != nil {
			t.Errorf("template of %s: %v", f.ID, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := Assessment(genAgent(t))
		file, err := source.NewFile("a.yaml", text, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		docs, err := source.Parse(file, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(plainJSON(docs[0].Root)); err != nil {
			t.Fatalf("%#v\n%s", err, text)
		}
	})
}

// plainJSON is a node as encoding/json would give it.
func plainJSON(n source.Node) any {
	switch n.Kind() {
	case source.Mapping:
		m := map[string]any{}
		for k, v := range n.Pairs() {
			m[k.Text()] = plainJSON(v)
		}
		return m
	case source.Sequence:
		list := []any{}
		for _, item := range n.Items() {
			list = append(list, plainJSON(item))
		}
		return list
	}
	switch {
	case n.IsNull():
		return nil
	case n.IsNumber():
		return json.Number(n.Text())
	}
	if b, ok := n.Bool(); ok {
		return b
	}
	return n.Text()
}
