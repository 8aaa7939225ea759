package lint

// Rule is what is known of a rule: its annotations, and where it comes from.
type Rule struct {
	ID         string     `json:"id"`    // CAP102; user rules have their own prefix
	Name       string     `json:"name"`  // name of its folder: missing_authorization
	Title      string     `json:"title"` // what is wrong, in a few words
	Group      string     `json:"group"` // document, controls, scope, secrets, containment, input, suppressions, user
	Severity   Severity   `json:"severity"`
	Confidence Confidence `json:"confidence"`
	Why        string     `json:"why"`             // why it matters
	Risk       string     `json:"risk"`            // what may happen, in one line
	Do         string     `json:"do"`              // what to do, in one line
	False      string     `json:"false_positives"` // when it is wrong
	Fix        string     `json:"fix,omitempty"`   // the mechanical change, where there is one
	Frequency  string     `json:"frequency,omitempty"`
	Links      Links      `json:"links"`
	Docs       string     `json:"docs"` // path of its page in the repository
	User       bool       `json:"user"` // one of the user's own
	File       string     `json:"file"` // the Rego that decides it, "" where Go does
}

// Links place a rule in the published catalogues.
type Links struct {
	MAESTRO []string `json:"maestro,omitempty"` // layers and threats: L6, X-03
	OWASP   []string `json:"owasp,omitempty"`   // ASI03, LLM06, owasp-asi-1.1:T3
	CWE     []string `json:"cwe,omitempty"`     // CWE-862
	AIVSS   []string `json:"aivss,omitempty"`   // factors and mitigations it touches
}
