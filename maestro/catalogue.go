package maestro

// Layer is one of the seven.
type Layer struct {
	ID        string   `json:"id"` // L1 to L7
	Name      string   `json:"name"`
	Meaning   string   `json:"meaning"`
	CoreRisks []string `json:"core_risks"` // OWASP AIVSS core risks, by AIVSS v0.8's own mapping
}

// Threat is a published threat. MAESTRO gives threats no ids: these are ours.
// Names recur across layers, so that only layer and name, or the id, say which
// threat is meant.
type Threat struct {
	ID          string      `json:"id"`    // L1-01 to L7-13, X-01 to X-05
	Layer       string      `json:"layer"` // L1 to L7, or X across layers
	Name        string      `json:"name"`
	Aliases     []string    `json:"aliases"`
	Description string      `json:"description"`
	Advice      string      `json:"advice"`
	References  []Reference `json:"references"`
	Detectable  bool        `json:"detectable"` // whether a listing can show exposure to it
	Source      string      `json:"source"`
}

// Reference points at an entry of another catalogue.
type Reference struct {
	ID   string `json:"id"` // such as owasp-asi-1.1:T6, ASI01, AML.T0051, CWE-1427, aivss:tool-misuse
	Name string `json:"name"`
}
