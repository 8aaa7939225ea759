package pattern

import (
	"sync"
	"testing"
)

func TestLazy(t *testing.T) {
	one := Lazy(`^a+$`)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			first, again := one(), one()
			if first != again || !first.MatchString("aa") || first.MatchString("b") {
				t.Error("not the same expression each time")
			}
		})
	}
	wait.Wait()
	defer func() {
		if recover() == nil {
			t.Error("an expression that does not compile went unnoticed")
		}
	}()
	Lazy(`(`)()
}
