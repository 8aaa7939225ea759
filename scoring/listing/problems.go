package listing

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"agentrisk/internal/source"
)

// MaxErrors is how many faults of one file are reported; more are counted.
const MaxErrors = 100

// The ids of the faults by which a caller may pass over a file: nothing in it
// describes an agent. Any other fault is one of a file that does.
const (
	ErrUnknownForm = "unknown-form"
	ErrNotAListing = "not-a-listing"
)

// Errors are the faults of one file, in the order of their places.
type Errors []*source.Error

// Error prints one fault a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the faults.
func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, one := range e {
		errs[i] = one
	}
	return errs
}

// collector gathers faults within bounds.
type collector struct {
	errs Errors
	more int
}

func (c *collector) add(e *source.Error) {
	if len(c.errs) >= MaxErrors {
		c.more++
		return
	}
	c.errs = append(c.errs, e)
}

// addError takes over an error of package source.
func (c *collector) addError(file string, err error) {
	var many Errors
	var one *source.Error
	switch {
	case errors.As(err, &many):
		for _, e := range many {
			c.add(e)
		}
	case errors.As(err, &one):
		c.add(one)
	default:
		c.add(&source.Error{At: source.Location{File: file}, ID: "unreadable", Message: err.Error(), Err: err})
	}
}

// err returns nil where nothing was added, and Errors otherwise.
func (c *collector) err() error {
	if len(c.errs) == 0 {
		return nil
	}
	slices.SortStableFunc(c.errs, func(a, b *source.Error) int {
		switch at, other := a.At.Range.Start, b.At.Range.Start; {
		case at.Before(other):
			return -1
		case other.Before(at):
			return 1
		}
		return 0
	})
	if c.more > 0 {
		last := c.errs[len(c.errs)-1]
		c.errs = append(c.errs, &source.Error{At: last.At, ID: "too-many-errors",
			Message: fmt.Sprintf("%d more faults are not shown", c.more), Hint: "mend these first"})
		c.more = 0
	}
	return c.errs
}
