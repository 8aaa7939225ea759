package decision

// strictness orders the verdicts: a higher one wins over a lower one.
var strictness = map[Verdict]int{Allow: 0, Modify: 1, StepUp: 2, Defer: 3, Deny: 4}

// Strictest is the verdict of several decisions together. No decision at all is a
// denial, and so is a verdict that does not exist.
func Strictest(decisions ...Decision) Verdict {
	if len(decisions) == 0 {
		return Deny
	}
	worst := Allow
	for _, d := range decisions {
		rank, known := strictness[d.Verdict]
		if !known {
			return Deny
		}
		if rank > strictness[worst] {
			worst = d.Verdict
		}
	}
	return worst
}
