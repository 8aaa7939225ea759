// Package facts computes once what the rules of lint ask about a document: what
// each step does and which controls protect it, what happens on denial and on
// failure, and where inputs and secrets flow.
//
// The meaning of effects, controls and needs is docs/effects.md. Every fact
// that a rule may report carries a Handle, which stands for a place.
package facts
