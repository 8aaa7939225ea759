// Package report is what the reports of both programs share: formats and their
// destinations, files written atomically, tables, terminal manners, SARIF.
//
// The contract with the terminal: standard output carries the report alone, and
// colour only where it is a terminal and NO_COLOR is unset. A report is 80
// columns wide unless the terminal is narrower. Nothing here reads the
// environment; the programs do, and pass in what they found.
package report
