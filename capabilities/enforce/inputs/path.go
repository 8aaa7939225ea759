package inputs

import (
	"strconv"
	"strings"
)

const (
	maxKey  = 64  // bytes of a key that a path shows
	maxPath = 512 // bytes of a path
)

// segment is one step into a value: a key of a map, or a place in a list.
type segment struct {
	key   string
	index int
	named bool
}

// render writes a path as a.b[0]. Keys are the caller's own text too: what is not a
// plain name is quoted in ASCII, and what is long is cut.
func render(path []segment) string {
	var b strings.Builder
	for _, at := range path {
		if b.Len() > maxPath {
			return b.String() + "…"
		}
		switch {
		case !at.named:
			b.WriteString("[" + strconv.Itoa(at.index) + "]")
		case !plainName(at.key):
			b.WriteString("[" + strconv.QuoteToASCII(at.key[:min(len(at.key), maxKey)]) + "]")
		case b.Len() > 0:
			b.WriteString("." + at.key)
		default:
			b.WriteString(at.key)
		}
	}
	return b.String()
}

func plainName(key string) bool {
	if key == "" || len(key) > maxKey {
		return false
	}
	for _, c := range []byte(key) {
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}
