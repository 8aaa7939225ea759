// Package limits says when an agent does too much, is denied too often, or does
// what it never did: budgets, a circuit breaker and signals of anomaly.
//
// The rules are plain functions over counts, in whole numbers; the counts live in
// the database of the runtime, so a restart resets nothing. A limit that is
// reached pauses: it defers, or asks for a person, or denies, and never goes on
// slower or partly. Only a person closes a breaker again.
//
// [Limiter.Check] answers before authorization and changes nothing.
// [Limiter.Charge] looks again and counts, in the transaction of a fresh intent:
// two runs cannot share the last of a budget.
package limits
