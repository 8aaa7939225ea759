// Package audit keeps the record of what the enforcement runtime decided and did,
// so that a change to it afterwards is noticed.
//
// # What is written
//
// Each entry is one canonical JSON object (RFC 8785) in a tiled Merkle log
// (C2SP tlog-tiles, RFC 6962 hashing). An entry names its run, its place in the
// run and the hash of the run's previous entry. Append returns only after the
// entry is on disk and part of the tree; a caller that gets an error must not act.
// Arguments are never stored, only their hash, and every text passes a redactor.
//
// # What Verify can show
//
// A signed checkpoint shows that whoever holds the log's key stood behind a state
// of the log. It does not show that the same holder did not write another history
// and sign that one. Only a checkpoint kept elsewhere, or one that a witness
// cosigned, does. Verify checks everything it is given and says what it could not
// check; entries after the kept checkpoint are as trustworthy as the log's key.
//
// Writing needs a system with POSIX file locks. Reading, verifying and proving
// work everywhere.
package audit
