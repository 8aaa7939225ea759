package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"agentrisk/capabilities/enforce/audit"
)

var update = flag.Bool("update", false, "rewrite the expected outputs of the scripts")

func TestMain(m *testing.M) {
	if os.Getenv(measuring) != "" {
		measure(os.Args[1:])
	}
	audit.SetDriverLog(slog.New(slog.DiscardHandler))
	testscript.Main(m, map[string]func(){"capcheck": main})
}

// TestScripts runs the program as a user does; each script is one story.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			// The folder of a script is its own project.
			return os.WriteFile(filepath.Join(env.WorkDir, ".capcheck.yaml"), nil, 0o644)
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "git":
				_, err := exec.LookPath("git")
				return err == nil, nil
			case "terminal": // that scripts can give a program
				return runtime.GOOS == "linux" || runtime.GOOS == "darwin", nil
			case "log": // the audit log can be written
				return runtime.GOOS != "windows", nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": expectStatus,
			"valid":  expectValid,
			"rules":  expectRules,
			"field":  fieldOf,
		},
	})
}

// expectStatus runs the program and compares its exit code: status 3 capcheck …
func expectStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE PROGRAM ARGS...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// expectValid checks a JSON file against a schema that the program prints.
func expectValid(ts *testscript.TestScript, neg bool, args []string) {
	text, ok := schemaOf(args[0])
	if !ok {
		ts.Fatalf("no schema %s", args[0])
	}
	compiler := jsonschema.NewCompiler()
	ts.Check(compiler.AddResource("schema.json", bytes.NewReader(text)))
	schema, err := compiler.Compile("schema.json")
	ts.Check(err)
	dec := json.NewDecoder(strings.NewReader(ts.ReadFile(args[1])))
	dec.UseNumber()
	var v any
	ts.Check(dec.Decode(&v))
	if err := schema.Validate(v); (err == nil) == neg {
		ts.Fatalf("valid: %v", err)
	}
}

// fieldOf sets a variable to a value of a JSON file: field RUN run.json run, or
// field STATE list.json runs.0.state.
func fieldOf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: field VARIABLE FILE PATH")
	}
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &v))
	for name := range strings.SplitSeq(args[2], ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(in) {
				ts.Fatalf("%s has no %s", args[1], args[2])
			}
			v = in[i]
		}
	}
	if v == nil {
		ts.Fatalf("%s has no %s", args[1], args[2])
	}
	ts.Setenv(args[0], fmt.Sprint(v))
}

// expectRules compares the rules of a JSON report, in the order of their places,
// with a list: rules report.json CAP101 CAP102. A rule behind a minus must not be
// there, and a list of such alone allows others.
func expectRules(ts *testscript.TestScript, neg bool, args []string) {
	var report struct {
		Findings []struct {
			Rule              string
			Suppressed, Known bool
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &report))
	have := map[string]bool{}
	for _, f := range report.Findings {
		name := f.Rule
		switch {
		case f.Suppressed:
			name += ":suppressed"
		case f.Known:
			name += ":known"
		}
		have[name] = true
	}
	for _, want := range args[1:] {
		absent, isAbsent := strings.CutPrefix(want, "-")
		switch {
		case isAbsent && have[absent]:
			ts.Fatalf("%s is among %v", absent, have)
		case !isAbsent && !have[want]:
			ts.Fatalf("%s is not among %v", want, have)
		}
	}
}
