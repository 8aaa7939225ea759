package store

import (
	"strings"
	"unicode/utf8"
)

// Clip makes text for people fit to be kept: at most max bytes, whole characters,
// and nothing that a database refuses.
func Clip(text string, max int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	if len(text) <= max {
		return text
	}
	cut := max
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// IsName says whether text can serve as a name: there, at most max bytes, UTF-8,
// and without control characters.
func IsName(text string, max int) bool {
	return text != "" && len(text) <= max && utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f })
}
