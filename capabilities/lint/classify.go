package lint

import (
	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
)

// classifier tells what the steps and entries of one document do.
type classifier struct {
	effects *effects.Classifier
	doc     *capabilities.Document
}

// Step tells what a step does.
func (c classifier) Step(s *capabilities.Step) effects.Result { return c.effects.OfStep(c.doc, s) }

// Entry tells what an exposed entry that calls one operation does.
func (c classifier) Entry(e *capabilities.Exposed) effects.Result {
	return c.effects.OfExposed(c.doc, e)
}
