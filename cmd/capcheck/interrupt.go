package main

import (
	"context"
	"io"

	"golang.org/x/term"
)

// interruptible is a reader that stops waiting when its context ends: a person who
// interrupts the program at a question is not asked to answer it first. A read that
// was left behind takes what comes next, so nothing is read after it.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i *interruptible) Read(p []byte) (int, error) {
	buffer := make([]byte, len(p))
	n, err := interrupted(i.ctx, func() (int, error) { return i.r.Read(buffer) })
	return copy(p, buffer[:n]), err
}

// interrupted is what read gives, or the end of the context where that comes first.
func interrupted[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	got := make(chan result, 1)
	go func() {
		value, err := read()
		got <- result{value, err}
	}()
	select {
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	case r := <-got:
		return r.value, r.err
	}
}

// hidden reads a line from a terminal that does not show it. However it ends, the
// terminal shows again what is typed.
func hidden(ctx context.Context, terminal int) ([]byte, error) {
	before, err := term.GetState(terminal)
	if err != nil {
		return nil, err
	}
	line, err := interrupted(ctx, func() ([]byte, error) { return term.ReadPassword(terminal) })
	if ctx.Err() != nil {
		_ = term.Restore(terminal, before) // nothing better can be done about it
	}
	return line, err
}
