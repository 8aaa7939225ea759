package policy

import (
	"errors"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"

	"agentrisk/internal/source"
)

// fault is an error of a bundle, with its place where one is known.
func fault(bundle, file string, err error) error {
	at := source.Location{File: bundle}
	if file != "" {
		at.File += "/" + file
	}
	out := &source.Error{At: at, ID: "policy", Message: err.Error(), Err: err}
	var several ast.Errors
	if !errors.As(err, &several) || len(several) == 0 {
		return out
	}
	first := several[0]
	out.Message = first.Message
	if first.Location != nil {
		p := source.Position{Line: first.Location.Row, Column: first.Location.Col}
		out.At = source.Location{File: bundle + "/" + first.Location.File, Range: source.Range{Start: p, End: p}}
	}
	if len(first.Message) > 18 && first.Message[:18] == "undefined function" {
		out.Hint = "policies may call what depends on its arguments alone: no network, environment, clock or randomness"
	}
	return out
}

func faultf(bundle, file, format string, args ...any) error {
	return fault(bundle, file, fmt.Errorf(format, args...))
}
