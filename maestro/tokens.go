package maestro

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a word of a text, folded: lower case, straight apostrophes, no
// possessive ending.
type token struct {
	word       string
	start, end int   // bytes in the text
	gap        pause // what stands before it
}

// pause is how strongly the text before a token separates it from the last one.
type pause uint8

const (
	joined   pause = iota
	clause         // a comma, a dash, a parenthesis
	sentence       // the end of a sentence or of a list item
)

// tokenize cuts text into words: runs of letters, digits and inner apostrophes.
// With camel, it also cuts where a capital follows a small letter, as in names
// of functions.
func tokenize(text string, camel bool) []token {
	tokens := make([]token, 0, len(text)/5+1)
	last := 0 // end of the token before
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		if !isWordRune(r) {
			at += size
			continue
		}
		end := wordEnd(text, at, camel)
		tokens = append(tokens, token{
			word: fold(text[at:end]), start: at, end: end, gap: pauseIn(text[last:at]),
		})
		tokens = joinEmail(tokens, text)
		at, last = end, end
	}
	if len(tokens) > 0 {
		tokens[0].gap = sentence
	}
	return tokens
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func isApostrophe(r rune) bool { return r == '\'' || r == '’' }

func wordEnd(text string, at int, camel bool) int {
	small := false
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		if isApostrophe(r) {
			next, _ := utf8.DecodeRuneInString(text[at+size:])
			if !isWordRune(next) {
				return at
			}
		} else if !isWordRune(r) || camel && small && unicode.IsUpper(r) {
			return at
		}
		small = unicode.IsLower(r)
		at += size
	}
	return at
}

func fold(word string) string {
	word = strings.ToLower(word)
	if strings.Contains(word, "’") {
		word = strings.ReplaceAll(word, "’", "'")
	}
	return strings.TrimSuffix(word, "'s")
}

// joinEmail reads "e-mail" as "email": the one compound whose parts mean
// nothing apart.
func joinEmail(tokens []token, text string) []token {
	n := len(tokens)
	if n < 2 || tokens[n-2].word != "e" || !strings.HasPrefix(tokens[n-1].word, "mail") ||
		tokens[n-1].start != tokens[n-2].end+1 || text[tokens[n-2].end] != '-' {
		return tokens
	}
	tokens[n-2].word, tokens[n-2].end = "e"+tokens[n-1].word, tokens[n-1].end
	return tokens[:n-1]
}

// pauseIn says what the text between two words separates.
func pauseIn(between string) pause {
	found := joined
	for rest := between; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		rest = rest[size:]
		switch r {
		case '.', '!', '?', ';', ':':
			if rest != "" || r != '.' && r != ':' { // but not in 3.5 or mcp:read
				return sentence
			}
		case '|', '•', '\f', '\v':
			return sentence
		case '\n':
			if startsItem(rest) {
				return sentence
			}
		case ',', '(', ')', '[', ']', '—', '–', '"', '“', '”':
			found = clause
		case '-':
			if strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "-") {
				found = clause
			}
		}
	}
	return found
}

// startsItem reports whether a new line begins a paragraph or a list item.
func startsItem(line string) bool {
	line = strings.TrimLeft(line, " \t\r")
	return strings.HasPrefix(line, "\n") || strings.HasPrefix(line, "- ") ||
		strings.HasPrefix(line, "* ") || strings.HasPrefix(line, "•") || strings.HasPrefix(line, "#")
}
