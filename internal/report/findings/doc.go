// Package findings writes what linting capabilities found: as text for people,
// as the versioned JSON, and in the forms that build systems read.
//
// Every form is made of the same Report and holds the same findings. None of
// them reads a clock, the environment or a file; the source text that snippets
// show is handed in.
package findings
