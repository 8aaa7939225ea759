// Package generic is the stand-in for operations that nobody modelled: it answers
// with made-up values of the declared shape, and says that they are simulated.
//
// A made-up answer never opens a gate: truth values of operations that decide
// something for a flow (authenticate, validate, authorize, approve) are false.
package generic
