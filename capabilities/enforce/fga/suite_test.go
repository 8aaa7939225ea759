package fga

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openfga/openfga/assets"

	"agentrisk/internal/source"
)

// The size of OpenFGA's own suite at the version in go.mod: a suite that shrinks is
// not one that passes. 495 assertions stand on what OpenFGA does by default, 21 on
// expressions inside tuples, an experiment of OpenFGA's that only this test has on.
const (
	suiteTests      = 171
	suiteAssertions = 495 + 21
)

type suiteTest struct {
	name   string
	stages []suiteStage
}

type suiteStage struct {
	model      string
	tuples     []Tuple
	assertions []suiteAssertion
}

type suiteAssertion struct {
	at      string
	query   Query
	want    bool
	errCode int
}

// TestOpenFGASuite runs OpenFGA's own suite through the engine on every backend,
// with the relations stored, and again with the relations given with the question.
func TestOpenFGASuite(t *testing.T) {
	suite := readSuite(t)
	each(t, func(t *testing.T, location string) {
		e := open(t, location, Options{suite: true, Timeout: time.Minute})
		ran := 0
		for i, test := range suite {
			ran += runSuite(t, e, fmt.Sprintf("suite-%d", i), test, false)
			runSuite(t, e, fmt.Sprintf("suite-%d-given", i), test, true)
		}
		if ran != suiteAssertions {
			t.Errorf("%d assertions ran, want %d", ran, suiteAssertions)
		}
	})
}

// runSuite returns how many assertions it made.
func runSuite(t *testing.T, e *Engine, tenant string, test suiteTest, given bool) (ran int) {
	t.Helper()
	ctx := context.Background()
	if given && len(test.stages) > 1 {
		return 0 // later stages build on what earlier ones stored
	}
	for _, stage := range test.stages {
		model, err := parseModel(stage.model)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if err := e.Provision(ctx, tenant, model); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		for i := 0; !given && i < len(stage.tuples); i += MaxChange {
			if err := e.Write(ctx, tenant, Change{Add: stage.tuples[i:min(i+MaxChange, len(stage.tuples))]}); err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
		}
		for _, a := range stage.assertions {
			a.query.Tenant = tenant
			if given {
				if len(stage.tuples) > MaxChange {
					continue // more than OpenFGA takes with a question
				}
				a.query.Tuples = append(append([]Tuple(nil), a.query.Tuples...), stage.tuples...)
			}
			ran++
			checkAssertion(t, e, test.name, a)
		}
	}
	return ran
}

func checkAssertion(t *testing.T, e *Engine, name string, a suiteAssertion) {
	t.Helper()
	got, err := e.Query(context.Background(), a.query)
	if a.errCode == 0 {
		if err != nil || got != a.want {
			t.Errorf("%s %s: %s %s %s: %t %v, want %t", a.at, name, a.query.User, a.query.Relation, a.query.Object, got, err, a.want)
		}
		return
	}
	var ours *Error
	switch {
	case !errors.As(err, &ours) || got:
		t.Errorf("%s %s: %t %v, want an error", a.at, name, got, err)
	case ours.Code != a.errCode && ours.Kind != Invalid: // Invalid: refused before OpenFGA was asked
		t.Errorf("%s %s: code %d (%v), want %d", a.at, name, ours.Code, err, a.errCode)
	}
}

func readSuite(t *testing.T) []suiteTest {
	t.Helper()
	var suite []suiteTest
	assertions := 0
	for _, name := range []string{"tests/consolidated_1_1_tests.yaml", "tests/abac_tests.yaml"} {
		f, err := source.ReadFile(assets.EmbedTests, name, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		doc, err := source.ParseOne(f, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range doc.Root.Get("tests").Items() {
			test := suiteTest{name: n.Get("name").Text()}
			for _, s := range n.Get("stages").Items() {
				stage := readStage(t, s)
				assertions += len(stage.assertions)
				test.stages = append(test.stages, stage)
			}
			suite = append(suite, test)
		}
	}
	if len(suite) != suiteTests || assertions != suiteAssertions {
		t.Fatalf("the suite has %d tests and %d assertions, want %d and %d", len(suite), assertions, suiteTests, suiteAssertions)
	}
	return suite
}

func readStage(t *testing.T, n source.Node) suiteStage {
	t.Helper()
	stage := suiteStage{model: n.Get("model").Text(), tuples: readTuples(t, n.Get("tuples"))}
	for _, a := range n.Get("checkAssertions").Items() {
		one := suiteAssertion{at: a.Location().String()}
		one.want, _ = a.Get("expectation").Bool()
		if code := a.Get("errorCode").Text(); code != "" {
			var err error
			if one.errCode, err = strconv.Atoi(code); err != nil {
				t.Fatal(err)
			}
		}
		key := a.Get("tuple")
		one.query = Query{User: key.Get("user").Text(), Relation: key.Get("relation").Text(), Object: key.Get("object").Text(),
			Tuples: readTuples(t, a.Get("contextualTuples")), Context: readContext(t, a.Get("context"))}
		stage.assertions = append(stage.assertions, one)
	}
	return stage
}

func readTuples(t *testing.T, n source.Node) []Tuple {
	t.Helper()
	var out []Tuple
	for _, one := range n.Items() {
		tuple := Tuple{User: one.Get("user").Text(), Relation: one.Get("relation").Text(), Object: one.Get("object").Text()}
		if c := one.Get("condition"); c.Exists() {
			tuple.Condition = &Condition{Name: c.Get("name").Text(), Context: readContext(t, c.Get("context"))}
		}
		out = append(out, tuple)
	}
	return out
}

func readContext(t *testing.T, n source.Node) map[string]any {
	t.Helper()
	if n.IsNull() {
		return nil
	}
	m, ok := plain(t, n).(map[string]any)
	if !ok {
		t.Fatalf("%s: a context is %s", n.Location(), n.Describe())
	}
	return m
}

// plain gives a node as JSON would.
func plain(t *testing.T, n source.Node) any {
	t.Helper()
	switch n.Kind() {
	case source.Mapping:
		m := map[string]any{}
		for k, v := range n.Pairs() {
			m[k.Text()] = plain(t, v)
		}
		return m
	case source.Sequence:
		list := []any{}
		for _, v := range n.Items() {
			list = append(list, plain(t, v))
		}
		return list
	}
	if b, ok := n.Bool(); ok {
		return b
	}
	if n.IsNumber() {
		f, err := strconv.ParseFloat(strings.ReplaceAll(n.Text(), "_", ""), 64)
		if err != nil {
			t.Fatalf("%s: %v", n.Location(), err)
		}
		return f
	}
	return n.Text()
}
