// Package scorecard is the report on agents' scores: computed once from what an
// input says, gated, and rendered in every format of aivss.
package scorecard
