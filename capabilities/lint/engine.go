package lint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// rule is a rule that is ready to run.
type rule struct {
	Rule
	Over []string `json:"over"` // the lists of facts it looks at; none of them filled: it finds nothing

	off      bool
	severity Severity // set by the configuration, "" where it is not
}

// engine holds compiled rules. It is safe for use by many goroutines.
type engine struct {
	query rego.PreparedEvalQuery
}

// entry gathers what the rules asked for report. The rules lie in a document of
// their own below root, one package a rule.
const entry = `package capcheck

findings[name] := data.%s[name].report if some name in input.active
`

// report is one finding as a rule returns it.
type report struct {
	rule       string
	at         int
	message    string
	label      string
	risk       string
	help       string
	severity   Severity
	confidence Confidence
	related    []relatedReport
}

type relatedReport struct {
	at      int
	message string
}

// compile parses and compiles modules, named by their files. root is the package
// that the rules' own packages lie below.
func compile(modules map[string]string, root string, allowed *ast.Capabilities) (*engine, error) {
	parsed := make(map[string]*ast.Module, len(modules)+1)
	for name, text := range modules {
		m, err := parseModule(name, text, allowed, false)
		if err != nil {
			return nil, err
		}
		parsed[name] = m
	}
	main := fmt.Sprintf(entry, root)
	m, err := parseModule("capcheck.rego", main, nil, false)
	if err != nil {
		return nil, err
	}
	parsed["capcheck.rego"] = m
	c := ast.NewCompiler().WithCapabilities(allowed)
	if c.Compile(parsed); c.Failed() {
		return nil, c.Errors
	}
	query, err := rego.New(
		rego.Query("data.capcheck.findings"),
		rego.Compiler(c),
		rego.StrictBuiltinErrors(true),
	).PrepareForEval(context.Background())
	if err != nil {
		return nil, err
	}
	return &engine{query}, nil
}

func parseModule(name, text string, allowed *ast.Capabilities, annotations bool) (*ast.Module, error) {
	return ast.ParseModuleWithOpts(name, text, ast.ParserOptions{RegoVersion: ast.RegoV1, Capabilities: allowed, ProcessAnnotation: annotations})
}

// fixed is the time that rules see: none of them may depend on it.
var fixed = time.Unix(0, 0).UTC()

// run evaluates the active rules on one input.
func (e *engine) run(ctx context.Context, in ast.Value) ([]report, error) {
	if err := ctx.Err(); err != nil {
		return nil, &RuleError{Message: "the rules did not end in time", Err: err}
	}
	results, err := e.query.Eval(ctx, rego.EvalParsedInput(in), rego.EvalTime(fixed), rego.EvalSeed(zeros{}))
	if err != nil {
		return nil, ruleError(err)
	}
	if len(results) != 1 || len(results[0].Expressions) != 1 {
		return nil, errors.New("the rules gave no answer")
	}
	byRule, ok := results[0].Expressions[0].Value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the rules gave a %T", results[0].Expressions[0].Value)
	}
	var reports []report
	for name, found := range byRule {
		list, ok := found.([]any)
		if !ok {
			return nil, &RuleError{Rule: name, Message: "report is no set"}
		}
		for _, one := range list {
			r, err := readReport(name, one)
			if err != nil {
				return nil, err
			}
			reports = append(reports, r)
		}
	}
	return reports, nil
}

// zeros is the seed of what a rule may not use anyway.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// RuleError is a rule that failed.
type RuleError struct {
	Rule    string // "" where it is not known which
	Message string
	Err     error
}

func (e *RuleError) Error() string {
	if e.Rule == "" {
		return e.Message
	}
	return "rule " + e.Rule + ": " + e.Message
}

func (e *RuleError) Unwrap() error { return e.Err }

// ruleError names the rule that an error of the evaluation comes from.
func ruleError(err error) error {
	var failed *topdown.Error
	if !errors.As(err, &failed) {
		return &RuleError{Message: err.Error(), Err: err}
	}
	out := &RuleError{Message: failed.Message, Err: err}
	if failed.Location != nil {
		out.Rule = ruleOfFile(failed.Location.File)
	}
	if failed.Code == topdown.CancelErr {
		out.Message = "did not end in time"
	}
	return out
}

// ruleOfFile is the name of the folder that a rule's file lies in.
func ruleOfFile(file string) string {
	parts := strings.Split(file, "/")
	if len(parts) < 2 {
		return ""
	}
	return parts[len(parts)-2]
}

// readReport reads what a rule returned. A report that is not as it should be is
// a fault of the rule, and never passed over.
func readReport(name string, value any) (report, error) {
	fields, ok := value.(map[string]any)
	if !ok {
		return report{}, &RuleError{Rule: name, Message: "returns something that is no object"}
	}
	r := reportReader{rule: name, fields: fields}
	out := report{rule: name, at: r.handle("at"), message: r.text("message"), label: r.text("label"), risk: r.text("risk"), help: r.text("help"),
		severity: Severity(r.text("severity")), confidence: Confidence(r.text("confidence")), related: r.related()}
	r.check(out)
	return out, r.err
}

// readModules reads the rules below root of fsys: text by file. Tests are left
// out.
func readModules(fsys fs.FS, root string) (map[string]string, error) {
	modules := map[string]string{}
	err := fs.WalkDir(fsys, root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".rego") || strings.HasSuffix(name, "_test.rego") {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		modules[name] = string(text)
		return err
	})
	return modules, err
}
