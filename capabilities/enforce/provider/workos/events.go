package workos

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// eventsText names the events of the published description, one a line; those that
// can be listed, and not sent to webhooks, say so.
//
//go:embed events.txt
var eventsText string

// eventNames are the events that can be listed, and whether they can be sent.
var eventNames = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for line := range strings.Lines(eventsText) {
		words := strings.Fields(line)
		names[words[0]] = !slices.Contains(words, "listed-only")
	}
	return names
})
