package audit

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

//go:embed redactions.json
var redactionData []byte

// redaction is one shape of text that is a credential whatever its value.
type redaction struct {
	ID      string `json:"id"`
	Source  string `json:"source"`
	Pattern string `json:"pattern"`
	// Marks in small letters: what matches has one of them, in some case. A text
	// without any need not be held against the pattern, which takes far longer.
	Marks  []string `json:"marks"`
	Sample string   `json:"sample"`
	re     *regexp.Regexp
}

// marked is false where the pattern cannot match, of a text in small letters.
func (r redaction) marked(small string) bool {
	return slices.ContainsFunc(r.Marks, func(mark string) bool { return strings.Contains(small, mark) })
}

func loadRedactions() ([]redaction, error) {
	var rules []redaction
	if err := json.Unmarshal(redactionData, &rules); err != nil {
		return nil, fmt.Errorf("redactions: %w", err)
	}
	for i := range rules {
		re, err := regexp.Compile(rules[i].Pattern)
		if err != nil {
			return nil, fmt.Errorf("redaction %s: %w", rules[i].ID, err)
		}
		rules[i].re = re
	}
	return rules, nil
}

// redactor is the only way text gets into an entry: first the values the runtime
// knows to be secret are masked, then whatever looks like a credential.
type redactor struct {
	known func(string) string
	rules []redaction
}

func newRedactor(known func(string) string) (*redactor, error) {
	rules, err := loadRedactions()
	if err != nil {
		return nil, err
	}
	if known == nil {
		known = func(text string) string { return text }
	}
	return &redactor{known: known, rules: rules}, nil
}

// mask replaces credentials and leaves the rest as it is.
func (r *redactor) mask(text string) string {
	text = r.known(text)
	ascii := isASCII(text) // beyond, some letters count as another case of an ASCII one
	small := strings.ToLower(text)
	for _, rule := range r.rules {
		if ascii && !rule.marked(small) || !rule.re.MatchString(text) {
			continue
		}
		text = rule.re.ReplaceAllLiteralString(text, "[redacted:"+rule.ID+"]")
		small = strings.ToLower(text)
	}
	return text
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// text prepares words for people: masked, without control characters, bounded.
// Masking comes first, because a cut could leave half a secret unrecognised.
func (r *redactor) text(text string, limit int) string {
	if text == "" {
		return ""
	}
	return cut(plain(r.mask(text)), limit)
}

// id prepares a name that other entries refer to. Names are not cut: two long
// names with one beginning would become the same.
func (r *redactor) id(field, text string) (string, error) {
	clean := plain(r.mask(text))
	if len(clean) > MaxID {
		return "", bad(field, "at most %d bytes, got %d", MaxID, len(clean))
	}
	return clean, nil
}

// fact prepares the value of a fact. A name that promises a credential hides it
// whatever it looks like.
func (r *redactor) fact(name, value string) string {
	for _, word := range []string{"secret", "password", "token", "credential", "key"} {
		if strings.Contains(name, word) && !strings.HasSuffix(name, "_id") && !strings.HasSuffix(name, "_sha256") {
			return "[redacted:fact-name]"
		}
	}
	return r.text(value, MaxFact)
}
