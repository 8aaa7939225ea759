// Package enforce is the reference enforcement runtime: it runs a compiled
// capability step by step against local providers, and lets an effect happen only
// after every check has said so, on record.
//
// The parts stand in the folders below, each alone; this package puts them in
// order (see docs/runtime/order.md) and decides nothing by itself. Any error of
// any part is a denial. What was begun is finished or undone after a crash.
package enforce
