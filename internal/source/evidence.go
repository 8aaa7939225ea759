package source

// Basis says how sure a value is.
type Basis string

// The four bases, from the surest down.
const (
	Stated  Basis = "stated"  // the input says it
	Derived Basis = "derived" // a rule follows it from what the input says
	Assumed Basis = "assumed" // a documented default stands in
	Unknown Basis = "unknown" // nothing in the input tells
)

// Evidence is one reason for a value, a finding or a decision: where it was
// seen, in which words, and by which rule it was read.
type Evidence struct {
	At    Location `json:"at"`
	Quote string   `json:"quote,omitempty"` // the words of the input, shortened
	Rule  string   `json:"rule,omitempty"`  // id of the rule that read them
}

// MaxQuote is the number of code points a quote keeps.
const MaxQuote = 160

// Quote shortens text to one line of at most MaxQuote code points.
func Quote(text string) string {
	out := make([]rune, 0, MaxQuote)
	space := false
	for _, r := range text {
		if r == ' ' || r == '\n' || r == '\t' || r == '\r' {
			space = len(out) > 0
			continue
		}
		if len(out) >= MaxQuote-2 {
			return string(out) + "…"
		}
		if space {
			out = append(out, ' ')
			space = false
		}
		out = append(out, r)
	}
	return string(out)
}
