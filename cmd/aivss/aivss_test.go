package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"agentrisk/internal/report/scorecard"
)

var update = flag.Bool("update", false, "rewrite the expected outputs of the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"aivss": main})
}

// TestScripts runs the program as a user does; each script is one story.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("INPUTS", filepath.Join(root, "testdata"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": expectStatus,
			"valid":  expectValid,
			"narrow": expectNarrow,
		},
	})
}

// expectStatus runs the program and compares its exit code: status 3 aivss …
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

// expectValid checks a JSON file against the published schema of a score.
func expectValid(ts *testscript.TestScript, neg bool, args []string) {
	compiler := jsonschema.NewCompiler()
	ts.Check(compiler.AddResource("score.json", bytes.NewReader(scorecard.JSONSchema)))
	schema, err := compiler.Compile("score.json")
	ts.Check(err)
	dec := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	dec.UseNumber()
	for dec.More() {
		var v any
		ts.Check(dec.Decode(&v))
		if err := schema.Validate(v); (err == nil) == neg {
			ts.Fatalf("valid: %v", err)
		}
	}
}

// expectNarrow checks that no line of a file is wider than 80 columns, in code
// points, vectors and places in the file system aside.
func expectNarrow(ts *testscript.TestScript, _ bool, args []string) {
	for i, line := range strings.Split(ts.ReadFile(args[0]), "\n") {
		if len([]rune(line)) > 80 && !strings.Contains(line, "CVSS:") && !strings.Contains(line, "AIVSS:") {
			ts.Fatalf("line %d is %d columns wide: %s", i+1, len([]rune(line)), line)
		}
	}
}

// BenchmarkStart measures a whole process, from start to the result of one file.
func BenchmarkStart(b *testing.B) {
	program := filepath.Join(b.TempDir(), "aivss")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	input := "../../testdata/listings/harbor-desk.txt"
	if _, err := os.Stat(input); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if out, err := exec.Command(program, "score", input).CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/start")
}

// TestSize: the stripped program stays below 12 MB.
func TestSize(t *testing.T) {
	program := filepath.Join(t.TempDir(), "aivss")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	const limit = 12_000_000
	t.Logf("measured: aivss is %d bytes, stripped", info.Size())
	if info.Size() >= limit {
		t.Errorf("aivss is %d bytes; the limit is %d", info.Size(), limit)
	}
}
