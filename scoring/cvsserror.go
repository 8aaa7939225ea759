package scoring

import (
	"fmt"
	"strings"
)

// CVSSError reports a text that is no valid CVSS vector.
type CVSSError struct {
	Vector string // what was given, cut to 40 bytes
	Offset int    // byte at which the fault lies, from 0
	Reason string
	Hint   string // may be empty
}

func (e *CVSSError) Error() string {
	msg := fmt.Sprintf("invalid CVSS vector %q: at byte %d, %s", e.Vector, e.Offset+1, e.Reason)
	if e.Hint != "" {
		msg += " (" + e.Hint + ")"
	}
	return msg
}

// cvssMetric is a metric of CVSS with its values, for messages only: the
// library decides what is valid.
type cvssMetric struct {
	name, values string
	mandatory    bool
}

// diagnose finds the first metric that explains why the library refused the
// vector; refused is its error, used where nothing better is found.
func diagnose(vector string, metrics []cvssMetric, refused error) error {
	fault := func(offset int, reason, hint string) error {
		return &CVSSError{Vector: clip(vector), Offset: offset, Reason: reason, Hint: hint}
	}
	ordered := &metrics[0] == &metrics40[0]
	seen := make(map[string]bool, len(metrics))
	last := -1
	offset := strings.IndexByte(vector, '/') + 1
	for _, pair := range strings.Split(vector[offset:], "/") {
		name, value, _ := strings.Cut(pair, ":")
		i := indexMetric(metrics, name)
		switch {
		case i < 0:
			return fault(offset, fmt.Sprintf("%q is not a metric of this version", clip(pair)), "metrics look like "+example(metrics[0]))
		case seen[name]:
			return fault(offset, name+" is given twice", "keep one")
		case !allows(metrics[i], value):
			return fault(offset, fmt.Sprintf("%s cannot be %q", name, clip(value)), "expected one of "+strings.ReplaceAll(metrics[i].values, " ", ", "))
		case ordered && i < last:
			return fault(offset, fmt.Sprintf("%s must come before %s", name, metrics[last].name), "CVSS v4.0 fixes the order of metrics")
		}
		seen[name], last = true, i
		offset += len(pair) + 1
	}
	for _, m := range metrics {
		if m.mandatory && !seen[m.name] {
			return fault(len(vector), m.name+" is missing", "every base metric is mandatory, as in "+example(m))
		}
	}
	if refused == nil {
		return fault(0, "it is not a vector of this version", "")
	}
	return fault(0, refused.Error(), "")
}

func indexMetric(metrics []cvssMetric, name string) int {
	for i := range metrics {
		if metrics[i].name == name {
			return i
		}
	}
	return -1
}

func allows(m cvssMetric, value string) bool {
	for v := range strings.SplitSeq(m.values, " ") {
		if v == value {
			return true
		}
	}
	return false
}

func example(m cvssMetric) string { return m.name + ":" + m.values[:strings.IndexByte(m.values, ' ')] }

// metrics40 are the metrics of CVSS v4.0 in their fixed order
// (FIRST, CVSS v4.0 specification, table 23).
var metrics40 = []cvssMetric{
	{"AV", "N A L P", true}, {"AC", "L H", true}, {"AT", "N P", true}, {"PR", "N L H", true}, {"UI", "N P A", true},
	{"VC", "H L N", true}, {"VI", "H L N", true}, {"VA", "H L N", true}, {"SC", "H L N", true}, {"SI", "H L N", true}, {"SA", "H L N", true},
	{"E", "X A P U", false},
	{"CR", "X H M L", false}, {"IR", "X H M L", false}, {"AR", "X H M L", false},
	{"MAV", "X N A L P", false}, {"MAC", "X L H", false}, {"MAT", "X N P", false}, {"MPR", "X N L H", false}, {"MUI", "X N P A", false},
	{"MVC", "X H L N", false}, {"MVI", "X H L N", false}, {"MVA", "X H L N", false},
	{"MSC", "X H L N", false}, {"MSI", "X S H L N", false}, {"MSA", "X S H L N", false},
	{"S", "X N P", false}, {"AU", "X N Y", false}, {"R", "X A U I", false}, {"V", "X D C", false}, {"RE", "X L M H", false},
	{"U", "X Clear Green Amber Red", false},
}

// metrics3 are the metrics of CVSS v3.0 and v3.1: eight of the base, three
// temporal, eleven environmental (FIRST, CVSS v3.1 specification, table 15).
var metrics3 = []cvssMetric{
	{"AV", "N A L P", true}, {"AC", "L H", true}, {"PR", "N L H", true}, {"UI", "N R", true},
	{"S", "U C", true}, {"C", "H L N", true}, {"I", "H L N", true}, {"A", "H L N", true},
	{"E", "X H F P U", false}, {"RL", "X U W T O", false}, {"RC", "X C R U", false},
	{"CR", "X H M L", false}, {"IR", "X H M L", false}, {"AR", "X H M L", false},
	{"MAV", "X N A L P", false}, {"MAC", "X L H", false}, {"MPR", "X N L H", false}, {"MUI", "X N R", false},
	{"MS", "X U C", false}, {"MC", "X H L N", false}, {"MI", "X H L N", false}, {"MA", "X H L N", false},
}
