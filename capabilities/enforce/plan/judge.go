package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
)

// judge works out what is yes or no. A side that is not known decides nothing
// where the other side decides already: false and unknown is false.
func (n *node) judge(env *Env) (any, error) {
	switch n.kind {
	case kNot:
		holds, err := n.parts[0].truth(env)
		return !holds && err == nil, err
	case kAnd, kOr:
		return n.both(env)
	case kMatch:
		return n.match(env)
	case kExists:
		found, err := n.parts[0].found(env)
		return len(found) > 0, err
	}
	if n.typed {
		return n.compareTyped(env)
	}
	left, err := n.parts[0].eval(env)
	if err != nil {
		return false, err
	}
	right, err := n.parts[1].eval(env)
	if err != nil {
		return false, err
	}
	if n.kind == kEqual {
		return n.equal(left, right)
	}
	order, err := n.order(left, right)
	return err == nil && (order < 0 || order == 0 && n.kind == kLessEqual), err
}

// both is "and" and "or" over three values.
func (n *node) both(env *Env) (any, error) {
	deciding := n.kind == kOr
	var unknown error
	for _, part := range n.parts {
		holds, err := part.truth(env)
		switch {
		case errors.Is(err, ErrUnknown):
			unknown = err
		case err != nil:
			return false, err
		case holds == deciding:
			return deciding, nil
		}
	}
	if unknown != nil {
		return false, unknown
	}
	return !deciding, nil
}

func (n *node) match(env *Env) (any, error) {
	v, err := n.parts[0].eval(env)
	if err != nil {
		return false, err
	}
	switch v.(type) {
	case nil:
		return false, nil
	case []any, map[string]any:
		return false, n.fail("compares "+describe(v)+" with a pattern", nil)
	}
	return n.pattern.MatchString(plainText(v)), nil
}

// truth is what a value counts for where yes or no is asked for: what is null,
// empty, zero or the word false is no.
func (n *node) truth(env *Env) (bool, error) {
	v, err := n.eval(env)
	if err != nil {
		return false, err
	}
	switch v := v.(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	case string:
		return v != "" && !strings.EqualFold(v, "false"), nil
	case []any:
		return len(v) > 0, nil
	case map[string]any:
		return len(v) > 0, nil
	}
	number, ok := rational(v)
	if !ok {
		return false, n.fail("is neither yes nor no", nil)
	}
	return number.Sign() != 0, nil
}

// equal compares two values. Values of two types are an error, since a text is
// never the number meant: neither "equal" nor "different" may be concluded. Null
// is equal to null alone.
func (n *node) equal(a, b any) (bool, error) {
	if a == nil || b == nil {
		return a == nil && b == nil, nil
	}
	switch a := a.(type) {
	case bool:
		if b, ok := b.(bool); ok {
			return a == b, nil
		}
	case string:
		if b, ok := b.(string); ok {
			return a == b || n.loose && strings.EqualFold(a, b), nil
		}
	case []any, map[string]any:
		if reflect.TypeOf(a) == reflect.TypeOf(b) {
			return same(a, b), nil
		}
	}
	x, y, ok := n.numbers(a, b)
	if !ok {
		return false, n.apart(a, b)
	}
	return x.Cmp(y) == 0, nil
}

// same compares lists and maps; numbers in them count by their value.
func same(a, b any) bool {
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !same(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for key, v := range a {
			if w, ok := b[key]; !ok || !same(v, w) {
				return false
			}
		}
		return true
	case nil, bool, string:
		return a == b
	}
	x, isNumber := rational(a)
	y, also := rational(b)
	return isNumber && also && x.Cmp(y) == 0
}

// order compares two numbers or two texts. Nothing else has an order.
func (n *node) order(a, b any) (int, error) {
	if x, y, ok := n.numbers(a, b); ok {
		return x.Cmp(y), nil
	}
	x, isText := a.(string)
	y, also := b.(string)
	switch {
	case !isText || !also:
		return 0, n.apart(a, b)
	case n.loose:
		x, y = strings.ToLower(x), strings.ToLower(y)
	}
	return strings.Compare(x, y), nil
}

func (n *node) apart(a, b any) error {
	return n.fail(fmt.Sprintf("compares %s with %s", describe(a), describe(b)), nil)
}

// numbers gives two values as numbers. Arazzo asks that a text which is a number
// be taken for one where it is compared with a number (1.0.1, 5.8.11.1).
func (n *node) numbers(a, b any) (x, y *big.Rat, ok bool) {
	x, first := rational(a)
	y, second := rational(b)
	if n.loose && first != second {
		if text, isText := a.(string); isText {
			x, first = rational(json.Number(text))
		}
		if text, isText := b.(string); isText {
			y, second = rational(json.Number(text))
		}
	}
	return x, y, first && second
}

// Bounds on numbers: what is larger is no number that a condition was written for.
const (
	maxDigits   = 400
	maxExponent = 400
)

// rational gives a number without rounding.
func rational(v any) (*big.Rat, bool) {
	switch v := v.(type) {
	case json.Number:
		return parseNumber(string(v))
	case int:
		return new(big.Rat).SetInt64(int64(v)), true
	case int64:
		return new(big.Rat).SetInt64(v), true
	case uint64:
		return new(big.Rat).SetFrac(new(big.Int).SetUint64(v), big.NewInt(1)), true
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, false
		}
		// The shortest decimal is what was written, not the binary fraction behind it.
		return parseNumber(strconv.FormatFloat(v, 'g', -1, 64))
	}
	return nil, false
}

func parseNumber(text string) (*big.Rat, bool) {
	if len(text) > maxDigits || !isNumber(text) {
		return nil, false
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		exponent, err := strconv.Atoi(text[i+1:])
		if err != nil || exponent > maxExponent || exponent < -maxExponent {
			return nil, false
		}
	}
	return new(big.Rat).SetString(text)
}

// isNumber holds the grammar of JSON numbers (RFC 8259, 6); an exponent may carry
// a plus sign.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, rest := digits(s)
	if whole == "" || len(whole) > 1 && whole[0] == '0' {
		return false
	}
	if fraction, ok := strings.CutPrefix(rest, "."); ok {
		if whole, rest = digits(fraction); whole == "" {
			return false
		}
	}
	if rest == "" {
		return true
	}
	if rest[0] != 'e' && rest[0] != 'E' {
		return false
	}
	rest = rest[1:]
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		rest = rest[1:]
	}
	exponent, rest := digits(rest)
	return exponent != "" && rest == ""
}

func digits(s string) (run, rest string) {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return s[:i], s[i:]
}
