// Package early prepares the heap before the program's other packages initialize.
//
// The programs' runs are short, and with an empty heap a good part of one is spent on
// the heap itself: it is collected often for nothing, and the kernel hands it out in
// pieces of 4 KB. Both are mended here, see docs/decisions.
//
// Go initializes packages in the order of their import paths as far as their imports
// allow (Go specification, "Package initialization"), so this one, which imports next
// to nothing, comes before the libraries of the runtime, which allocate 10 MB.
package early
