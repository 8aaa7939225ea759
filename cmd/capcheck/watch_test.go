package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"agentrisk/internal/report"
)

// shelf is a writer that another goroutine may look into.
type shelf struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (s *shelf) Write(b []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.Write(b)
}

func (s *shelf) String() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.String()
}

// await waits until text stands on the shelf so many times.
func (s *shelf) await(t *testing.T, text string, times int) {
	t.Helper()
	for range 1000 {
		if strings.Count(s.String(), text) >= times {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("%q does not appear %d times in:\n%s", text, times, s.String())
}

// TestWatch: a watched folder is linted at once, again after each change, and no
// more once it is interrupted.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	const head = "specification: Naftiko Capability Composition\nspecificationVersion: \"0.1\"\nname: A\ndescription: A.\nprovider: P\n"
	put := func(name, step string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(head+"steps: [{id: x, capability: t, operation: "+step+", description: D.}]\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("a.yaml", "list_tasks")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stdout, stderr shelf
	c := &command{ctx: ctx, stdout: &stdout, stderr: &stderr, dir: dir, now: time.Now}
	how := linting{failOn: "error", outputs: []report.Output{{Format: "text"}, {Format: "json", Path: filepath.Join(dir, "out.json")}}}
	ended := make(chan error, 1)
	go func() { ended <- c.watch(ctx, how, nil) }()

	stderr.await(t, "watching for changes", 1)
	if strings.Contains(stdout.String(), "error[") {
		t.Fatalf("findings in a clean folder:\n%s", stdout.String())
	}
	put("a.yaml", "delete_task")
	stderr.await(t, "watching for changes", 2)
	stdout.await(t, "error[CAP103]", 1)
	put("new/b.yaml", "delete_task") // a folder that was not there
	stdout.await(t, "new/b.yaml", 1)
	before := strings.Count(stderr.String(), "watching for changes")
	time.Sleep(3 * settle) // our own report in the folder is no change
	if after := strings.Count(stderr.String(), "watching for changes"); after > before+1 {
		t.Errorf("%d runs without a change", after-before)
	}
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the watch ends with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the watch does not end")
	}
}

// TestProgress: long work tells a person how far it is, on one line.
func TestProgress(t *testing.T) {
	dir := t.TempDir()
	for i := range 120 {
		name := filepath.Join(dir, strings.Repeat("x", i+1)+".yaml")
		if err := os.WriteFile(name, []byte("arazzo: 1.0.1\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var told shelf
	c := &command{ctx: t.Context(), stdout: &shelf{}, stderr: &shelf{}, dir: dir, now: time.Now,
		progress: func(text string) { _, _ = told.Write([]byte(text)) }}
	c.main([]string{"lint"})
	if got := told.String(); strings.Count(got, "of 120 files") != 2 || !strings.HasSuffix(got, "\r\x1b[K") {
		t.Errorf("told %q", got)
	}
}
