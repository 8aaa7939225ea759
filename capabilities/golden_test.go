package capabilities

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agentrisk/internal/source"
)

var update = flag.Bool("update", false, "write the golden files")

const fixtures = "../testdata/capabilities"

func fixtureFiles(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(fixtures + "/*/*.*")
	if err != nil || len(names) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	var out []string
	for _, name := range names {
		if !strings.HasSuffix(name, ".golden") {
			rel, err := filepath.Rel(fixtures, name)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, filepath.ToSlash(rel))
		}
	}
	return out
}

// Each fixture is read to what its golden file says: dialects, traps and all.
func TestFixtures(t *testing.T) {
	for _, name := range fixtureFiles(t) {
		t.Run(name, func(t *testing.T) {
			docs, err := NewReader(tree(t, fixtures), Options{}).Read(name)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for _, d := range docs {
				check(t, d)
				dump(&b, d)
			}
			golden := filepath.Join(fixtures, name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), b.String()); diff != "" {
				t.Errorf("read otherwise than before (-golden +now):\n%s", diff)
			}
		})
	}
}

// at prints a place as line:column, with the file where it is another one.
func at(d *Document, n source.Node) string {
	l := n.Location()
	if l.File == "" {
		return "-"
	}
	if l.File == d.File.Name {
		return fmt.Sprintf("%d:%d", l.Range.Start.Line, l.Range.Start.Column)
	}
	return l.String()
}

func dump(b *strings.Builder, d *Document) {
	p := func(depth int, format string, args ...any) {
		fmt.Fprintf(b, strings.Repeat("  ", depth)+format+"\n", args...)
	}
	verdict, violations := Conform(d)
	p(0, "document %d %s version %q by %q, %s, incomplete %v", d.Index, d.Dialect, d.Version, d.Reason, verdict, d.Incomplete)
	p(1, "identity %s id %q name %q provider %q api %q kind %q created %q", at(d, d.Identity.At), d.Identity.ID, d.Identity.Name,
		d.Identity.Provider, d.Identity.API, d.Identity.Kind, d.Identity.Created)
	for _, x := range d.Inputs {
		p(1, "input %s", parameterText(d, x))
	}
	for _, i := range d.Imports {
		p(1, "import %s %s %q name %q as %q file %q reason %q", at(d, i.At), i.Kind, i.Location, i.Name, i.As, i.File, i.Reason)
	}
	for _, x := range d.Binds {
		p(1, "bind %s %s at %q keys %d imported %v", at(d, x.At), x.Namespace, x.Location, len(x.Keys), x.Import != nil)
	}
	for _, c := range d.Consumes {
		p(1, "consumes %s %q at %q auth %s imported %v own %v", at(d, c.At), c.Namespace, c.BaseURI, authText(c.Authentication), c.Import != nil, c.Own)
		for _, op := range c.Operations {
			p(2, "operation %s %q name %q %s %s inputs %d outputs %s", at(d, op.At), op.ID, op.Name, op.Method, op.Path, len(op.Inputs), outputsText(op.Outputs))
		}
	}
	for _, f := range d.Functions {
		dumpEntry(p, d, f)
	}
	for _, a := range d.Exposes {
		p(1, "exposes %s %s %q port %s auth %s", at(d, a.At), a.Kind, a.Name, a.Port, authText(a.Authentication))
		for _, e := range a.Entries {
			dumpEntry(p, d, e)
		}
	}
	for _, f := range d.Flows {
		dumpFlow(p, d, f)
	}
	p(1, "outputs %s", outputsText(d.Outputs))
	for _, u := range d.Unknown {
		p(1, "unknown %s %s.%s", at(d, u.At), u.Where, u.Key)
	}
	for _, x := range d.Problems {
		p(1, "problem %s: %s", x.ID, x)
	}
	for _, x := range violations {
		p(1, "violation %s: %s", x.ID, x)
	}
}

func parameterText(d *Document, x *Parameter) string {
	required := "?"
	if x.Required != nil {
		required = fmt.Sprint(*x.Required)
	}
	return fmt.Sprintf("%s %q in %q type %q required %s value %q bounded %v", at(d, x.At), x.Name, x.In, x.Type, required, x.Value, x.Bounded)
}

func authText(a *Authentication) string {
	if a == nil {
		return "none stated"
	}
	return fmt.Sprintf("%s(%d)", a.Type, len(a.Fields))
}

func outputsText(outputs []*Output) string {
	var parts []string
	for _, o := range outputs {
		parts = append(parts, o.Name+"="+o.Source)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func targetText(d *Document, t Target) string {
	if t.State == None {
		return "calls nothing"
	}
	out := fmt.Sprintf("calls %q (%s / %s) %s", t.Text, t.Namespace, t.Name, t.State)
	switch {
	case t.Operation != nil:
		out += fmt.Sprintf(" -> operation %s %s %s", t.Operation.ID, t.Operation.Method, t.Operation.Path)
	case t.Entry != nil:
		out += " -> " + string(t.Entry.Kind) + " " + t.Entry.Name
	case t.Flow != nil:
		out += " -> flow " + t.Flow.ID
	case t.Reason != "":
		out += ": " + t.Reason
		if nearest := d.Nearest(&t); nearest != "" {
			out += ", nearest " + nearest
		}
	}
	return out
}

type printer func(depth int, format string, args ...any)

func dumpEntry(p printer, d *Document, e *Exposed) {
	flag := func(b *bool) string {
		if b == nil {
			return "?"
		}
		return fmt.Sprint(*b)[:1]
	}
	p(2, "%s %s %q %s %s inputs %d outputs %s hints %s%s%s%s safe %s tools %v", e.Kind, at(d, e.At), e.Name, e.Method, e.Path, len(e.Inputs),
		outputsText(e.Outputs), flag(e.Hints.ReadOnly), flag(e.Hints.Destructive), flag(e.Hints.Idempotent), flag(e.Hints.OpenWorld),
		flag(e.Semantics.Safe), e.Tools)
	p(3, "%s; flow %v", targetText(d, e.Call), e.Flow != nil)
}

func dumpFlow(p printer, d *Document, f *Flow) {
	p(1, "flow %s %q name %q steps %d entries %d exits %d outputs %s", at(d, f.At), f.ID, f.Name, len(f.Steps), len(f.Entries), len(f.Exits()), outputsText(f.Outputs))
	for _, x := range f.Inputs {
		p(2, "input %s", parameterText(d, x))
	}
	for _, s := range f.Steps {
		p(2, "step %s %d %q %s %s external %v", at(d, s.At), s.Index, s.Label(), s.Kind, targetText(d, s.Target), s.External)
		for _, c := range s.Conditions {
			p(3, "runs if %s not %v looks at %s", c.Text, c.Not, referencesText(d, f, c.References()))
		}
		for _, c := range s.Success {
			p(3, "succeeds if %s type %q over %q", c.Text, c.Type, c.Over)
		}
		for _, e := range s.OnSuccess {
			p(3, "on success %s", edgeText(e))
		}
		for _, e := range s.OnFailure {
			p(3, "on failure %s", edgeText(e))
		}
		for _, x := range s.Bindings {
			p(3, "binds %s %q in %q to %q from %s", at(d, x.At), x.Name, x.In, x.Value, referencesText(d, f, x.References()))
		}
		if s.ForEach != "" || s.Until != "" || s.Parent != nil || len(s.Outputs) > 0 || s.Script != "" {
			p(3, "for each %q until %q inside %v script %q outputs %s", s.ForEach, s.Until, s.Parent != nil, s.Script, outputsText(s.Outputs))
		}
	}
}

func edgeText(e Edge) string {
	to := "the end"
	if e.To != nil {
		to = e.To.Label()
	}
	if e.Workflow != "" {
		to = "workflow " + e.Workflow
	}
	if e.Unresolved != "" {
		to = "missing " + e.Unresolved
	}
	return fmt.Sprintf("%s to %s, stated %v, %d conditions, limit %q", e.Action, to, e.Stated, len(e.Conditions), e.Limit)
}

func referencesText(d *Document, f *Flow, refs []Reference) string {
	var parts []string
	for _, r := range refs {
		o := d.Origin(f, r)
		where := string(o.Root)
		switch {
		case o.Step != nil:
			where += " " + o.Step.Label()
		case o.Input != nil:
			where += " " + o.Input.Name
		case o.Key != nil:
			where += " " + o.Key.Name
		case o.Unbound:
			where += " unbound " + r.Name
		}
		parts = append(parts, strings.TrimSpace(where+" "+strings.Join(o.Path, "/")))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
