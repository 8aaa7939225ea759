// Package state is what the local stand-ins keep: rows of one tenant each, and the
// calls that took effect, so that a call with the same key takes effect once.
//
// Every body and every answer is sealed for the row it stands in. An effect and the
// record of its call are one transaction. A scratch copy shows what the state shows
// except for what was written to the copy; what is written to it stays in it.
package state
