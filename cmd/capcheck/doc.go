// Command capcheck looks for what a capability lacks: controls that are missing,
// late or unused, secrets that leak, doors left open.
//
// Standard output carries the report alone; messages go to standard error. The
// exit codes are those of docs/exit-codes.md, the same for every format. Each
// verb is one file.
package main
