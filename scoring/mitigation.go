package scoring

// MitigationEffect is the result that one mitigation level would give.
type MitigationEffect struct {
	Level  NamedLevel `json:"level"`
	Result Result     `json:"result"`
}

// Mitigations gives the result under each named mitigation level, the weakest
// first; nil for a formula without mitigation.
func (f *Formula) Mitigations(in *Input) []MitigationEffect {
	if f.Kind != KindScore || f.Mitigation == nil {
		return nil
	}
	effects := make([]MitigationEffect, len(f.Mitigation.Levels))
	for i, l := range f.Mitigation.Levels {
		effects[i] = MitigationEffect{Level: l, Result: f.Score(in.with(partMitigation, Exactly(l.Value)))}
	}
	return effects
}

// Inherent is the result without any mitigation (MF 1), to set beside the
// residual result that [Formula.Score] gives for the input as it stands.
func (f *Formula) Inherent(in *Input) Result {
	return f.Score(in.with(partMitigation, Exactly(One)))
}
