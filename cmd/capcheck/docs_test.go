package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
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

// TestDocsNameEveryFlag: every verb and flag stands in the manual.
func TestDocsNameEveryFlag(t *testing.T) {
	text, err := os.ReadFile("../../docs/capcheck.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, cmd := range (&command{}).root().Commands() {
		if name := cmd.Name(); name != "help" && name != "completion" && !bytes.Contains(text, []byte("`"+name)) && !bytes.Contains(text, []byte("capcheck "+name)) {
			t.Errorf("the verb %s is not in the manual", name)
		}
		for _, flag := range regexp.MustCompile(`--[a-z][a-z-]+`).FindAllString(cmd.LocalFlags().FlagUsages(), -1) {
			if !bytes.Contains(text, []byte("`"+flag)) {
				t.Errorf("the flag %s of %s is not in the manual", flag, cmd.Name())
			}
		}
	}
}
