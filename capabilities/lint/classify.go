package lint

import (
	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
)

// classifier tells what the steps and entries of a document do.
type classifier struct {
	effects  *effects.Classifier
	provider string // of the document, where a step names none
}

// Step tells what a step does.
func (c classifier) Step(s *capabilities.Step) effects.Result {
	op := effects.Operation{ID: s.Target.Name, Provider: s.Target.Namespace, Method: s.Target.Method, Path: s.Target.Path, Name: s.Label(),
		Description: s.Description, At: s.Location()}
	if real := s.Target.Operation; real != nil {
		op.Method, op.Path, op.ID = real.Method, real.Path, real.ID
	}
	if c.provider != "" {
		op.Provider = c.provider
	}
	return c.effects.Classify(op)
}

// Entry tells what an exposed entry that calls one operation does.
func (c classifier) Entry(e *capabilities.Exposed) effects.Result {
	op := effects.Operation{ID: e.Call.Name, Provider: e.Call.Namespace, Method: e.Method, Path: e.Path, Name: e.Name, Description: e.Description, At: e.Location(),
		Hints: effects.Hints{At: e.Hints.At.Location(), ReadOnly: e.Hints.ReadOnly, Destructive: e.Hints.Destructive}}
	if real := e.Call.Operation; real != nil {
		op.Method, op.Path, op.ID = real.Method, real.Path, real.ID
	}
	return c.effects.Classify(op)
}
