// Package plan compiles a capability for the runtime: each step bound to an
// operation of a local provider, each argument to where its value comes from, and
// what each step needs before and after it.
//
// What cannot be bound is refused with the nearest names, before anything runs: a
// [Refusal] lists every fault with its place, never the first alone.
//
// An argument is, in this order: from the sealed context where the operation says
// so, what the document binds, an input or the nearest earlier result of its name,
// one that goes by another of its names, one that means the same, the operation's
// own default. Where a document binds the values of a step itself, only what is
// required is looked for beyond that. Arguments tell which it was and why.
//
// An operation that nobody modelled is simulated, and the plan warns of it. One
// that its service is known not to offer is refused, and so are code, functions of
// the published engine, and conditions in languages that are not judged here.
// Of JSONPath those are judged that are tests and comparisons over paths and
// filters.
//
// Conditions have three values: what depends on a step that did not run is unknown,
// unless the rest decides. Values of two types are neither equal nor different, but
// in JSONPath, where RFC 9535 says that they are different and that null is not
// what is absent. Numbers are compared without rounding.
package plan
