package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"agentrisk/internal/report/findings"
)

// shared returns the folder of the shared material, which lies beside the
// repository. Without it a test is skipped, and fails where CI is true.
func shared(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("../../../shared/data")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the shared material is absent: %v", err)
		}
		t.Skipf("the shared material is absent: %v", err)
	}
	return dir
}

// program builds the program.
func program(t testing.TB) string {
	t.Helper()
	return build(t, ".", "capcheck")
}

func build(t testing.TB, folder, name string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if out, err := exec.Command("go", "build", "-o", name, folder).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return name
}

// run runs the program and returns what it prints and its exit code.
func run(t testing.TB, name string, env []string, args ...string) (stdout []byte, code int) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	if code = cmd.ProcessState.ExitCode(); code == exitUsage || code == exitIncomplete {
		t.Errorf("%v: exit code %d\n%s", args, code, stderr.Bytes())
	}
	return out, code
}

// TestCorpus: every real file ends in a result, whatever is wrong with it; the
// report is what its schema says; and it is the same on any number of cores.
func TestCorpus(t *testing.T) {
	data, name := shared(t), program(t)
	for _, folder := range []string{"capabilities", "arazzo"} {
		root := filepath.Join(data, folder)
		var first []byte
		for _, cores := range []string{"1", "2", "4"} {
			out, code := run(t, name, []string{"GOMAXPROCS=" + cores}, "lint", "-f", "json", "--profile", "audit", "--now", "2026-01-01", root)
			if code != exitFailed {
				t.Errorf("%s: exit code %d", folder, code)
			}
			if first == nil {
				first = out
			} else if !bytes.Equal(first, out) {
				t.Errorf("%s: another report on %s cores", folder, cores)
			}
		}
		checkCorpus(t, root, first)
	}
}

// measuring makes the test program run another one and print what it used. Where
// a large process starts a program, the system counts its memory as the
// program's; so a small one has to start it.
const measuring = "CAPCHECK_TEST_MEASURE"

// used is what a program used.
type used struct {
	Code int
	CPU  time.Duration
	Peak int64 // bytes
}

// measure runs a program, prints what it used and ends this one.
func measure(args []string) {
	cmd := exec.Command(args[0], args[1:]...)
	err := cmd.Run()
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitUsage)
	}
	state := cmd.ProcessState
	if err := json.NewEncoder(os.Stdout).Encode(used{state.ExitCode(), state.UserTime() + state.SystemTime(), peak(state)}); err != nil {
		os.Exit(exitUsage)
	}
	os.Exit(exitOK)
}

// TestMemory holds the most memory that linting the corpus takes.
func TestMemory(t *testing.T) {
	data, name := shared(t), program(t)
	for _, folder := range []string{"capabilities", "arazzo"} {
		for _, cores := range []string{"1", "2", "4"} {
			cmd := exec.Command(os.Args[0], name, "lint", "-f", "json="+filepath.Join(t.TempDir(), "out.json"), "--profile", "audit", filepath.Join(data, folder))
			cmd.Env = append(os.Environ(), "GOMAXPROCS="+cores, measuring+"=1")
			out, err := cmd.Output()
			var u used
			if err == nil {
				err = json.Unmarshal(out, &u)
			}
			if err != nil || u.Code != exitFailed {
				t.Fatalf("%s: exit code %d, %v\n%s", folder, u.Code, err, out)
			}
			t.Logf("measured: %s on GOMAXPROCS=%s: %v of processor time, %d MB at most", folder, cores, u.CPU, u.Peak>>20)
			const most = 150 << 20
			if u.Peak > most {
				t.Errorf("%s on %s cores: %d MB of memory; the limit is %d", folder, cores, u.Peak>>20, most>>20)
			}
		}
	}
}

func checkCorpus(t *testing.T, root string, report []byte) {
	t.Helper()
	schema, err := jsonschema.CompileString("findings.json", string(findings.JSONSchema))
	if err != nil {
		t.Fatal(err)
	}
	var any any
	dec := json.NewDecoder(bytes.NewReader(report))
	dec.UseNumber()
	if err := dec.Decode(&any); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(any); err != nil {
		t.Errorf("%v", err)
	}
	var r struct{ Files []struct{ File string } }
	if err := json.Unmarshal(report, &r); err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, f := range r.Files {
		there[f.File] = true
	}
	err = filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(name, ".tsv") {
			return err
		}
		if !there[filepath.ToSlash(name)] {
			t.Errorf("%s is not in the report", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
