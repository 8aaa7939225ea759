// Package plan compiles a capability for the runtime: each step bound to an
// operation of a local provider, each argument to where its value comes from, and
// what each step needs before and after it.
//
// What cannot be bound is refused with the nearest names, before anything runs.
package plan
