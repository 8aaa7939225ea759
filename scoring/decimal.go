package scoring

import (
	"fmt"
	"strconv"
	"strings"
)

// Decimal is an exact number in ten-thousandths: Decimal(8300) is 0.83.
// It holds whatever an assessment states, which never needs more than four
// decimals.
type Decimal int64

// One is the Decimal 1; ten of it are the top of the scale.
const (
	One Decimal = 10000
	ten         = 10 * One

	tenth Decimal = One / 10
)

// Tenths returns n tenths: Tenths(94) is 9.4. CVSS and AIVSS scores are
// published in tenths.
func Tenths(n int) Decimal { return Decimal(n) * tenth }

const (
	maxDecimalText   = 40 // bytes; more can only be padding or nonsense
	maxDecimalDigits = 18 // significant digits an int64 holds for certain
	decimalScale     = 4
)

// DecimalError reports a text that is not a number a Decimal can hold.
type DecimalError struct {
	Text   string // what was given, cut to 40 bytes
	Reason string // what is wrong with it
	Hint   string // what to write instead
}

func (e *DecimalError) Error() string {
	return fmt.Sprintf("%q is not a usable number: %s (%s)", e.Text, e.Reason, e.Hint)
}

func decimalError(text, reason, hint string) error {
	if len(text) > maxDecimalText {
		text = text[:maxDecimalText]
	}
	// A copy, so that callers may parse bytes as a string without allocating.
	return &DecimalError{Text: strings.Clone(text), Reason: reason, Hint: hint}
}

const plainHint = "write a plain decimal such as 0.83"

// ParseDecimal reads a plain decimal: an optional minus sign, digits without
// padding zeros, and at most four decimals, trailing zeros aside. An exponent
// is accepted where the value stays exact, as in 5e-1, since JSON writers
// produce it. Whatever else is a *DecimalError; nothing is ever rounded.
func ParseDecimal(s string) (Decimal, error) {
	switch {
	case s == "":
		return 0, decimalError(s, "it is empty", plainHint)
	case len(s) > maxDecimalText:
		return 0, decimalError(s, "it is longer than 40 characters", plainHint)
	}
	rest, negative := s, s[0] == '-'
	if negative {
		rest = rest[1:]
	}
	coef, scale, rest, err := scanMantissa(s, rest)
	if err != nil {
		return 0, err
	}
	exponent, err := scanExponent(s, rest)
	if err != nil {
		return 0, err
	}
	value, err := rescale(s, coef, scale-exponent)
	if err != nil {
		return 0, err
	}
	if negative {
		value = -value
	}
	return Decimal(value), nil
}

// scanMantissa reads digits with an optional fraction from rest and returns
// the digits as an integer, the number of decimals, and what follows.
func scanMantissa(text, rest string) (coef int64, scale int, tail string, err error) {
	i, digits := 0, 0
	for ; i < len(rest) && isDigit(rest[i]); i++ {
		coef, digits, err = push(text, coef, digits, rest[i])
		if err != nil {
			return 0, 0, "", err
		}
	}
	switch {
	case i == 0:
		return 0, 0, "", decimalError(text, "a digit is expected", plainHint)
	case i > 1 && rest[0] == '0':
		return 0, 0, "", decimalError(text, "it has a leading zero", "write 7.5, not 07.5")
	}
	if i == len(rest) || rest[i] != '.' {
		return coef, 0, rest[i:], nil
	}
	i++
	first := i
	for ; i < len(rest) && isDigit(rest[i]); i++ {
		coef, digits, err = push(text, coef, digits, rest[i])
		if err != nil {
			return 0, 0, "", err
		}
	}
	if i == first {
		return 0, 0, "", decimalError(text, "a digit is expected after the point", plainHint)
	}
	return coef, i - first, rest[i:], nil
}

func push(text string, coef int64, digits int, c byte) (int64, int, error) {
	if coef > 0 {
		digits++
	}
	if digits >= maxDecimalDigits {
		return 0, 0, decimalError(text, "it has more than 18 digits", plainHint)
	}
	return coef*10 + int64(c-'0'), digits, nil
}

// scanExponent reads the rest of a number, which is nothing or an exponent of
// at most two digits.
func scanExponent(text, rest string) (int, error) {
	if rest == "" {
		return 0, nil
	}
	if rest[0] != 'e' && rest[0] != 'E' {
		return 0, decimalError(text, strconv.Quote(rest)+" is not part of a number", plainHint)
	}
	rest = rest[1:]
	sign := 1
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		if rest[0] == '-' {
			sign = -1
		}
		rest = rest[1:]
	}
	if rest == "" || len(rest) > 2 {
		return 0, decimalError(text, "its exponent must have one or two digits", plainHint)
	}
	exponent := 0
	for i := range len(rest) {
		if !isDigit(rest[i]) {
			return 0, decimalError(text, "its exponent is not a number", plainHint)
		}
		exponent = exponent*10 + int(rest[i]-'0')
	}
	return sign * exponent, nil
}

// rescale turns coef × 10^-scale into ten-thousandths, or fails where that
// would round or overflow.
func rescale(text string, coef int64, scale int) (int64, error) {
	for ; coef != 0 && scale > decimalScale; scale-- {
		if coef%10 != 0 {
			return 0, decimalError(text, "it has more than four decimals", "round it to four decimals, knowingly")
		}
		coef /= 10
	}
	const limit = int64(1) << 62 / 10
	for ; coef != 0 && scale < decimalScale; scale++ {
		if coef > limit {
			return 0, decimalError(text, "it is too large", "no published AIVSS value is above 10")
		}
		coef *= 10
	}
	return coef, nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// String prints the shortest form: "7", "0.5", "0.83", "-0.25".
func (d Decimal) String() string {
	var buf [24]byte
	return string(d.Append(buf[:0]))
}

// Append appends the shortest form of d to b.
func (d Decimal) Append(b []byte) []byte {
	return appendScaled(b, int64(d), decimalScale)
}

// MarshalJSON prints a JSON number.
func (d Decimal) MarshalJSON() ([]byte, error) { return d.Append(nil), nil }

// UnmarshalJSON reads a JSON number as [ParseDecimal] does.
func (d *Decimal) UnmarshalJSON(b []byte) error {
	v, err := ParseDecimal(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// appendScaled appends coef × 10^-scale without trailing zeros.
func appendScaled(b []byte, coef int64, scale int) []byte {
	u := uint64(coef)
	if coef < 0 {
		b = append(b, '-')
		u = -u
	}
	for ; scale > 0 && u%10 == 0; scale-- {
		u /= 10
	}
	if scale == 0 {
		return strconv.AppendUint(b, u, 10)
	}
	power := uint64(1)
	for range scale {
		power *= 10
	}
	b = strconv.AppendUint(b, u/power, 10)
	b = append(b, '.')
	for rest := u % power; power > 1; rest %= power {
		power /= 10
		b = append(b, '0'+byte(rest/power))
	}
	return b
}
