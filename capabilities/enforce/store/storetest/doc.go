// Package storetest runs a test on every database the runtime can use, with a
// clock the test sets.
package storetest
