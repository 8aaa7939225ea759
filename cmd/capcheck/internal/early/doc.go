// Package early puts garbage collection off while the program's other packages
// initialize.
//
// The libraries of the runtime allocate 10 MB before main begins, most of it for good,
// and would collect three times over it; that is a tenth of the time of a short lint.
// Go initializes packages in the order of their import paths as far as their imports
// allow (Go specification, "Package initialization"), so this one, which imports next
// to nothing, comes before them. main puts back what was set before.
package early

import "runtime/debug"

// Before is the setting that was found.
var Before = debug.SetGCPercent(startPercent)

// startPercent lets the heap grow to 20 MB.
const startPercent = 400
