package listing

import (
	"unicode/utf8"

	"agentrisk/scoring"
)

// fastJSON reads the ordinary line of a stream straight from its bytes: one flat
// object of known fields with plain strings, plain decimals and one map of
// factors. Whatever is not ordinary — escapes, notes, an odd number, any fault —
// it leaves to the full reader, so that it decides nothing on its own. Where it
// accepts a line, the full reader accepts it with the same result.
type fastJSON struct {
	option *scoring.Formula
	shapes [8]shape
	next   int
	// Streams repeat their vectors: what a vector says is kept, within bounds.
	vectors map[string]*scoring.CVSS

	text []byte
	at   int
	wide bool // something beyond ASCII has been passed
	line fastLine
}

// shape is a list of factor keys seen before, with what it means.
type shape struct {
	keys    []string
	stated  string // formula as stated, empty where the keys decide
	formula *scoring.Formula
	unknown scoring.Input
	index   [scoring.FactorCount]int8
}

// fastLine is what one line says, before its formula is known.
type fastLine struct {
	fields     uint16
	name       []byte
	formula    []byte
	base       fastValue
	threat     fastValue
	mitigation fastValue
	count      int
	keys       [scoring.FactorCount][]byte
	factors    [scoring.FactorCount]fastValue
}

// fastValue is a number, a word, or neither for what is unknown.
type fastValue struct {
	number scoring.Decimal
	word   []byte
	given  bool // the field is there
	known  bool
}

const (
	fieldSchema = 1 << iota
	fieldName
	fieldProvider
	fieldDescription
	fieldFormula
	fieldBase
	fieldThreat
	fieldMitigation
	fieldFactors
)

// read reads a line into row; false leaves it to the full reader.
func (r *fastJSON) read(text []byte, row *Row) bool {
	r.text, r.at, r.wide = text, 0, false
	r.line = fastLine{}
	if !r.object() || r.wide && !utf8.Valid(text) {
		return false
	}
	s := r.shape()
	if s == nil {
		return false
	}
	row.Name, row.Formula, row.Input, row.CVSS = r.line.name, s.formula, s.unknown, nil
	return r.fill(s, row) && s.formula.Check(&row.Input) == nil
}

// object reads the fields of the line to its end.
func (r *fastJSON) object() bool {
	r.spaces()
	if !r.take('{') {
		return false
	}
	for {
		r.spaces()
		key, ok := r.plainString()
		if !ok || !r.colon() || !r.field(key) {
			return false
		}
		r.spaces()
		if r.take('}') {
			r.spaces()
			return r.at == len(r.text)
		}
		if !r.take(',') {
			return false
		}
	}
}

// field reads the value of one field. A field that stands twice, and one that
// is not known here, is not ordinary.
func (r *fastJSON) field(key []byte) bool {
	bit, ok := uint16(0), false
	switch string(key) {
	case "name":
		bit = fieldName
		r.line.name, ok = r.name()
	case "cvss":
		bit = fieldBase
		r.line.base, ok = r.value()
	case "threat":
		bit = fieldThreat
		r.line.threat, ok = r.value()
	case "mitigation":
		bit = fieldMitigation
		r.line.mitigation, ok = r.value()
	case "factors":
		bit = fieldFactors
		ok = r.factors()
	case "schema":
		bit = fieldSchema
		var text []byte
		text, ok = r.plainString()
		ok = ok && string(text) == SchemaAssessment
	case "formula":
		bit = fieldFormula
		r.line.formula, ok = r.plainString()
		ok = ok && len(r.line.formula) > 0
	case "provider":
		bit = fieldProvider
		_, ok = r.name()
	case "description":
		bit = fieldDescription
		var text []byte
		text, ok = r.plainString()
		ok = ok && len(text) <= maxText
	}
	if r.line.fields&bit != 0 {
		return false
	}
	r.line.fields |= bit
	return ok
}

func (r *fastJSON) name() ([]byte, bool) {
	text, ok := r.plainString()
	return text, ok && len(text) <= maxName && (!r.wide || utf8.Valid(text)) && checkName("name", text) == nil
}

// factors reads the map of factors. A key that stands twice is found when the
// keys are looked up.
func (r *fastJSON) factors() bool {
	if !r.take('{') {
		return false
	}
	r.spaces()
	if r.take('}') {
		return true
	}
	for {
		r.spaces()
		key, ok := r.plainString()
		if !ok || !r.colon() || r.line.count == scoring.FactorCount {
			return false
		}
		v, ok := r.value()
		if !ok {
			return false
		}
		r.line.keys[r.line.count], r.line.factors[r.line.count] = key, v
		r.line.count++
		r.spaces()
		if r.take('}') {
			return true
		}
		if !r.take(',') {
			return false
		}
	}
}

// value reads a number, a word, "unknown" or null.
func (r *fastJSON) value() (fastValue, bool) {
	if r.at >= len(r.text) {
		return fastValue{}, false
	}
	switch c := r.text[r.at]; {
	case c == '"':
		word, ok := r.plainString()
		if string(word) == unknownWord {
			return fastValue{given: true}, ok
		}
		return fastValue{word: word, given: true, known: true}, ok
	case c == 'n':
		if len(r.text)-r.at < 4 || string(r.text[r.at:r.at+4]) != "null" {
			return fastValue{}, false
		}
		r.at += 4
		return fastValue{given: true}, true
	}
	number, ok := r.decimal()
	return fastValue{number: number, given: true, known: true}, ok
}

// decimal reads what is both a JSON number and a plain decimal: at most three
// digits, and at most four behind a point.
func (r *fastJSON) decimal() (scoring.Decimal, bool) {
	d, n := plainDecimal(r.text[r.at:])
	r.at += n
	return d, n > 0
}

// plainDecimal reads a plain decimal at the head of text and returns its
// length, 0 where there is none or it is not plain.
func plainDecimal(text []byte) (scoring.Decimal, int) {
	i, whole := 0, scoring.Decimal(0)
	for ; i < len(text) && isDigit(text[i]); i++ {
		whole = whole*10 + scoring.Decimal(text[i]-'0')
		if i == 3 {
			return 0, 0
		}
	}
	if i == 0 || i > 1 && text[0] == '0' {
		return 0, 0
	}
	whole *= scoring.One
	if i == len(text) || text[i] != '.' {
		return whole, i
	}
	i++
	first, unit := i, scoring.One
	for ; i < len(text) && isDigit(text[i]); i++ {
		if unit /= 10; unit == 0 {
			return 0, 0
		}
		whole += unit * scoring.Decimal(text[i]-'0')
	}
	if i == first {
		return 0, 0
	}
	return whole, i
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// plainString reads a string without escapes and control characters.
func (r *fastJSON) plainString() ([]byte, bool) {
	if !r.take('"') {
		return nil, false
	}
	text := r.text[r.at:]
	for i, c := range text {
		switch {
		case c == '"':
			r.at += i + 1
			return text[:i], true
		case c == '\\' || c < ' ':
			return nil, false
		case c >= utf8.RuneSelf:
			r.wide = true
		}
	}
	return nil, false
}

func (r *fastJSON) take(c byte) bool {
	if r.at < len(r.text) && r.text[r.at] == c {
		r.at++
		return true
	}
	return false
}

func (r *fastJSON) colon() bool {
	r.spaces()
	ok := r.take(':')
	r.spaces()
	return ok
}

func (r *fastJSON) spaces() {
	for r.at < len(r.text) && (r.text[r.at] == ' ' || r.text[r.at] == '\t' || r.text[r.at] == '\r') {
		r.at++
	}
}
