// Package pattern compiles regular expressions when they are first used: those of
// the runtime took some 4 ms of every start, also of programs that never run it.
package pattern
