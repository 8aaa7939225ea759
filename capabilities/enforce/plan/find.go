package plan

import "strings"

// Step returns the step with an id, nil where there is none.
func (p *Plan) Step(id string) *Step {
	for _, s := range p.Steps {
		if s.ID == id && id != "" {
			return s
		}
	}
	return nil
}

// Path takes the path of a part of a JSON value apart: a, b and 0 of a.b[0].
func Path(path string) []string { return splitPath(path) }

// Pick takes the part of a JSON value at a path such as a.b or data[0].id; nil
// where there is none.
func Pick(body any, path string) any {
	return at(body, strings.FieldsFunc(path, func(c rune) bool { return c == '.' || c == '[' || c == ']' }))
}
