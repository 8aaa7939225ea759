package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
)

// An interrupt ends the wait for an answer, and is none.
func TestInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	in, typed := io.Pipe()
	defer typed.Close()
	var errs bytes.Buffer
	c := &command{stderr: &errs}
	lines := bufio.NewReaderSize(&interruptible{ctx, in}, maxLine)
	go func() { _, _ = io.WriteString(typed, "user_chidi\n") }()
	if line, ok := c.prompt(lines, "Who? "); !ok || line != "user_chidi" {
		t.Fatalf("%q, %v", line, ok)
	}
	interrupt()
	if line, ok := c.prompt(lines, "approve or deny? "); ok {
		t.Errorf("an interrupt was taken for %q", line)
	}
	if want := "Who? approve or deny? \n"; errs.String() != want {
		t.Errorf("%q, want %q", errs.String(), want)
	}
}

func TestInterruptibleReadsAsItsReader(t *testing.T) {
	want := bytes.Repeat([]byte("some text\n"), 10_000)
	got, err := io.ReadAll(&interruptible{t.Context(), bytes.NewReader(want)})
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	failed := errors.New("broken")
	if _, err := io.ReadAll(&interruptible{t.Context(), io.MultiReader(bytes.NewReader(want), &failing{failed})}); !errors.Is(err, failed) {
		t.Errorf("%v", err)
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }
