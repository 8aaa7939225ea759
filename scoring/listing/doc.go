// Package listing loads what describes an agent — an assessment file, a v0.8
// JSON report, a saved listing page, an agent card, a stream of assessments —
// into factors with evidence.
//
// [Load] reads one file into agents. [Stream] scores a stream row by row, in
// constant memory. Neither guesses: what an input does not say is unknown, and
// what it says wrongly is an error that points at the place.
package listing
