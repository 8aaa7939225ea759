// Command aivss scores an AI agent: the OWASP AIVSS score with its arithmetic,
// evidence and drivers, and the seven MAESTRO layers.
//
// Standard output carries the report alone; messages go to standard error. The
// exit codes are those of docs/exit-codes.md. Each verb is one file.
package main
