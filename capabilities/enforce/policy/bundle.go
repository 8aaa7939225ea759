package policy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/source"
)

// Bundle is a folder of Rego, with an optional data.json. One of its packages is
// called policy and has a rule decision. Files that end in _test.rego are left out.
type Bundle struct {
	Name string // as messages and reasons call it
	FS   fs.FS
}

// Bounds of a bundle.
const (
	maxFiles = 500
	maxBytes = 4 << 20 // of all files together
)

// dataFile holds the facts of a bundle.
const dataFile = "data.json"

// compiled is a bundle ready to decide.
type compiled struct {
	name    string
	version string
	query   rego.PreparedEvalQuery
}

// compile reads and compiles a bundle in the sandbox that rules of lint have.
func compile(ctx context.Context, b Bundle) (*compiled, error) {
	files, err := readBundle(b)
	if err != nil {
		return nil, err
	}
	limits := lint.Sandbox()
	modules, found := map[string]*ast.Module{}, false
	data := map[string]any{}
	for _, name := range sortedKeys(files) {
		if name == dataFile {
			if data, err = readData(b.Name, files[name]); err != nil {
				return nil, err
			}
			continue
		}
		m, err := ast.ParseModuleWithOpts(name, files[name], ast.ParserOptions{RegoVersion: ast.RegoV1, Capabilities: limits})
		if err != nil {
			return nil, fault(b.Name, name, err)
		}
		if err := checkLiterals(b.Name, name, m); err != nil {
			return nil, err
		}
		modules[name] = m
		found = found || m.Package.Path.String() == "data.policy" && slices.ContainsFunc(m.Rules, func(r *ast.Rule) bool { return r.Head.Ref().String() == "decision" })
	}
	if !found {
		return nil, faultf(b.Name, "", "has no rule decision in a package policy")
	}
	if _, clash := data["policy"]; clash {
		return nil, faultf(b.Name, dataFile, "has a key policy, where the rules are")
	}
	c := ast.NewCompiler().WithCapabilities(limits).WithStrict(true)
	if c.Compile(modules); c.Failed() {
		return nil, fault(b.Name, "", c.Errors)
	}
	query, err := rego.New(rego.Query("data.policy.decision"), rego.Compiler(c), rego.Store(inmem.NewFromObject(data)),
		rego.StrictBuiltinErrors(true)).PrepareForEval(ctx)
	if err != nil {
		return nil, fault(b.Name, "", err)
	}
	return &compiled{name: b.Name, version: hash(files), query: query}, nil
}

// readBundle returns the text of the files of a bundle.
func readBundle(b Bundle) (map[string]string, error) {
	files, size := map[string]string{}, 0
	err := fs.WalkDir(b.FS, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return fault(b.Name, name, err)
		}
		if e.IsDir() || name != dataFile && (!strings.HasSuffix(name, ".rego") || strings.HasSuffix(name, "_test.rego")) {
			return nil
		}
		if !e.Type().IsRegular() {
			return faultf(b.Name, name, "is no ordinary file")
		}
		f, err := source.ReadFile(b.FS, name, source.Limits{Bytes: maxBytes})
		if err != nil {
			return err
		}
		files[name] = string(f.Text)
		if size += len(f.Text); size > maxBytes || len(files) > maxFiles {
			return faultf(b.Name, "", "holds more than %d files or %d bytes", maxFiles, maxBytes)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, faultf(b.Name, "", "holds no .rego file")
	}
	return files, nil
}

func readData(bundle, text string) (map[string]any, error) {
	v, err := decode([]byte(text))
	if err != nil {
		return nil, fault(bundle, dataFile, err)
	}
	data, ok := v.(map[string]any)
	if !ok {
		return nil, faultf(bundle, dataFile, "is no object")
	}
	return data, nil
}

// checkLiterals refuses numbers that are costly to compute with.
func checkLiterals(bundle, file string, m *ast.Module) (err error) {
	ast.WalkTerms(m, func(t *ast.Term) bool {
		if n, ok := t.Value.(ast.Number); ok && err == nil && !modest(n.String()) {
			e := &source.Error{At: source.Location{File: bundle + "/" + file}, ID: "policy", Message: fmt.Sprintf("the number %.60q is too large or too long", n.String())}
			if t.Location != nil {
				p := source.Position{Line: t.Location.Row, Column: t.Location.Col}
				e.At.Range = source.Range{Start: p, End: p}
			}
			err = e
		}
		return false
	})
	return err
}

// hash names files by name and contents.
func hash(files map[string]string) string {
	h := sha256.New()
	for _, name := range sortedKeys(files) {
		fmt.Fprintf(h, "%d %s %d\n%s", len(name), name, len(files[name]), files[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
