// Package maestro reads an agent through the seven layers of MAESTRO: which
// layers its listing shows, which published threats apply, with the evidence,
// and which chains run across layers.
//
// # How a layer is decided
//
// The agent is reduced to traits, each with the words or the structure that
// shows it. Rules, which are data, lead from traits to layers, threats and
// chains. A layer is mapped only by evidence; without any it is not certain; it
// is not applicable only where the input says that it has no place. What the
// listing itself states about a layer decides that layer's status.
//
// # What it cannot do
//
// It reads a description, not the agent. It knows English words from a published
// list and believes what they say. Some threats leave no trace in any listing:
// [Report.NotDetectable] names them, and no finding is ever made of them.
package maestro
