package audit

import (
	"errors"
	"fmt"
)

// Errors that a caller may want to tell apart.
var (
	// ErrUnsupported: this system has no log driver.
	ErrUnsupported = errors.New("the audit log cannot be written on this system: use Linux or macOS, or a container")
	// ErrClosed: the log was closed.
	ErrClosed = errors.New("the audit log is closed")
	// ErrUnwritable: the entry was not recorded. Nothing may happen without a record.
	ErrUnwritable = errors.New("the audit log cannot be written: check the disk, its space and the folder's permissions; nothing is done without a record")
	// ErrUncertain: the caller stopped waiting; the entry may or may not be recorded.
	ErrUncertain = errors.New("the audit log did not confirm the entry in time: treat it as not recorded, and look before writing it again")
	// ErrTampered: the log's files contradict each other; nothing is added to such a log.
	ErrTampered = errors.New("the audit log contradicts itself: run a verification and keep the folder as evidence")
	// ErrKey: the public key of a log or a witness cannot be read.
	ErrKey = errors.New("no public key")
	// ErrDisproved: what a proof says does not follow from the checkpoint in it, or
	// those who had to did not sign that.
	ErrDisproved = errors.New("the proof does not hold")
	// ErrRunOpen: the run already has a trail in this process.
	ErrRunOpen = errors.New("the run already has an open trail: use that one")
	// ErrOpenHere: this process has the log open already.
	ErrOpenHere = errors.New("this process already has the audit log open: use that one")
	// ErrScope: a reader must say which tenant it reads for.
	ErrScope = errors.New("no scope given: name a tenant, or ask for all tenants as the operator")
	// ErrNotFound: no entry matches within the scope.
	ErrNotFound = errors.New("no such entry: check the run, the step and the tenant")
	// ErrNotCovered: the entry exists, and no checkpoint covers it yet.
	ErrNotCovered = errors.New("no signed checkpoint covers the entry yet: close the log or wait for the next checkpoint")
)

// EntryError says which field of an entry is wrong and what was expected there.
type EntryError struct {
	Field string
	Want  string
	Err   error
}

func (e *EntryError) Error() string {
	text := fmt.Sprintf("audit entry: %s: expected %s", e.Field, e.Want)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the reader's own error.
func (e *EntryError) Unwrap() error { return e.Err }

func bad(field, want string, args ...any) error {
	return &EntryError{Field: field, Want: fmt.Sprintf(want, args...)}
}

// DataError says which file of a log is wrong, where, and what was expected.
type DataError struct {
	File   string
	Offset int // byte in the file, -1 where none applies
	Want   string
	Err    error
}

func (e *DataError) Error() string {
	text := "audit log: " + e.File
	if e.Offset >= 0 {
		text += fmt.Sprintf(" at byte %d", e.Offset)
	}
	text += ": expected " + e.Want
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Is tells faults of keys from those of the log.
func (e *DataError) Is(target error) bool {
	return target == ErrKey && (e.File == logKeyName || e.File == witnessKeyName)
}

// Unwrap gives the reader's own error.
func (e *DataError) Unwrap() error { return e.Err }
