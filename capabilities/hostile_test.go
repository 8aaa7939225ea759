package capabilities

import (
	"fmt"
	"strings"
	"testing"
)

// Inputs made to cost more than their size: a reader that is not linear, or not
// bounded, would not come to an end here.
func TestHostileInputsAreBounded(t *testing.T) {
	const n = 20000
	repeat := func(format string, times int) string {
		var b strings.Builder
		for i := range times {
			b.WriteString(strings.ReplaceAll(format, "#", fmt.Sprint(i)))
		}
		return b.String()
	}
	conditions := "if: [" + repeat("c# == 1, ", n/2) + "x]"
	for name, text := range map[string]string{
		"fences.md":   repeat("```yaml\nname: p#\nsteps: [{id: a}]\n```\n", n),
		"runs.md":     repeat("name: p#\nsteps: [{id: a}]\nwords of prose\n", n),
		"blocks.yaml": "data:\n" + repeat("  k#: |\n    naftiko: 1.0.0-alpha2\n", n),
		"branch.yaml": "steps:\n- id: a\n  " + conditions + "\n  then:\n" + repeat("  - {id: s#, if: x}\n", n/2),
		"refs.yaml":   "naftiko: 1.0.0-alpha2\ncapability:\n  consumes:\n" + repeat("  - {type: http, namespace: n#}\n", n) + "  exposes:\n  - type: mcp\n    tools:\n" + repeat("    - {name: t#, call: n#.x}\n", n),
		"arazzo.yaml": "arazzo: 1.0.1\nworkflows:\n- workflowId: w\n  failureActions:\n" + repeat("  - reference: $components.failureActions.f#\n", n) + "  steps:\n" + repeat("  - {stepId: s#, operationId: o#}\n", n) + "components:\n  failureActions:\n" + repeat("    f#: {name: a, type: end}\n", n),
		"steps.yaml":  "inputs:\n" + repeat("- {name: i#}\n", 100) + "steps:\n" + repeat("- {id: s#, operation: o, with: {a: '${steps.s0.x}', b: '{{i1}}'}}\n", n),
		"waits.yaml":  "steps:\n" + repeat("- {id: s#, dependsOn: [s0, s1, s#]}\n", n),
		"nests.yaml":  "steps: " + strings.Repeat("[{steps: ", 49) + "[]" + strings.Repeat("}]", 49),
	} {
		t.Run(name, func(t *testing.T) {
			docs := readText(t, name, text)
			for _, d := range docs {
				check(t, d)
				Conform(d)
				for _, f := range d.Flows {
					for _, s := range f.Steps {
						for _, b := range s.Bindings {
							for _, ref := range b.References() {
								d.Origin(f, ref)
							}
						}
					}
				}
			}
			if len(docs) > maxShown+1 {
				t.Errorf("%d documents", len(docs))
			}
		})
	}
}
