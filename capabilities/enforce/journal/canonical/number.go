package canonical

import (
	"math"
	"strconv"
	"strings"
)

// number gives a JSON number the spelling ECMAScript gives the double (RFC 8785,
// 3.2.2.3). It answers with a problem where the double is another number than
// the text says.
func number(literal string) (out, problem string) {
	if !isNumber(literal) {
		return "", "not a JSON number"
	}
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return "", "the number " + brief(literal) + " is out of range"
	}
	if f == 0 && !isZero(literal) {
		return "", "the number " + brief(literal) + " is too small to be told from zero"
	}
	out = spell(f)
	if f != 0 && decimalOf(literal) != decimalOf(out) {
		return "", "the number " + brief(literal) + " has more digits than can be held exactly"
	}
	return out, ""
}

// spell is Number::toString of ECMAScript.
func spell(f float64) string {
	if f == 0 {
		return "0" // minus zero too
	}
	size := math.Abs(f)
	if size >= 1e-6 && size < 1e21 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	text := strconv.FormatFloat(f, 'e', -1, 64)
	mantissa, exponent, _ := strings.Cut(text, "e")
	sign, digits := exponent[:1], strings.TrimLeft(exponent[1:], "0")
	return mantissa + "e" + sign + digits
}

// decimal is a number other than zero as sign, digits without zeros at either
// end, and the power of ten of the last digit.
type decimal struct {
	negative bool
	digits   string
	exponent int
}

func decimalOf(literal string) decimal {
	d := decimal{negative: strings.HasPrefix(literal, "-")}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(literal, "-")), "e")
	d.exponent, _ = strconv.Atoi(exponent) // in range: ParseFloat accepted the number
	whole, fraction, _ := strings.Cut(mantissa, ".")
	d.digits = strings.TrimLeft(whole+fraction, "0")
	d.exponent -= len(fraction)
	short := strings.TrimRight(d.digits, "0")
	d.exponent += len(d.digits) - len(short)
	d.digits = short
	return d
}

func isZero(literal string) bool {
	mantissa, _, _ := strings.Cut(strings.ToLower(literal), "e")
	return strings.Trim(mantissa, "-0.") == ""
}

// isNumber holds the grammar of RFC 8259, 6: strconv alone also takes
// hexadecimal, underscores and "inf".
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	digits := func() bool {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		zero := n > 1 && s[0] == '0'
		s = s[n:]
		return n > 0 && !zero
	}
	anyDigits := func() bool {
		n := len(s)
		s = strings.TrimLeft(s, "0123456789")
		return len(s) < n
	}
	if !digits() {
		return false
	}
	if strings.HasPrefix(s, ".") {
		if s = s[1:]; !anyDigits() {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		if s = s[1:]; s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if !anyDigits() {
			return false
		}
	}
	return s == ""
}

func brief(literal string) string {
	if len(literal) > 40 {
		return literal[:40] + "…"
	}
	return literal
}
