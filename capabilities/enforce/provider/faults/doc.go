// Package faults makes a stand-in slow or broken in the way a world says.
//
//	status      the service answers with the status; nothing happens
//	timeout     no answer comes within the latency; nothing happens
//	disconnect  the effect happens, and the answer is lost
//	malformed   the effect happens, and the answer cannot be read
//
// So an effect whose outcome is uncertain may have happened or not, as in life, and
// only a look-up tells; look-ups work at all times. How often a fault struck is
// counted for each tenant and copy, and outlives a restart.
package faults
