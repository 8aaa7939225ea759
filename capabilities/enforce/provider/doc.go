// Package provider is what the runtime acts on: local stand-ins for services, each
// a set of operations with the shapes of the real ones.
//
// A stand-in is outside the runtime as the service would be: it keeps its own
// state, in transactions of its own, may fail on the way, and answers a refusal the
// way its service does, be that with status 200. It decides nothing for the
// runtime. An operation that nobody modelled is answered by the generic stand-in,
// which says that it is simulated.
package provider
