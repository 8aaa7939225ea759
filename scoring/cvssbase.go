package scoring

import _ "embed" // for the table of base scores

// base40 holds the score, in tenths, of each of the 104,976 combinations of
// CVSS v4.0 base metrics: what the CVSS library computes, written down. The
// library takes longer to parse and score one vector than everything else here
// together, and most vectors have base metrics only. TestBaseTable compares
// every entry with the library and, with -update, writes the table anew.
//
//go:embed cvss40base.bin
var base40 string

const base40Metrics = 11

// base40Shape gives the offset at which a base metric begins, with its leading
// slash: each takes five bytes, as in /AV:N.
func base40Shape(i int) int { return len("CVSS:4.0") + i*len("/AV:N") }

// baseScore40 looks up the score of the base metrics that a v4.0 vector begins
// with. It fails where they are not all there, in order, with valid values; what
// follows them it leaves to the library.
func baseScore40(vector string) (Decimal, bool) {
	if len(vector) < base40Length || vector[:len("CVSS:4.0")] != "CVSS:4.0" {
		return 0, false
	}
	index := 0
	for i := range base40Metrics {
		m := &metrics40[i]
		at := base40Shape(i)
		if vector[at] != '/' || vector[at+1:at+3] != m.name || vector[at+3] != ':' {
			return 0, false
		}
		values := m.values // one letter each, with a space between
		k := 0
		for k < len(values) && values[k] != vector[at+4] {
			k += 2
		}
		if k >= len(values) {
			return 0, false
		}
		index = index*(len(values)/2+1) + k/2
	}
	return Tenths(int(base40[index])), true
}
