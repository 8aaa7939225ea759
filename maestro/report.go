package maestro

import (
	"agentrisk/internal/source"
	"agentrisk/scoring/listing"
)

// Report is what can be said of one agent's layers. Its slices are never nil
// and their order is fixed: layers from L1 to L7, all else in catalogue order.
type Report struct {
	Layers        []LayerResult `json:"layers"`
	Chains        []Chain       `json:"chains"`
	NotDetectable []string      `json:"not_detectable"` // ids of threats no listing can show
	Traits        []TraitHit    `json:"traits"`
}

// LayerResult is the state of one layer and the threats found in it.
//
// Basis is stated where the input gives the status or structure shows the layer,
// derived where words do, and unknown where nothing tells.
type LayerResult struct {
	ID       string            `json:"id"` // L1 to L7
	Name     string            `json:"name"`
	Status   listing.Status    `json:"status"`
	Basis    source.Basis      `json:"basis"`
	Evidence []source.Evidence `json:"evidence"`
	Threats  []ThreatFinding   `json:"threats"`

	// Excluded are threats of the layer that do not concern this agent.
	Excluded []Exclusion `json:"excluded"`
	// Notes say where the listing and our rules differ.
	Notes []string `json:"notes"`
}

// ThreatFinding is a threat that applies to the agent. The layer it stands in
// may differ from the one it was published for: an ordinary agent's own identity
// gaps stand in L6.
type ThreatFinding struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Rule     string            `json:"rule"`
	Reason   string            `json:"reason"`
	Basis    source.Basis      `json:"basis"`
	Evidence []source.Evidence `json:"evidence"`
	Advice   string            `json:"advice"`
}

// Exclusion is a threat that does not concern the agent, and why.
type Exclusion struct {
	ID     string       `json:"id"`
	Name   string       `json:"name"`
	Rule   string       `json:"rule"`
	Reason string       `json:"reason"`
	Basis  source.Basis `json:"basis"`
}

// ChainState says how much of a chain, or of one link, the input shows.
type ChainState string

// The two states. A chain that the input breaks is not reported.
const (
	Shown    ChainState = "shown"    // every link has evidence
	Possible ChainState = "possible" // nothing rules out the links without evidence
)

// Chain is a way through several layers to harm.
type Chain struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	State   ChainState `json:"state"`
	Harm    string     `json:"harm"`
	Links   []Link     `json:"links"`
	Open    []string   `json:"open"`    // names of the links that are only possible
	Threats []string   `json:"threats"` // catalogue ids
	Advice  string     `json:"advice"`
}

// Link is one step of a chain.
type Link struct {
	Layer    string            `json:"layer"`
	Name     string            `json:"name"`
	State    ChainState        `json:"state"`
	Basis    source.Basis      `json:"basis"`
	Evidence []source.Evidence `json:"evidence"`
}

// Presence says whether the input shows a trait or denies it. There is no
// third value in a report: a trait that nothing speaks of has no hit.
type Presence string

// The two.
const (
	Present Presence = "present"
	Absent  Presence = "absent"
)

// TraitHit is a trait of the agent that the input shows or denies. Layer is set
// where the evidence comes from a note on one layer: it then speaks of that
// layer alone.
type TraitHit struct {
	ID       string            `json:"id"`
	Meaning  string            `json:"meaning"`
	Presence Presence          `json:"presence"`
	Layer    string            `json:"layer,omitempty"`
	Basis    source.Basis      `json:"basis"`
	Evidence []source.Evidence `json:"evidence"`
}
