package policy

// deep is more stack than an evaluation of policies as large as the runtime's own
// takes, in bytes; a larger one grows the stack as every function does.
const deep = 96 << 10

// roomy makes the stack large while there is little on it. An evaluation goes deep,
// and on its way down each doubling would move all that is there by then: that took
// a quarter of its time. A function asks for the room of all its variables as it is
// called; this one never comes to use it.
//
//go:noinline
func roomy(at int) byte {
	if at < 0 {
		return 0
	}
	var room [deep]byte
	room[at%deep] = 1
	return room[at/2%deep]
}
