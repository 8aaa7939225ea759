package workos

import (
	"maps"
	"slices"
	"strings"
)

// Body is the body of the real request for some arguments: what is bound and what
// has a default, each in its place. The stand-in's own parameters are not in it.
func (s *Service) Body(id string, args map[string]any) map[string]any {
	op, body := s.operations[id], map[string]any{}
	for _, p := range op.Params {
		value := args[p.Name]
		if value == nil {
			value = p.Default
		}
		if value == nil && p.Sealed {
			value = "sealed"
		}
		if p.In != "body" || value == nil {
			continue
		}
		at := body
		steps := strings.Split(op.wire[p.Name], ".")
		for _, step := range steps[:len(steps)-1] {
			if at[step] == nil {
				at[step] = map[string]any{}
			}
			at = at[step].(map[string]any)
		}
		at[steps[len(steps)-1]] = value
	}
	return body
}

// OperationIDs lists what there is a handler for.
func OperationIDs() []string { return slices.Sorted(maps.Keys(handlers())) }
