package inputs

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxLayers  = 3            // encodings inside one another
	maxDecoded = 4 * MaxBytes // of all texts of a value together
	minEncoded = 20           // characters of a run that may be encoded text
	wrapped    = 40           // characters of a line from which on the next may continue it
)

// encoded looks at what parts of a text decode to. Each layer is hardly longer than
// the one it stands in, there are at most maxLayers, and maxDecoded bounds them
// all.
func (r *reader) encoded(text string, found findings, layer int) {
	if layer > maxLayers {
		return
	}
	for _, d := range decodings() {
		inner := d.decode(text)
		if r.decoded -= len(inner); inner == "" || r.decoded < 0 {
			continue
		}
		below := findings{}
		r.plain(inner, below)
		r.encoded(inner, below, layer+1)
		// What the outer text says openly is not hidden.
		for _, rule := range r.rules.list {
			if f, ok := below[rule.id]; ok && (f.severity == Warn && found[rule.id].severity != Warn) {
				found.add(idEncoded, Warn, "as "+d.name+" it "+rule.says)
				break
			}
		}
	}
}

// decoding turns what is encoded in a text, all of it together, into text; "" where
// there is nothing.
type decoding struct {
	name   string
	decode func(string) string
}

func decodings() [5]decoding {
	return [5]decoding{
		{"base64", func(t string) string { return runs(t, base64Char, true, fromBase64) }},
		{"hexadecimal", func(t string) string { return runs(strings.ReplaceAll(t, `\x`, ""), hexChar, false, fromHex) }},
		{"percent-encoding", func(t string) string { return unescape(t, "%", 2) }},
		{"escapes", func(t string) string { return unescape(t, `\u`, 4) }},
		{"HTML entities", fromEntities},
	}
}

func base64Char(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '-' || c == '_'
}

func hexChar(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

// runs decodes every run of an alphabet, also one wrapped over lines, and joins
// what is text.
func runs(text string, in func(byte) bool, wraps bool, decode func(string) string) string {
	var out strings.Builder
	for i := 0; i < len(text); {
		if !in(text[i]) {
			i++
			continue
		}
		run, end := takeRun(text, i, in, wraps)
		i = end
		if len(run) < minEncoded {
			continue
		}
		if inner := decode(run); inner != "" {
			out.WriteString(inner + "\n")
		}
	}
	return out.String()
}

func takeRun(text string, i int, in func(byte) bool, wraps bool) (run string, end int) {
	start := i
	for i < len(text) && in(text[i]) {
		i++
	}
	run = text[start:i]
	if !wraps || len(run) < wrapped {
		return run, i
	}
	var lines []string
	for line := run; ; {
		lines = append(lines, line)
		next := i
		for next < len(text) && (text[next] == '\r' || text[next] == '\n') {
			next++
		}
		if next == i || next == len(text) || !in(text[next]) || len(line) < wrapped {
			return strings.Join(lines, ""), i
		}
		start = next
		for i = next; i < len(text) && in(text[i]); {
			i++
		}
		line = text[start:i]
	}
}

// fromBase64 tries the four places at which a run may begin inside letters that
// merely stand before it.
func fromBase64(run string) string {
	run = strings.NewReplacer("-", "+", "_", "/").Replace(run)
	for skip := range 4 {
		part := run[skip:]
		if len(part)%4 == 1 { // no text ends so
			part = part[:len(part)-1]
		}
		raw, err := base64.RawStdEncoding.DecodeString(part)
		if err == nil {
			if text := asText(raw); text != "" {
				return text
			}
		}
	}
	return ""
}

func fromHex(run string) string {
	for skip := range 2 {
		part := run[skip:]
		raw, err := hex.DecodeString(part[:len(part)-len(part)%2])
		if err == nil {
			if text := asText(raw); text != "" {
				return text
			}
		}
	}
	return ""
}

// asText is raw as text, "" where it is none. Text of two bytes a letter, as
// PowerShell encodes it, is made single.
func asText(raw []byte) string {
	if len(raw) >= 8 && raw[1] == 0 && raw[3] == 0 && raw[5] == 0 {
		raw = slices.DeleteFunc(slices.Clone(raw), func(c byte) bool { return c == 0 })
	}
	good, all := 0, 0
	for i := 0; i < len(raw); {
		c, size := utf8.DecodeRune(raw[i:])
		all++
		if c != utf8.RuneError && (unicode.IsPrint(c) || unicode.IsSpace(c)) {
			good++
		}
		i += size
	}
	// A run may end in letters that do not belong to it.
	if good*100 < all*85 {
		return ""
	}
	return strings.ToValidUTF8(string(raw), " ")
}

// unescape replaces escapes of a byte or character in hexadecimal, "" where there
// are fewer than four.
func unescape(text, mark string, digits int) string {
	const few = 4
	if strings.Count(text, mark) < few {
		return ""
	}
	var out strings.Builder
	count := 0
	for i := 0; i < len(text); {
		end := i + len(mark) + digits
		if end <= len(text) && strings.HasPrefix(text[i:], mark) {
			if n, ok := hexNumber(text[i+len(mark) : end]); ok {
				if digits == 2 {
					out.WriteByte(byte(n))
				} else {
					out.WriteRune(n)
				}
				count++
				i = end
				continue
			}
		}
		out.WriteByte(text[i])
		i++
	}
	if count < few {
		return ""
	}
	return strings.ToValidUTF8(out.String(), " ")
}

func hexNumber(digits string) (n rune, ok bool) {
	for _, c := range []byte(digits) {
		if !hexChar(c) {
			return 0, false
		}
		d := rune(c - '0')
		if c > '9' {
			d = rune(c|0x20-'a') + 10
		}
		n = n<<4 | d
	}
	return n, true
}

func fromEntities(text string) string {
	if !strings.Contains(text, "&") {
		return ""
	}
	if inner := html.UnescapeString(text); inner != text {
		return inner
	}
	return ""
}
