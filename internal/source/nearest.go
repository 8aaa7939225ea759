package source

import (
	"strings"
	"unicode"
)

// Nearest returns the candidate that differs least from name, or "" where none
// is near enough to be what was meant. Case, hyphens, underscores and spaces do
// not count. Of equally near candidates the first wins.
func Nearest(name string, candidates []string) string {
	want := []rune(fold(name))
	if len(want) == 0 || len(want) > 100 {
		return ""
	}
	best, bestCost := "", len(want)/3+2
	rows := make([]int, 3*(len(want)+1))
	for _, candidate := range candidates {
		have := []rune(fold(candidate))
		if cost := distance(have, want, bestCost, rows); cost < bestCost && cost < len(have) {
			best, bestCost = candidate, cost
		}
	}
	return best
}

// DidYouMean turns Nearest into a hint: `did you mean "x"?`, or "".
func DidYouMean(name string, candidates []string) string {
	if n := Nearest(name, candidates); n != "" {
		return "did you mean \"" + n + "\"?"
	}
	return ""
}

func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == ' ' {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// distance counts insertions, deletions, replacements and swaps of neighbours
// (optimal string alignment). It may stop early once limit is reached. rows is room
// for three rows of len(b)+1.
func distance(a, b []rune, limit int, rows []int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	n := len(b) + 1
	before, last, row := rows[:n], rows[n:2*n], rows[2*n:3*n]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
