// Package secrets keeps named credentials in an encrypted file, hands them out for
// a stated purpose, and keeps their values out of every output.
//
// # The file
//
// One file holds the secrets of all tenants, encrypted with age (C2SP age) to a key
// that lies in a second file. Encryption alone would let whoever knows the public
// key put another file in its place, so the content also carries a MAC under a key
// derived from the private one, and a generation that only grows: a caller who
// remembers the last generation notices an older copy.
//
// # The values
//
// A Value prints, formats, logs and marshals as a mask. Expose is the one way to
// its text. A Masker replaces known values, and the usual encodings of them, in any
// stream. Memory is not wiped: Go gives no promise about copies.
package secrets
