package scoring

import (
	"os"
	"strings"
	"testing"
)

// TestVectorPage holds that the examples in docs/vector.md are canonical and
// that its table names the metrics of every formula.
func TestVectorPage(t *testing.T) {
	page, err := os.ReadFile("../docs/vector.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := 0
	for line := range strings.SplitSeq(string(page), "\n") {
		switch {
		case strings.Contains(line, " AIVSS:1.0/") && strings.HasPrefix(line, "CVSS:"):
			c, err := ParseCandidate(line)
			if err != nil || c.String() != line {
				t.Errorf("%s: %v", line, err)
			}
		case strings.HasPrefix(line, "CVSS:") || strings.HasPrefix(line, "AIVSS:"):
			v := mustVector(t, line)
			if got := mustFormat(t, &v); got != line {
				t.Errorf("not canonical:\n%s\n%s", line, got)
			}
		default:
			continue
		}
		examples++
	}
	if examples < 4 {
		t.Errorf("only %d examples were found", examples)
	}
	for _, f := range scoringFormulas() {
		for _, p := range vectorOrder {
			if !f.takes(p) {
				continue
			}
			if !rowNames(string(page), f.letterOf(p), f.Tag) {
				t.Errorf("no row says that %s is in %s", f.letterOf(p), f.Tag)
			}
		}
	}
}

// rowNames finds the table row of a metric and reads where the metric is used.
func rowNames(page, letter, tag string) bool {
	_, row, ok := strings.Cut(page, "| `"+letter+"` | ")
	if !ok {
		return false
	}
	row, _, _ = strings.Cut(row, "\n")
	_, where, _ := strings.Cut(row, " | ")
	listed := strings.Contains(where, "`"+tag+"`")
	if strings.HasPrefix(where, "all but") {
		return !listed
	}
	return listed || strings.HasPrefix(where, "all")
}
