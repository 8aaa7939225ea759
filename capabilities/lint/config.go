package lint

import (
	"io/fs"
	"time"
)

// Profile chooses which findings are told, by severity and confidence.
type Profile string

// The profiles, from the fewest findings up.
const (
	CI     Profile = "ci"     // warnings and errors that are at least likely
	Review Profile = "review" // also what is only possible, and notes that are at least likely
	Audit  Profile = "audit"  // everything
)

// Profiles lists the profiles from the fewest findings up.
func Profiles() []Profile { return []Profile{CI, Review, Audit} }

// Config says which rules run and how. The zero Config is not valid: Today must
// be given unless NoIgnores is set.
type Config struct {
	Profile   Profile                // "" means Review
	Rules     map[string]RuleSetting // by id or name
	Catalogue []CatalogueEntry       // what operations of the user's own do
	UserRules []RuleDir
	Include   []string // patterns of files; for the program that looks for them
	Exclude   []string
	NoIgnores bool          // suppression comments do not count
	Today     time.Time     // the day on which suppressions are judged
	Parallel  int           // documents at a time; 0 means as many as there are cores
	Timeout   time.Duration // for each document; 0 means DefaultTimeout
}

// DefaultTimeout bounds the rules on one document.
const DefaultTimeout = 5 * time.Second

// RuleSetting changes one rule.
type RuleSetting struct {
	Off      bool
	Severity Severity // "" leaves it as it is
}

// RuleDir is a folder of rules of the user's own, laid out as the built-in ones.
type RuleDir struct {
	Name string // as messages call it
	FS   fs.FS
}

// CatalogueEntry says what an operation of the user's own does: in our company
// hr.ask_manager is an approval.
type CatalogueEntry struct {
	Operation string // its id or name, namespace in front where there is one
	Provider  string // whose operation it is; "" fits every provider
	Effect    string // as in package effects; "" leaves it to be found out
	Control   string // as in package effects; "" leaves it to be found out
}

// AtLeast reports whether p tells a finding of this severity and confidence.
func (p Profile) AtLeast(s Severity, c Confidence) bool {
	switch p {
	case Audit:
		return true
	case CI:
		return s.AtLeast(Warning) && c.AtLeast(Likely)
	}
	return s.AtLeast(Warning) || c.AtLeast(Likely)
}
