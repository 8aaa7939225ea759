package agentrisk_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what the README shows")

var consoleBlock = regexp.MustCompile("(?s)```console\n\\$ ([^\n]+)\n(.*?)```")

// TestREADMEShowsRealOutput runs each command of a console block in the README
// and compares what it prints.
func TestREADMEShowsRealOutput(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := 0
	fresh := consoleBlock.ReplaceAllFunc(text, func(block []byte) []byte {
		blocks++
		m := consoleBlock.FindSubmatch(block)
		return []byte("```console\n$ " + string(m[1]) + "\n" + run(t, string(m[1])) + "```")
	})
	if blocks == 0 {
		t.Fatal("the README shows no run")
	}
	if *update {
		if err := os.WriteFile("README.md", fresh, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(fresh, text) {
		t.Errorf("the README shows other output than the programs print; go test -run README -update . rewrites it:\n%s", fresh)
	}
}

// run runs a command line without shell syntax.
func run(t *testing.T, line string) string {
	t.Helper()
	words := strings.Fields(line)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env = append(os.Environ(), "NO_COLOR=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, stderr.Bytes())
	}
	return string(out)
}
