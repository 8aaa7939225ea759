// Package canonical gives a JSON value one spelling, after RFC 8785 (JSON
// Canonicalization Scheme), so that its SHA-256 names exactly that value.
//
// It is stricter than the RFC where two different inputs could share a hash:
// doubled keys, text that is not UTF-8, lone surrogates and numbers that a double
// cannot hold exactly (9007199254740993) are refused, never repaired.
//
// Only plain values can be written. A [Secret], or any type of another package,
// is refused, so a secret cannot slip into a record by way of a struct.
package canonical
