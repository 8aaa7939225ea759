package pattern

import (
	"regexp"
	"sync"
)

// Lazy returns a function that gives the compiled expression, the same each time.
// It may be called by many goroutines. An expression that does not compile panics
// when it is first used, so each needs a test that uses it.
func Lazy(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
