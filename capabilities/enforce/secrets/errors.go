package secrets

import "errors"

// Errors that a caller may want to tell apart.
var (
	// ErrNotFound: the tenant has no such secret. A secret of another tenant gives
	// the same error.
	ErrNotFound = errors.New("no such secret: check its name and the tenant")
	// ErrExists: the name is taken.
	ErrExists = errors.New("the secret exists already: rotate it to change its value")
	// ErrPurpose: the secret may not be used for the stated purpose.
	ErrPurpose = errors.New("the secret is not meant for this purpose: state one it was stored for")
	// ErrRevoked: the secret, or the version asked for, is not valid any more.
	ErrRevoked = errors.New("the secret is revoked: store a new value")
	// ErrNoMatch: the presented value is not a valid one.
	ErrNoMatch = errors.New("the presented value is not a valid one of this secret")
	// ErrTooShort: the value is too short to be kept out of outputs.
	ErrTooShort = errors.New("the secret is too short: use 8 bytes or more")
	// ErrInvalid: an argument breaks a bound.
	ErrInvalid = errors.New("not a valid secret")
	// ErrTampered: the file is not one that this key wrote.
	ErrTampered = errors.New("the file of secrets was changed or belongs to another key: restore it from a backup")
	// ErrRolledBack: the file is older than the last one the caller knows of.
	ErrRolledBack = errors.New("the file of secrets is older than the last one seen: revoked values may be back in it; restore the newest copy")
)
