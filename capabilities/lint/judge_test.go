package lint

import (
	"bytes"
	"context"
	"encoding/json"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"agentrisk/capabilities"
	"agentrisk/capabilities/lint/facts"
)

// TestSameBytes: the result does not depend on the number of workers, nor on the
// order in which documents come.
func TestSameBytes(t *testing.T) {
	loads, _ := corpus(t, "arazzo")
	var all []Load
	for load := range loads {
		all = append(all, load)
	}
	var first []byte
	for _, parallel := range []int{1, 2, 7} {
		r := newLinter(t, Config{Profile: Audit, Parallel: parallel}).LintEach(context.Background(), slices.Values(all))
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = text
		}
		if !bytes.Equal(first, text) {
			t.Errorf("another result with %d workers", parallel)
		}
		slices.Reverse(all)
	}
}

// TestRulesSeeEveryFact: run without choosing the rules that have something to
// look at, the rules find the same; and each fact becomes a finding, so that no
// rule falls silent over a kind of fact that it does not know.
func TestRulesSeeEveryFact(t *testing.T) {
	l := newLinter(t, Config{Profile: Audit})
	e, err := compileBuiltin(func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, dir := range []string{"capabilities", "arazzo"} {
		loads, _ := corpus(t, dir)
		for load := range loads {
			for _, doc := range load() {
				compareRules(t, l, e, doc, seen)
			}
		}
	}
	for _, file := range fixtures(t) {
		for _, doc := range file {
			compareRules(t, l, e, doc, seen)
		}
	}
	for _, r := range l.rules {
		if r.Group != "suppressions" && !seen[r.Name] {
			t.Errorf("%s was not seen at work", r.Name)
		}
	}
}

func compareRules(t *testing.T, l *Linter, e *engine, doc *capabilities.Document, seen map[string]bool) {
	t.Helper()
	d := facts.Of(doc, newClassifier(l.operations, doc))
	run := func(rules []*rule) (map[string]int, int) {
		reports, err := e.run(context.Background(), input(d, rules))
		if err != nil {
			t.Fatalf("%s: %v", doc.File.Name, err)
		}
		byRule := map[string]int{}
		for _, one := range reports {
			byRule[one.rule]++
		}
		return byRule, len(reports)
	}
	chosen := active(l.rules, d)
	some, n := run(chosen)
	if _, all := run(l.rules); all != n {
		t.Errorf("%s: %d findings of the chosen rules, %d of all", doc.File.Name, n, all)
	}
	problems := 0
	for _, r := range chosen {
		list := r.Over[0]
		if list == "problems" {
			problems += some[r.Name]
		} else if some[r.Name] != len(d.Lists[list]) {
			t.Errorf("%s: %s tells %d of %d facts", doc.File.Name, r.Name, some[r.Name], len(d.Lists[list]))
		}
		seen[r.Name] = seen[r.Name] || some[r.Name] > 0
	}
	// What reads the same becomes one finding; names that stand twice have a list
	// of their own.
	total := 0
	for _, f := range d.Lists["problems"] {
		if f.Kind != "duplicate-id" {
			total++
		} else if len(d.Lists["duplicates"]) == 0 {
			t.Errorf("%s: nothing tells of %s", doc.File.Name, f.Text)
		}
	}
	if (problems == 0) != (total == 0) || problems > total {
		t.Errorf("%s: %d of %d problems are told", doc.File.Name, problems, total)
	}
}

func fixtures(t *testing.T) [][]*capabilities.Document {
	t.Helper()
	rules, err := Rules()
	if err != nil {
		t.Fatal(err)
	}
	var files [][]*capabilities.Document
	for _, r := range rules {
		files = append(files, readFixture(t, "err", r.Name+".yaml"), readFixture(t, "ok", r.Name+".yaml"))
	}
	return files
}

// TestRulesSayWhatTheyLookAt: the lists that a rule names in its annotations are
// those that its Rego looks at. A rule runs where they are filled.
func TestRulesSayWhatTheyLookAt(t *testing.T) {
	modules, err := readModules(builtin, "rules")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := builtinRules()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		m, err := parseModule(r.File, modules[r.File], nil, false)
		if err != nil {
			t.Fatal(err)
		}
		over, err := inspect(m, listNames(rules))
		if err != nil || !slices.Equal(over, r.Over) {
			t.Errorf("%s looks at %v, and says %v (%v)", r.Name, over, r.Over, err)
		}
		for _, rego := range m.Rules {
			if name := rego.Head.Name.String(); name != "report" && len(rego.Head.Args) == 0 && rego.Head.Value != nil && !isConstant(rego) {
				t.Errorf("%s defines %s, which is evaluated whether it is asked for or not", r.Name, name)
			}
		}
	}
}

func isConstant(r *ast.Rule) bool { return len(r.Body) == 1 && r.Head.Value.IsGround() }

// TestTimeLimit: a document whose rules do not end in time is incomplete.
func TestTimeLimit(t *testing.T) {
	l := newLinter(t, Config{Timeout: time.Nanosecond})
	r := l.Lint(context.Background(), parseText(t, "steps.yaml", manySteps(5)))
	if len(r.Incomplete) != 1 || r.Incomplete[0].File != "steps.yaml" || r.Summary.Incomplete != 1 {
		t.Errorf("incomplete is %+v", r.Incomplete)
	}
}

// TestPanicIsIncomplete: a fault of the program is told, and never reads as a
// clean document.
func TestPanicIsIncomplete(t *testing.T) {
	failing := func(yield func(Load) bool) { yield(func() []*capabilities.Document { panic("unreadable") }) }
	if r := newLinter(t, Config{}).LintEach(context.Background(), failing); len(r.Incomplete) != 1 {
		t.Errorf("incomplete is %+v", r.Incomplete)
	}
	broken := &capabilities.Document{Flows: []*capabilities.Flow{nil}}
	r := newLinter(t, Config{}).Lint(context.Background(), []*capabilities.Document{broken})
	if len(r.Incomplete) != 1 {
		t.Errorf("incomplete is %+v", r.Incomplete)
	}
}

// TestMemory: linting the corpus holds few files at a time.
func TestMemory(t *testing.T) {
	loads, _ := corpus(t, "capabilities")
	l := newLinter(t, Config{Profile: Audit})
	stop, most := make(chan struct{}), make(chan uint64)
	go func() {
		var peak uint64
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				most <- peak
				return
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapInuse+m.StackInuse)
			}
		}
	}()
	l.LintEach(context.Background(), loads)
	close(stop)
	peak := <-most
	t.Logf("at most %d MB of heap and stacks", peak>>20)
	if peak > 150<<20 {
		t.Error("more than 150 MB")
	}
}
