package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

var consoleBlock = regexp.MustCompile("(?s)```console\n\\$ ([^\n]+)\n(.*?)```")

// TestDocsShowRealOutput runs each command of a console block in the manual, in
// testdata/docs, and compares what it prints.
func TestDocsShowRealOutput(t *testing.T) {
	const manual = "../../docs/capcheck.md"
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Dir(program(t))
	blocks := 0
	fresh := consoleBlock.ReplaceAllFunc(text, func(block []byte) []byte {
		blocks++
		line := string(consoleBlock.FindSubmatch(block)[1])
		words := strings.Fields(line)
		if words[0] != "capcheck" {
			t.Fatalf("%s: not a command of the program", line)
		}
		cmd := exec.Command(filepath.Join(bin, "capcheck"), words[1:]...)
		cmd.Dir = "testdata/docs"
		out, err := cmd.Output()
		if err != nil && cmd.ProcessState.ExitCode() != exitFailed {
			t.Fatalf("%s: %v", line, err)
		}
		return []byte("```console\n$ " + line + "\n" + string(out) + "```")
	})
	if blocks == 0 {
		t.Fatal("the manual shows no run")
	}
	if *update {
		if err := os.WriteFile(manual, fresh, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(fresh, text) {
		t.Errorf("the manual shows other output than the program prints; go test -run Docs -update . rewrites it:\n%s", fresh)
	}
}

// TestDocsNameEveryFlag: every verb and flag stands in a manual.
func TestDocsNameEveryFlag(t *testing.T) {
	var text []byte
	for _, name := range []string{"capcheck.md", "run.md"} {
		page, err := os.ReadFile("../../docs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, page...)
	}
	for _, cmd := range (&command{}).root().Commands() {
		documented(t, text, cmd)
	}
}

// documented looks for a verb, the verbs below it, and their flags.
func documented(t *testing.T, text []byte, cmd *cobra.Command) {
	if cmd.Name() == "help" || cmd.Name() == "completion" {
		return
	}
	path := strings.TrimPrefix(cmd.CommandPath(), "capcheck ")
	parent, own := "", "`"+cmd.Name()
	if i := strings.LastIndexByte(path, ' '); i >= 0 {
		parent = path[:i]
	}
	if !bytes.Contains(text, []byte("`"+path)) && !bytes.Contains(text, []byte("capcheck "+path)) && (parent == "" || !bytes.Contains(text, []byte(own))) {
		t.Errorf("the verb %s is not in a manual", path)
	}
	for _, flag := range regexp.MustCompile(`--[a-z][a-z-]+`).FindAllString(cmd.LocalFlags().FlagUsages(), -1) {
		if !bytes.Contains(text, []byte("`"+flag)) && !bytes.Contains(text, []byte(" "+flag)) {
			t.Errorf("the flag %s of %s is not in a manual", flag, path)
		}
	}
	for _, below := range cmd.Commands() {
		documented(t, text, below)
	}
}
