package ruletest

import (
	"cmp"
	"context"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/tester"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/source"
)

// Options say how tests run.
type Options struct {
	Name    string        // what messages call the folder
	Timeout time.Duration // for each test; 0 means five seconds
	Builtin bool          // rules of the program, which are not sandboxed
}

// Report is what the tests of a folder of rules showed.
type Report struct {
	Tests     []Test    `json:"tests"`
	Failed    int       `json:"failed"`
	Coverage  float64   `json:"coverage"`  // of the lines of the rules, in percent
	Uncovered []Range   `json:"uncovered"` // lines that no test runs
	Untested  []string  `json:"untested"`  // rules without a test of their own
	Rules     []Covered `json:"rules"`
}

// Test is one test.
type Test struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Name    string `json:"name"`
	Passed  bool   `json:"passed"`
	Message string `json:"message,omitempty"`
}

// Range is a stretch of lines of a file, the last among them.
type Range struct {
	File  string `json:"file"`
	First int    `json:"first"`
	Last  int    `json:"last"`
}

// Covered is how much of one file the tests run.
type Covered struct {
	File     string  `json:"file"`
	Coverage float64 `json:"coverage"`
}

// Passed reports whether there were tests, every one passed and each rule has
// one.
func (r Report) Passed() bool { return len(r.Tests) > 0 && r.Failed == 0 && len(r.Untested) == 0 }

// Run runs the tests of the rules in fsys. The rules are as confined as they are
// when linting. An error is one of reading or compiling.
func Run(ctx context.Context, fsys fs.FS, o Options) (Report, error) {
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Second
	}
	modules, own, err := load(fsys, o)
	if err != nil {
		return Report{}, err
	}
	compiler := ast.NewCompiler().WithStrict(true).WithEnablePrintStatements(true)
	if !o.Builtin {
		compiler = compiler.WithCapabilities(capabilitiesOfTests())
	}
	coverage := cover.New()
	results, err := tester.NewRunner().SetCompiler(compiler).SetModules(modules).SetTimeout(o.Timeout).
		RaiseBuiltinErrors(true).SetCoverageQueryTracer(coverage).RunTests(ctx, nil)
	if err != nil {
		return Report{}, &source.Error{At: source.Location{File: o.Name}, ID: "rule", Message: err.Error(), Err: err}
	}
	report := Report{Tests: []Test{}, Uncovered: []Range{}, Untested: []string{}, Rules: []Covered{}}
	for r := range results {
		report.add(r)
	}
	slices.SortFunc(report.Tests, func(a, b Test) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Name, b.Name))
	})
	report.measure(coverage, own)
	return report, nil
}

// capabilitiesOfTests are those of the sandbox; the runner of the tests needs one
// more.
func capabilitiesOfTests() *ast.Capabilities {
	limits := lint.Sandbox()
	for _, b := range ast.CapabilitiesForThisVersion().Builtins {
		if b.Name == ast.InternalTestCase.Name {
			limits.Builtins = append(limits.Builtins, b)
		}
	}
	return limits
}

// load reads the modules of fsys and the functions of the program. own are those
// whose lines count.
func load(fsys fs.FS, o Options) (modules, own map[string]*ast.Module, err error) {
	modules, own = map[string]*ast.Module{}, map[string]*ast.Module{}
	for file, text := range lint.Library() {
		if o.Builtin {
			break
		}
		m, err := parse(file, text)
		if err != nil {
			return nil, nil, err
		}
		modules[file] = m
	}
	err = fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(name, ".rego") {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		m, err := parse(name, string(text))
		if err != nil {
			return err
		}
		modules[name] = m
		if !strings.HasSuffix(name, "_test.rego") {
			own[name] = m
		}
		return nil
	})
	return modules, own, err
}

func parse(name, text string) (*ast.Module, error) {
	m, err := ast.ParseModuleWithOpts(name, text, ast.ParserOptions{RegoVersion: ast.RegoV1})
	if err != nil {
		return nil, &source.Error{At: source.Location{File: name}, ID: "rule", Message: err.Error(), Err: err}
	}
	return m, nil
}

func (r *Report) add(result *tester.Result) {
	t := Test{Name: result.Name, Passed: result.Pass()}
	if result.Location != nil {
		t.File, t.Line = result.Location.File, result.Location.Row
	}
	switch {
	case result.Error != nil:
		t.Message = result.Error.Error()
	case result.Skip:
		t.Passed, t.Message = false, "skipped"
	case result.FailedAt != nil && result.FailedAt.Location != nil:
		t.Line, t.Message = result.FailedAt.Location.Row, "does not hold: "+string(result.FailedAt.Location.Text)
	case !t.Passed:
		t.Message = "does not hold"
	}
	if !t.Passed {
		r.Failed++
	}
	r.Tests = append(r.Tests, t)
}

// measure adds the coverage of the rules' own lines.
func (r *Report) measure(coverage *cover.Cover, own map[string]*ast.Module) {
	found := coverage.Report(own)
	tested := map[string]bool{}
	for _, t := range r.Tests {
		tested[strings.TrimSuffix(t.File, "_test.rego")+".rego"] = true
	}
	covered, lines := 0, 0
	for file := range own {
		if !tested[file] {
			r.Untested = append(r.Untested, file)
		}
		f := found.Files[file]
		if f == nil {
			continue
		}
		covered += f.CoveredLines
		lines += f.CoveredLines + f.NotCoveredLines
		r.Rules = append(r.Rules, Covered{file, f.Coverage})
		for _, gap := range f.NotCovered {
			r.Uncovered = append(r.Uncovered, Range{file, gap.Start.Row, gap.End.Row})
		}
	}
	if lines > 0 {
		r.Coverage = 100 * float64(covered) / float64(lines)
	}
	slices.Sort(r.Untested)
	slices.SortFunc(r.Rules, func(a, b Covered) int { return cmp.Compare(a.File, b.File) })
	slices.SortFunc(r.Uncovered, func(a, b Range) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.First, b.First)) })
}
