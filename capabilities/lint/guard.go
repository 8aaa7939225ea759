package lint

import (
	"context"
	"errors"
	"runtime/metrics"
	"time"
)

// maxGrowth is how much the heap may grow, in bytes, while a rule of the user's
// own runs. No builtin knows how much memory is left: a rule that doubles a text
// forty times would take the machine down long before its time is up.
const maxGrowth = 128 << 20

var errMemory = errors.New("needed too much memory")

// guardMemory returns a context that is cancelled once the heap has grown by more
// than limit bytes. The growth of other documents counts too: the bound is one
// for the machine, not a measure of the rule. stop ends the watch.
func guardMemory(ctx context.Context, limit uint64) (guarded context.Context, stop func()) {
	guarded, cancel := context.WithCancelCause(ctx)
	before := heap()
	go func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-guarded.Done():
				return
			case <-tick.C:
				if heap() > before+limit {
					cancel(errMemory)
					return
				}
			}
		}
	}()
	return guarded, func() { cancel(nil) }
}

// heap returns the bytes that live and not yet collected objects take.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
