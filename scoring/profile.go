package scoring

import (
	"fmt"
	"strings"
)

// Profile is the eight letters of the 1.0 candidate, in the order of its
// metrics: LC, CP, AP, SR, EX, PT, CA, TD. They have no numeric effect.
type Profile [8]byte

const profilePrefix = vectorPrefix + "1.0"

// Positions of the metrics that decide the effect class.
const (
	metricLC = iota
	metricCP
	metricAP
	metricSR
	classifying // how many they are
)

// ParseProfile reads AIVSS:1.0/LC:_/CP:_/AP:_/SR:_/EX:_/PT:_/CA:_/TD:_. The
// candidate fixes the order and demands every metric; X stands for what the
// evidence does not settle. Errors are *VectorError.
func ParseProfile(s string) (Profile, error) {
	var p Profile
	if len(s) > maxVectorText {
		return p, vectorError(s, maxVectorText, "it is longer than 1024 bytes", "give one vector")
	}
	head, next := cutMetric(s, 0)
	if head != profilePrefix {
		return p, vectorError(s, 0, "it does not begin with AIVSS:1.0", "this formula takes AIVSS:1.0/LC:…/CP:…/AP:…/SR:…/EX:…/PT:…/CA:…/TD:…")
	}
	for i, m := range metrics10 {
		if next > len(s) {
			return p, vectorError(s, len(s), m.Key+" is missing", "all eight metrics are mandatory; X means not known")
		}
		at := next
		var text string
		text, next = cutMetric(s, at)
		key, value, _ := strings.Cut(text, ":")
		if key != m.Key {
			return p, vectorError(s, at, fmt.Sprintf("%q stands where %s belongs", clip(text), m.Key), "the order is LC, CP, AP, SR, EX, PT, CA, TD")
		}
		if !m.hasLetter(value) {
			return p, vectorError(s, at+3, fmt.Sprintf("%s cannot be %q", m.Key, clip(value)), "expected one of "+m.lettersList())
		}
		p[i] = value[0]
	}
	if next <= len(s) {
		return p, vectorError(s, next, "something follows the last metric", "the profile ends with TD")
	}
	return p, nil
}

// String prints the vector of the profile.
func (p Profile) String() string {
	var b strings.Builder
	b.WriteString(profilePrefix)
	for i, m := range metrics10 {
		b.WriteString("/" + m.Key + ":")
		b.WriteByte(p[i])
	}
	return b.String()
}

// Check reports the first letter that its metric does not have, as a
// *NameError.
func (p Profile) Check() error {
	for i, m := range metrics10 {
		if !m.hasLetter(string(p[i : i+1])) {
			return &NameError{What: "value of " + m.Key, Name: string(p[i : i+1]), Allowed: m.lettersList()}
		}
	}
	return nil
}

// MarshalText prints the vector.
func (p Profile) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// Complete reports whether the evidence settles every metric.
func (p Profile) Complete() bool {
	for _, letter := range p {
		if letter == 'X' {
			return false
		}
	}
	return true
}

func (factor *Factor) hasLetter(letter string) bool {
	for _, l := range factor.Levels {
		if l.Letter == letter {
			return true
		}
	}
	return false
}

func (factor *Factor) lettersList() string {
	letters := make([]string, len(factor.Levels))
	for i, l := range factor.Levels {
		letters[i] = l.Letter
	}
	return strings.Join(letters, ", ")
}

// EffectClass is how much agentic behaviour lies on the path. It is an ordinal
// label that its authors have not validated, not a score.
type EffectClass uint8

// The classes of the candidate.
const (
	ClassA0 EffectClass = iota // nothing agentic that would raise the class
	ClassA1                    // agentic traits are present
	ClassA2                    // agentic traits add up
	ClassAX                    // the evidence does not settle a deciding metric
)

// String is "A0", "A1", "A2" or "AX".
func (c EffectClass) String() string { return [...]string{"A0", "A1", "A2", "AX"}[min(c, ClassAX)] }

// MarshalText prints the class's name.
func (c EffectClass) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Class applies the candidate's rules in their order: AX if LC, CP, AP or SR is
// X; A2 if the effect spreads laterally, or an attacker's words (direct or
// indirect) persist across sessions, or direct words work reliably; A0 if all
// four are at their least; A1 otherwise.
func (p Profile) Class() EffectClass {
	for _, letter := range p[:classifying] {
		if letter == 'X' {
			return ClassAX
		}
	}
	lc, cp, ap, sr := p[metricLC], p[metricCP], p[metricAP], p[metricSR]
	switch {
	case ap == 'L',
		(lc == 'D' || lc == 'I') && cp == 'C',
		lc == 'D' && sr == 'R':
		return ClassA2
	case lc == 'N' && cp == 'N' && ap == 'N' && sr == 'U':
		return ClassA0
	}
	return ClassA1
}

// PossibleClasses lists the classes that some evidence for the X among the
// deciding metrics would give, the lowest first.
func (p Profile) PossibleClasses() []EffectClass {
	var found [ClassAX]bool
	p.resolve(0, &found)
	var out []EffectClass
	for c, is := range found {
		if is {
			out = append(out, EffectClass(c))
		}
	}
	return out
}

// resolve tries every letter for every X from metric i on: 108 cases at most.
func (p Profile) resolve(i int, found *[ClassAX]bool) {
	if i == classifying {
		found[p.Class()] = true
		return
	}
	if p[i] != 'X' {
		p.resolve(i+1, found)
		return
	}
	for _, l := range metrics10[i].Levels {
		if l.Letter != unknownMark {
			p[i] = l.Letter[0]
			p.resolve(i+1, found)
		}
	}
}
