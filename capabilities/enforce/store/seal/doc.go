// Package seal encrypts what the database keeps, bound to the row it belongs to:
// a text moved to another row, run or tenant does not open.
package seal
