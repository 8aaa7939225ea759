// Package safefile reads and writes the runtime's private files: for their owner
// alone, in one step, on disk, and with other processes kept out meanwhile.
package safefile
