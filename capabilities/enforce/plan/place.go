package plan

import (
	"agentrisk/capabilities/lint/facts"
	"agentrisk/internal/source"
)

// place is where a message about a step points at.
func (c *compiler) place(f *facts.Step) source.Location { return c.placeOf(f.At) }

func (c *compiler) placeOf(h facts.Handle) source.Location {
	if place, ok := c.facts.Place(h); ok {
		return place.Range()
	}
	return c.start()
}

func (c *compiler) placeOfFlow(f *facts.Flow) source.Location { return c.placeOf(f.At) }
