package listing

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"agentrisk/scoring"
)

var update = flag.Bool("update", false, "write golden files")

type object = map[string]any

// buildSchema makes the schema from the formulas, so that it cannot fall behind
// them.
func buildSchema() object {
	defs := object{"text": object{"type": []string{"string", "null"}, "maxLength": maxText}}
	var branches, conditions []any
	for _, f := range scoring.Formulas() {
		defs[f.ID] = formulaSchema(f, defs)
		b := ref(f.ID)
		branches = append(branches, b)
		conditions = append(conditions, object{
			"if":   object{"required": []string{"formula"}, "properties": object{"formula": object{"const": f.ID}}},
			"then": b,
		})
	}
	conditions = append(conditions, object{
		"if":   object{"required": []string{"formula"}, "properties": object{"formula": object{"type": "string"}}},
		"else": object{"anyOf": branches},
	})
	line := object{"type": []string{"string", "null"}, "maxLength": maxName, "pattern": `^[^\x00-\x1f\x7f-\x9f]*$`}
	text := ref("text")
	layers := object{}
	for _, id := range layerIDs {
		layers[id] = object{"anyOf": []any{text, object{"type": "object", "additionalProperties": false,
			"properties": object{"status": object{"enum": []any{"mapped", "not-certain", "not-applicable", nil}}, "note": text}}}}
	}
	tool := object{"anyOf": []any{
		object{"type": "string", "maxLength": maxName},
		object{"type": "object", "required": []string{"name"}, "additionalProperties": false,
			"properties": object{"name": object{"type": "string", "maxLength": maxName}, "description": text}}}}
	return object{
		"$schema":              "http://json-schema.org/draft-07/schema#",
		"$id":                  "urn:agentrisk:assessment:v1",
		"title":                "Assessment of an agent",
		"description":          "What is known of one agent, for an AIVSS score. Whatever is absent is unknown, and counts as the range it may lie in.",
		"type":                 "object",
		"required":             []string{"schema"},
		"additionalProperties": false,
		"properties": object{
			"schema":        object{"description": "the form of this file and its version", "const": SchemaAssessment},
			"name":          describe(line, "what the agent is called"),
			"provider":      describe(line, "who offers the agent"),
			"description":   describe(text, "what the agent does"),
			"formula":       object{"description": "the formula; where it is absent, the one that has the factors", "enum": append(anyOf(formulaIDs()), nil)},
			"cvss":          describe(withReason(baseSchema()), "a CVSS vector, or a base score from 0 to 10 in tenths"),
			"threat":        object{"description": "how far exploitation has come: a level, a number or unknown"},
			"mitigation":    object{"description": "how much the controls take away: a level, a number or unknown"},
			"vulnerability": object{"description": "aivss-ssvc only: how exposed the agent is"},
			"impact":        object{"description": "aivss-ssvc only: what is at stake"},
			"aars":          describe(withReason(object{"anyOf": []any{object{"type": "number", "minimum": 0, "maximum": 10}, object{"enum": []any{unknownWord, nil}}}}), "averaging formulas only: an AARS stated beside the factors"),
			"factors":       object{"description": "the risk factors of the formula", "type": []string{"object", "null"}},
			"layers":        object{"description": "notes on the seven MAESTRO layers", "type": []string{"object", "null"}, "additionalProperties": false, "properties": layers},
			"tools":         object{"description": "what the agent can call", "type": []string{"array", "null"}, "items": tool},
		},
		"allOf":       conditions,
		"definitions": defs,
	}
}

// describe puts a description beside a schema; draft-07 would not see it beside
// a reference.
func describe(schema object, text string) object {
	return object{"description": text, "allOf": []any{schema}}
}

func ref(name string) object { return object{"$ref": "#/definitions/" + name} }

func anyOf(names []string) []any {
	var out []any
	for _, n := range names {
		out = append(out, n)
	}
	return out
}

// withReason also allows the value inside of {value, why, source}.
func withReason(value object) object {
	text := ref("text")
	return object{"anyOf": []any{value, object{"type": "object", "required": []string{"value"}, "additionalProperties": false,
		"properties": object{"value": value, "why": text, "source": text}}}}
}

func baseSchema() object {
	return object{"anyOf": []any{
		object{"type": "number", "minimum": 0, "maximum": 10},
		object{"type": "string", "pattern": `^CVSS:(4\.0|3\.1|3\.0)/[A-Z]+:[A-Za-z]+(/[A-Z]+:[A-Za-z]+)*$`},
		object{"enum": []any{unknownWord, nil}},
	}}
}

// formulaSchema says what the formula allows. Factors with the same values share
// a definition.
func formulaSchema(f *scoring.Formula, defs object) object {
	factors := object{}
	for i := range f.Factors {
		name := "value-" + f.ID
		if f.Kind == scoring.KindProfile {
			name += "-" + f.Factors[i].Key
		}
		defs[name] = withReason(factorSchema(f, &f.Factors[i]))
		factors[f.Factors[i].Key] = describe(ref(name), f.Factors[i].Name+factorLevels(&f.Factors[i]))
	}
	properties := object{"factors": object{"properties": factors, "additionalProperties": false}}
	for _, key := range []string{scoring.PartThreat, scoring.PartMitigation, "vulnerability", "impact"} {
		properties[key] = withReason(multiplierSchema(multiplierOf(f, key)))
	}
	if !f.AARSMayBeStated() {
		properties["aars"] = withReason(object{"enum": []any{unknownWord, nil}})
	}
	return object{"properties": properties}
}

func factorLevels(f *scoring.Factor) string {
	out := ""
	for _, l := range f.Levels {
		value := l.Letter
		if value == "" {
			value = l.Value.String()
		}
		out += "; " + value + ": " + l.Meaning
	}
	return out
}

func factorSchema(f *scoring.Formula, factor *scoring.Factor) object {
	if f.Continuous {
		return object{"anyOf": []any{object{"type": "number", "minimum": factor.Low, "maximum": factor.High}, object{"enum": []any{unknownWord, nil}}}}
	}
	allowed := []any{unknownWord, nil}
	for _, l := range factor.Levels {
		if l.Letter != "" {
			allowed = append(allowed, l.Letter)
			continue
		}
		allowed = append(allowed, l.Value)
	}
	return object{"enum": allowed}
}

func multiplierSchema(m *scoring.Multiplier) object {
	if m == nil {
		return object{"enum": []any{unknownWord, nil, 1, "none"}}
	}
	allowed := []any{unknownWord, nil}
	for _, l := range m.Levels {
		allowed = append(allowed, l.ID)
		if !m.Continuous {
			allowed = append(allowed, l.Value)
		}
	}
	if m.Continuous {
		return object{"anyOf": []any{object{"type": "number", "minimum": m.Low, "maximum": m.High}, object{"enum": allowed}}}
	}
	return object{"enum": allowed}
}

// The published schema is made from the formulas: run with -update when they
// change.
func TestSchemaIsCurrent(t *testing.T) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(buildSchema()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("schema/assessment.v1.json", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(b.Bytes(), JSONSchema) {
		t.Error("schema/assessment.v1.json is not what the formulas give; run this test with -update")
	}
}
