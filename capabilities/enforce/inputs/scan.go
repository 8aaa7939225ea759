package inputs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Check is the name of this check in decisions.
const Check = "inputs"

// What Scan looks at. Beyond a bound it adds the signal [Incomplete].
const (
	MaxBytes   = 1 << 20 // of text, the keys of maps included
	MaxValues  = 1 << 18
	MaxDepth   = 64
	MaxSignals = 256
)

// Incomplete is the id of the signal that something was not looked at.
const Incomplete = "IN000"

// Severity says how much a signal weighs.
type Severity string

// The severities.
const (
	Note Severity = "note" // worth showing; ordinary text has it at times
	Warn Severity = "warn" // ordinary text has no cause for it
)

// Signal is one sign in one text. It quotes nothing of the text: a quotation
// would carry an attack, or a credential, further.
type Signal struct {
	ID       string   `json:"id"`   // of the rule
	Path     string   `json:"path"` // a.b[0]; "" is the whole value; an odd key is quoted
	Severity Severity `json:"severity"`
	Reason   string   `json:"reason"` // for a person
}

// Scan looks at every text in a JSON value, made of maps, lists, strings, numbers,
// truth values and nil. The signals come in the order of the value, keys sorted,
// and then of the rules; at most one for a rule and text, and at most [MaxSignals].
func Scan(arguments any) []Signal {
	rules, err := loadRules()
	if err != nil {
		return []Signal{{ID: Incomplete, Severity: Warn, Reason: "the rules cannot be read, so nothing was looked at: " + err.Error()}}
	}
	reader := rules.lend()
	defer rules.readers.Put(reader)
	s := &scanner{rules: rules, reader: reader, bytes: MaxBytes, values: MaxValues}
	s.value(arguments)
	if s.short != "" {
		s.signals = append(s.signals, Signal{ID: Incomplete, Severity: Warn, Reason: "not everything was looked at: " + s.short})
	}
	return s.signals
}

// scanner walks over one value.
type scanner struct {
	rules   *rules
	reader  *reader
	path    []segment
	bytes   int // of text that may still be looked at
	values  int
	signals []Signal
	short   string // why something was not looked at
}

// skip notes the first reason why something is not looked at.
func (s *scanner) skip(why string) {
	if s.short == "" {
		s.short = why
	}
}

func (s *scanner) value(v any) {
	s.values--
	switch {
	case s.values < 0:
		s.skip(fmt.Sprintf("more than %d values", MaxValues))
		return
	case len(s.path) > MaxDepth:
		s.skip(fmt.Sprintf("values nested more than %d deep, at %s", MaxDepth, render(s.path)))
		return
	}
	switch v := v.(type) {
	case nil, bool, float64, float32, int, int64, int32, uint, uint64, uint32:
	case string:
		s.text(v)
	case json.Number:
		s.text(string(v))
	case []any:
		list(s, v)
	case []string:
		list(s, v)
	case map[string]any:
		mapping(s, v)
	case map[string]string:
		mapping(s, v)
	default:
		s.skip(fmt.Sprintf("a value that is no JSON (%T), at %s", v, render(s.path)))
	}
}

func list[T any](s *scanner, items []T) {
	for i, item := range items {
		if s.values < 0 {
			return
		}
		s.within(segment{index: i}, item)
	}
}

func mapping[T any](s *scanner, m map[string]T) {
	if len(m) > s.values {
		s.values = -1
		s.skip(fmt.Sprintf("more than %d values", MaxValues))
		return
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if s.values < 0 {
			return
		}
		s.path = append(s.path, segment{key: key, named: true})
		s.text(key)
		s.path = s.path[:len(s.path)-1]
		s.within(segment{key: key, named: true}, m[key])
	}
}

func (s *scanner) within(at segment, v any) {
	s.path = append(s.path, at)
	s.value(v)
	s.path = s.path[:len(s.path)-1]
}

// text looks at one text and at what is encoded in it.
func (s *scanner) text(text string) {
	if len(text) > s.bytes {
		s.skip(fmt.Sprintf("more than %d bytes of text", MaxBytes))
		text = text[:s.bytes]
	}
	s.bytes -= len(text)
	if text == "" {
		return
	}
	found := s.reader.read(text)
	if s.reader.decoded < 0 {
		s.skip(fmt.Sprintf("more than %d bytes after decoding", maxDecoded))
	}
	for _, rule := range s.rules.list {
		f, ok := found[rule.id]
		if !ok {
			continue
		}
		if len(s.signals) == MaxSignals {
			s.skip(fmt.Sprintf("more than %d signals", MaxSignals))
			return
		}
		s.signals = append(s.signals, Signal{ID: rule.id, Path: render(s.path), Severity: f.severity, Reason: f.reason(rule)})
	}
}
