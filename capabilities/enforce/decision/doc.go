// Package decision is the vocabulary that every part of the enforcement runtime
// shares: who acts, what is asked, and what was decided and why.
package decision
