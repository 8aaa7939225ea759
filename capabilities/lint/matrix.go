package lint

// Matrix returns the rows of the coverage matrix: every step that acts, with the
// controls it needs. Steps that read, or are controls themselves, need none.
func (r *Result) Matrix() []StepResult {
	rows := []StepResult{}
	for _, s := range r.Steps {
		if s.Needs.Authorization != NotNeeded {
			rows = append(rows, s)
		}
	}
	return rows
}

// Coverage counts the states of one need over the rows of a matrix.
type Coverage struct {
	Present   int `json:"present"`
	Late      int `json:"late"`
	Missing   int `json:"missing"`
	NotNeeded int `json:"not_needed"`
}

// CoverageByControl sums a matrix up: authentication, authorization, approval and
// audit, in this order.
func CoverageByControl(rows []StepResult) [4]Coverage {
	var sums [4]Coverage
	for _, row := range rows {
		for i, state := range [...]State{row.Needs.Authentication, row.Needs.Authorization, row.Needs.Approval, row.Needs.Audit} {
			switch state {
			case Present:
				sums[i].Present++
			case Late:
				sums[i].Late++
			case Missing:
				sums[i].Missing++
			default:
				sums[i].NotNeeded++
			}
		}
	}
	return sums
}
