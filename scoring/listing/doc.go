// Package listing loads what describes an agent — an assessment file, a v0.8
// JSON report, a saved listing page, a stream of either — into factors with
// evidence.
package listing
