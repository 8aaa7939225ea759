package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"agentrisk/internal/source"
)

// readYAML reads a file at the root of the repository.
func readYAML(t *testing.T, name string) source.Node {
	t.Helper()
	f, err := source.ReadFile(os.DirFS("../.."), name, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := source.ParseOne(f, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root
}

// TestActionIsHonest: nothing in the action can turn a failure green, and no
// input becomes part of a script.
func TestActionIsHonest(t *testing.T) {
	steps := readYAML(t, "action.yml").Get("runs").Get("steps")
	scripts := 0
	for i, step := range steps.Items() {
		if step.Get("continue-on-error").Exists() {
			t.Errorf("step %d goes on after an error", i+1)
		}
		script := step.Get("run").Text()
		if script == "" {
			continue
		}
		scripts++
		for _, bad := range []string{"${{", "||", "set +e", "&& true", "; true", "exit 0", "eval", "trap"} {
			if strings.Contains(script, bad) {
				t.Errorf("the script of step %d holds %q", i+1, bad)
			}
		}
		if step.Get("shell").Text() != "bash" {
			t.Errorf("step %d runs in no bash, which ends at the first error", i+1)
		}
	}
	if scripts != 2 {
		t.Errorf("%d scripts, not 2", scripts)
	}
}

// TestActionRuns runs the action's own script and compares how it ends.
func TestActionRuns(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skipf("bash is not installed: %v", err)
	}
	var script string
	for _, step := range readYAML(t, "action.yml").Get("runs").Get("steps").Items() {
		if step.Get("name").Text() == "Lint" {
			script = step.Get("run").Text()
		}
	}
	capcheck := program(t)
	const head = "specification: Naftiko Capability Composition\nspecificationVersion: \"0.1\"\nname: A\ndescription: A.\nprovider: P\n"
	files := map[string]string{
		".capcheck.yaml": "",
		"good.yaml":      head + "steps: [{id: look, capability: t, operation: list_tasks, description: L.}]\n",
		"bad one.yaml":   head + "steps: [{id: rm, capability: t, operation: delete_task, description: R.}]\n",
	}
	tests := []struct {
		name string
		env  []string
		want int
	}{
		{"clean", []string{"CAPCHECK_PATHS=good.yaml"}, exitOK},
		{"findings", []string{"CAPCHECK_PATHS=good.yaml\nbad one.yaml\n"}, exitFailed},
		{"a folder", []string{"CAPCHECK_PATHS=."}, exitFailed},
		{"nothing there", []string{"CAPCHECK_PATHS=none.yaml"}, exitIncomplete},
		{"a wrong word", []string{"CAPCHECK_PATHS=good.yaml", "CAPCHECK_FAIL_ON=high"}, exitUsage},
		{"a path that looks like a flag", []string{"CAPCHECK_PATHS=--fail-on=note"}, exitIncomplete},
		{"a command in an input", []string{"CAPCHECK_PATHS=good.yaml", "CAPCHECK_CONFIG=$(touch pwned); touch pwned"}, exitUsage},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.Command(bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), append([]string{"RUNNER_TEMP=" + filepath.Dir(capcheck), "GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary.md"),
				"CAPCHECK_FAIL_ON=error", "CAPCHECK_PROFILE=ci", "CAPCHECK_CONFIG=", "CAPCHECK_BASELINE=", "CAPCHECK_CHANGED_SINCE=", "CAPCHECK_SARIF=out.sarif"}, tt.env...)...)
			out, _ := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != tt.want {
				t.Errorf("exit code %d, want %d\n%s", code, tt.want, out)
			}
			if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
				t.Error("an input was run as a command")
			}
			if tt.want == exitFailed {
				for _, name := range []string{"summary.md", "out.sarif"} {
					if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
						t.Errorf("%s was not written: %v", name, err)
					}
				}
				if !strings.Contains(string(out), "::error file=bad one.yaml,") {
					t.Errorf("no annotation:\n%s", out)
				}
			}
		})
	}
}

// TestPreCommitHooks: the hooks call verbs and flags that there are.
func TestPreCommitHooks(t *testing.T) {
	hooks := readYAML(t, ".pre-commit-hooks.yaml")
	if hooks.Len() == 0 {
		t.Fatal("there are no hooks")
	}
	for _, hook := range hooks.Items() {
		words := strings.Fields(hook.Get("entry").Text())
		if len(words) < 2 || words[0] != "capcheck" || hook.Get("language").Text() != "golang" {
			t.Fatalf("hook %s: %v", hook.Get("id").Text(), words)
		}
		cmd, rest, err := (&command{}).root().Find(words[1:])
		if err == nil {
			err = cmd.ParseFlags(rest)
		}
		if err != nil {
			t.Errorf("hook %s: %v", hook.Get("id").Text(), err)
		}
	}
}
