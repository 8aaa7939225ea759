package canonical

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Bounds on what is read or written.
const (
	MaxBytes = 1 << 20 // of one value
	MaxDepth = 64      // of arrays and objects inside each other
)

// JSON is a value in its one spelling. The zero JSON is the value null.
type JSON struct{ text string }

// String is the canonical text.
func (j JSON) String() string {
	if j.text == "" {
		return "null"
	}
	return j.text
}

// Bytes is the canonical text.
func (j JSON) Bytes() []byte { return []byte(j.String()) }

// Hash is the SHA-256 of the canonical text, in lower-case hex.
func (j JSON) Hash() string {
	sum := sha256.Sum256([]byte(j.String()))
	return hex.EncodeToString(sum[:])
}

// MarshalJSON makes the value usable inside other JSON.
func (j JSON) MarshalJSON() ([]byte, error) { return j.Bytes(), nil }

// Value is the value as Go sees it: nil, bool, string, json.Number, []any or
// map[string]any.
func (j JSON) Value() any {
	v, err := decode(j.Bytes())
	if err != nil {
		panic("canonical: a JSON that does not parse: " + err.Error()) // unreachable: only Parse and Marshal make one
	}
	return v
}

// Error says where a value cannot be made canonical, and why.
type Error struct {
	Path         string // of a Go value: $.a[2]
	Line, Column int    // of a text, from 1; 0 for a Go value
	Problem      string
	Hint         string
}

func (e *Error) Error() string {
	where := e.Path
	if e.Line > 0 {
		where = fmt.Sprintf("line %d, column %d", e.Line, e.Column)
	}
	if e.Hint == "" {
		return fmt.Sprintf("canonical json: %s: %s", where, e.Problem)
	}
	return fmt.Sprintf("canonical json: %s: %s; %s", where, e.Problem, e.Hint)
}

// Parse reads one JSON text and gives it its one spelling.
func Parse(data []byte) (JSON, error) {
	v, err := decode(data)
	if err != nil {
		return JSON{}, err
	}
	return Marshal(v)
}

// Plain is any Go value as encoding/json sees it: what Value gives of what Parse makes
// of its text.
func Plain(v any) (any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, &Error{Path: "$", Problem: err.Error()}
	}
	plain, err := decode(text)
	return spelled(plain), err
}

// spelled gives the numbers of a decoded value their one spelling.
func spelled(v any) any {
	switch v := v.(type) {
	case json.Number:
		text, _ := number(v.String()) // a decoded one can be kept
		return json.Number(text)
	case []any:
		for i, item := range v {
			v[i] = spelled(item)
		}
	case map[string]any:
		for key, item := range v {
			v[key] = spelled(item)
		}
	}
	return v
}

// Marshal writes a plain Go value: nil, bool, string, an integer, float64,
// json.Number, []any, []string, map[string]any, map[string]string or JSON.
func Marshal(v any) (JSON, error) {
	w := writer{}
	if err := w.value("$", v, 0); err != nil {
		return JSON{}, err
	}
	return JSON{text: string(w.out)}, nil
}

// Sum is the hash of several texts, each with its length, so that no two lists
// of texts share one.
func Sum(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		h.Write(strconv.AppendInt(nil, int64(len(part)), 10))
		h.Write([]byte{':'})
		h.Write([]byte(part))
	}
	return hex.EncodeToString(h.Sum(nil))
}

type writer struct{ out []byte }

func (w *writer) value(path string, v any, depth int) error {
	if depth > MaxDepth {
		return &Error{Path: path, Problem: fmt.Sprintf("more than %d levels deep", MaxDepth)}
	}
	if len(w.out) > MaxBytes {
		return &Error{Path: path, Problem: fmt.Sprintf("more than %d bytes", MaxBytes)}
	}
	switch v := v.(type) {
	case nil:
		w.out = append(w.out, "null"...)
	case bool:
		w.out = strconv.AppendBool(w.out, v)
	case string:
		return w.text(path, v)
	case JSON:
		return w.value(path, v.Value(), depth)
	case []any:
		return array(w, path, v, depth)
	case []string:
		return array(w, path, v, depth)
	case map[string]any:
		return object(w, path, v, depth)
	case map[string]string:
		return object(w, path, v, depth)
	case Secret, *Secret:
		return &Error{Path: path, Problem: ErrSecret.Error(), Hint: "pass a reference to it, never its value"}
	default:
		return w.number(path, v)
	}
	return nil
}

func array[T any](w *writer, path string, items []T, depth int) error {
	w.out = append(w.out, '[')
	for i, item := range items {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		if err := w.value(path+"["+strconv.Itoa(i)+"]", any(item), depth+1); err != nil {
			return err
		}
	}
	w.out = append(w.out, ']')
	return nil
}

func object[T any](w *writer, path string, members map[string]T, depth int) error {
	keys := make([]string, 0, len(members))
	for key := range members {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, compareUTF16)
	w.out = append(w.out, '{')
	for i, key := range keys {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		if err := w.text(path, key); err != nil {
			return err
		}
		w.out = append(w.out, ':')
		if err := w.value(path+"."+key, any(members[key]), depth+1); err != nil {
			return err
		}
	}
	w.out = append(w.out, '}')
	return nil
}

// compareUTF16 orders keys by their UTF-16 code units (RFC 8785, 3.2.3). It
// differs from the order of bytes for characters beyond U+FFFF alone.
func compareUTF16(a, b string) int {
	if isASCII(a) && isASCII(b) {
		return strings.Compare(a, b)
	}
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// text writes a string with the escapes of RFC 8785, 3.2.2.2.
func (w *writer) text(path, s string) error {
	if len(s) > MaxBytes {
		return &Error{Path: path, Problem: fmt.Sprintf("more than %d bytes", MaxBytes)}
	}
	if !utf8.ValidString(s) {
		return &Error{Path: path, Problem: "text is not UTF-8", Hint: "encode bytes as base64"}
	}
	const hexDigits = "0123456789abcdef"
	w.out = append(w.out, '"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if short, ok := shortEscape(c); ok {
			w.out = append(w.out, '\\', short)
		} else if c < 0x20 {
			w.out = append(w.out, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		} else {
			w.out = append(w.out, c)
		}
	}
	w.out = append(w.out, '"')
	return nil
}

func shortEscape(c byte) (byte, bool) {
	switch c {
	case '"', '\\':
		return c, true
	case '\b':
		return 'b', true
	case '\t':
		return 't', true
	case '\n':
		return 'n', true
	case '\f':
		return 'f', true
	case '\r':
		return 'r', true
	}
	return 0, false
}

func (w *writer) number(path string, v any) error {
	var literal string
	switch v := v.(type) {
	case json.Number:
		literal = v.String()
	case float64:
		literal = strconv.FormatFloat(v, 'g', -1, 64)
	case int:
		literal = strconv.Itoa(v)
	case int64:
		literal = strconv.FormatInt(v, 10)
	case uint64:
		literal = strconv.FormatUint(v, 10)
	default:
		return &Error{Path: path, Problem: fmt.Sprintf("a value of type %T cannot be recorded", v),
			Hint: "pass plain JSON values"}
	}
	out, problem := number(literal)
	if problem != "" {
		return &Error{Path: path, Problem: problem, Hint: "pass it as a string"}
	}
	w.out = append(w.out, out...)
	return nil
}
