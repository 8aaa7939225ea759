package lint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"agentrisk/capabilities/lint/facts"
	"agentrisk/internal/source"
)

// userRules are the rules of the user's own.
type userRules struct {
	rules   []*rule
	engines []userRule
}

// userRule is one of them, compiled apart: where it fails, the others still run.
type userRule struct {
	rule   *rule
	engine *engine
}

func (u userRule) run(ctx context.Context, d *facts.Document) ([]report, error) {
	ctx, stop := guardMemory(ctx, maxGrowth)
	defer stop()
	reports, err := u.engine.run(ctx, input(d, []*rule{u.rule}))
	var failed *RuleError
	if errors.As(err, &failed) {
		failed.Rule = u.rule.Name
		if errors.Is(context.Cause(ctx), errMemory) {
			failed.Message = errMemory.Error()
		}
	}
	return reports, err
}

// loadUserRules reads, checks and compiles the rules of dirs. An error names the
// file: a rule that does not compile must not pass for one that finds nothing.
func loadUserRules(dirs []RuleDir, builtins []*rule) (*userRules, error) {
	u := &userRules{}
	if len(dirs) == 0 {
		return u, nil
	}
	lib, err := readModules(builtin, "rules/lib")
	if err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		modules, err := readModules(dir.FS, ".")
		if err != nil {
			return nil, &source.Error{At: source.Location{File: dir.Name}, ID: "unreadable", Message: err.Error(), Err: err}
		}
		for _, file := range sortedKeys(modules) {
			if err := u.load(dir, file, modules[file], lib, builtins); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(u.rules, func(a, b *rule) int { return strings.Compare(a.ID, b.ID) })
	return u, nil
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// ownID is the form of an id of a user's rule. CAP and digits are the program's.
var ownID = regexp.MustCompile(`^[A-Z][A-Z0-9]*[0-9]{2,}$`)

// load adds the rule of one file.
func (u *userRules) load(dir RuleDir, file, text string, lib map[string]string, builtins []*rule) error {
	full := path.Join(dir.Name, file)
	name := path.Base(path.Dir(file))
	if name == "." || path.Base(file) != name+".rego" {
		return ruleFault(full, fmt.Sprintf("a rule lies in a folder of its own name: %s/%[1]s.rego", strings.TrimSuffix(path.Base(file), ".rego")))
	}
	limits := Sandbox()
	r, err := readAnnotations(full, text, limits)
	if err != nil {
		return compileFault(full, err)
	}
	r.Name, r.User, r.File, r.Docs = name, true, full, ""
	m, err := parseModule(full, text, limits, false)
	if err != nil {
		return compileFault(full, err)
	}
	if want := builtinRoot + "." + name; strings.TrimPrefix(m.Package.Path.String(), "data.") != want {
		return ruleFault(full, "the package is "+m.Package.Path.String()[len("data."):]+", not "+want)
	}
	if r.Over, err = inspect(m, listNames(builtins)); err != nil {
		return err
	}
	if strings.HasPrefix(r.ID, "CAP") || !ownID.MatchString(r.ID) {
		return ruleFault(full, fmt.Sprintf("the id %q is not one of a rule of your own; expected capitals and digits, such as ACME001, and not CAP", r.ID))
	}
	for _, other := range slices.Concat(builtins, u.rules) {
		if other.ID == r.ID || other.Name == r.Name {
			return ruleFault(full, fmt.Sprintf("there is a rule %s (%s) already", other.ID, other.Name))
		}
	}
	modules := map[string]string{full: text}
	for file, text := range lib {
		modules[file] = text
	}
	e, err := compile(modules, builtinRoot, limits)
	if err != nil {
		return compileFault(full, err)
	}
	u.rules = append(u.rules, r)
	u.engines = append(u.engines, userRule{r, e})
	return nil
}

func ruleFault(file, message string) error {
	return &source.Error{At: source.Location{File: file}, ID: "rule", Message: message}
}

// compileFault gives the first error of the compiler its place in our words.
func compileFault(file string, err error) error {
	var several ast.Errors
	if !errors.As(err, &several) || len(several) == 0 {
		return &source.Error{At: source.Location{File: file}, ID: "rule", Message: strings.TrimPrefix(err.Error(), file+": "), Err: err}
	}
	first := several[0]
	out := &source.Error{At: source.Location{File: file}, ID: "rule", Message: first.Message, Err: err}
	if strings.HasPrefix(first.Message, "undefined function ") {
		out.Hint = "rules of your own may call what depends on its arguments alone: no network, environment, clock or randomness"
	}
	if first.Location != nil {
		at := source.Position{Line: first.Location.Row, Column: first.Location.Col}
		out.At.Range = source.Range{Start: at, End: at}
	}
	return out
}

// general are the lists that hold what the document says, beside the lists of
// facts that rules of the program report.
var general = []string{"adapters", "document", "inputs", "outputs", "steps"}

// listNames returns every list that a rule may look at.
func listNames(builtins []*rule) []string {
	names := append([]string(nil), general...)
	for _, r := range builtins {
		for _, list := range r.Over {
			if !slices.Contains(names, list) {
				names = append(names, list)
			}
		}
	}
	slices.Sort(names)
	return names
}

// Scaffold returns the files of a new rule, by name: the rule and its test.
func Scaffold(id, name string) (map[string]string, error) {
	if strings.HasPrefix(id, "CAP") || !ownID.MatchString(id) {
		return nil, &source.Error{ID: "rule", Message: fmt.Sprintf("the id %q is not one of a rule of your own", id), Expected: "capitals and digits, such as ACME001, and not CAP"}
	}
	if !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(name) {
		return nil, &source.Error{ID: "rule", Message: fmt.Sprintf("the name %q is not one of a rule", name), Expected: "small letters, digits and underscores"}
	}
	out := map[string]string{}
	for file, template := range map[string]string{name + ".rego": "scaffold/rule.rego.txt", name + "_test.rego": "scaffold/rule_test.rego.txt"} {
		text, err := fs.ReadFile(scaffold, template)
		if err != nil {
			return nil, err
		}
		out[name+"/"+file] = strings.NewReplacer("RULE_ID", id, "RULE_NAME", name).Replace(string(text))
	}
	return out, nil
}

// Library returns the Rego that rules of the user's own may import, by file: the
// functions of capcheck.lib, and the fact that tests begin from.
func Library() map[string]string {
	out := map[string]string{}
	for _, file := range [...]string{"rules/lib/lib.rego", "rules/lib/fixture_test.rego"} {
		if text, err := builtin.ReadFile(file); err == nil {
			out[file] = string(text)
		}
	}
	return out
}
