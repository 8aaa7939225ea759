// Package journal keeps runs and their steps so that a process may die at any
// point: what was meant to happen is on disk before it happens, and what came of
// it afterwards.
//
// One process at a time executes a run: it holds a [Lease], and each lease has a
// higher fence than the one before. Every change names its lease, and a lease
// that was taken over changes nothing any more. A lease that merely ran out may
// still record what came of an effect, but begins none.
//
// After a crash the next owner loads the run, repeats its steps, and is told by
// [Journal.Intend] where each stands: [Fresh], [Done] with its result, or
// [InDoubt]: the intent is there and the outcome is not. A step in doubt may be
// repeated under the same idempotency key where the provider honours it, looked
// up with the provider and settled, or left to a person. It is never repeated
// blindly.
//
// Inputs and results are sealed (encrypted for their row). Arguments are not kept
// at all, only their hash. Every method works inside the caller's transaction, so
// that an intent, the approval it uses and the budget it spends are one.
package journal
