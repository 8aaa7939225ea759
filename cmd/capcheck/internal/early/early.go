package early

import (
	"runtime"
	"runtime/debug"
)

// Ballast is never read nor written, so that it takes no memory of the machine. It
// counts as in use, and Go collects garbage when the heap has grown to twice of that:
// the heap may grow by so much before it does. With more it is hardly faster.
var Ballast []byte

const ballast = 24 << 20

func init() {
	// What is allocated in the middle of a collection may have to be cleared, and what
	// is cleared takes memory.
	percent := debug.SetGCPercent(-1)
	Ballast = make([]byte, ballast)
	advise()
	debug.SetGCPercent(percent)
	runtime.GC() // what was advised is free again
}
