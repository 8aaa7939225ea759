// Package tree finds the files to look at in one folder, as git sees them, and
// never leaves it.
package tree
