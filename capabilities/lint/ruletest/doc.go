// Package ruletest runs the tests of rules, written in Rego beside them, and
// measures which of their lines the tests cover.
package ruletest
