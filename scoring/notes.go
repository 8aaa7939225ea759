package scoring

import "fmt"

// Note tells the reader of a score something the number alone hides. Its id is
// stable.
type Note struct {
	ID      string `json:"id"`
	Message string `json:"message"`
}

// The ids of notes.
const (
	NoteCVSS3            = "cvss-v3"
	NoteCVSSBaseOnly     = "cvss-base-only"
	NoteCVSSReference    = "cvss-reference-differs"
	NoteThreatNotDefined = "threat-not-defined"
	NoteThreatDiffers    = "threat-differs"
	NoteBaseDiffers      = "base-differs"
	NoteAARSClamped      = "aars-clamped"
	NoteAARSStated       = "aars-stated-differs"
	NoteBelowCVSS        = "below-cvss"
	NoteMFCap            = "mf-cap"
	NoteBaseOutweighed   = "base-outweighed"
	NoteOverlap          = "factors-overlap"
	NoteOneStep          = "one-step-from-another-band"
)

// referenceDiffers is the one of FIRST's base vectors that the CVSS library
// scores otherwise than FIRST's own calculator.
const referenceDiffers = "CVSS:4.0/AV:L/AC:H/AT:N/PR:N/UI:A/VC:N/VI:N/VA:L/SC:H/SI:H/SA:H"

// Notes says what a reader of an AIVSS score should know about the vector
// behind it.
func (c *CVSS) Notes() []Note {
	var notes []Note
	add := func(id, message string) { notes = append(notes, Note{ID: id, Message: message}) }
	if c.Version == "3.1" || c.Version == "3.0" {
		add(NoteCVSS3, "the base is a CVSS v"+c.Version+" score; AIVSS v0.8 is defined on CVSS v4.0, whose scores differ, and v3's E says nothing about its threat multiplier")
	}
	if c.Version == "4.0" && c.Maturity == MaturityNotDefined {
		add(NoteThreatNotDefined, "the vector does not define exploit maturity (E), and AIVSS states no threat multiplier for that: state one, or it stays unknown")
	}
	if c.Full != c.Base {
		add(NoteCVSSBaseOnly, fmt.Sprintf("the vector's threat and environmental metrics give %s; AIVSS starts from its base score %s", c.Full, c.Base))
	}
	if len(c.Vector) >= base40Length && c.Vector[:base40Length] == referenceDiffers {
		add(NoteCVSSReference, fmt.Sprintf("FIRST's reference calculator gives 4.9 for these base metrics, the library used here %s", c.Base))
	}
	return notes
}

// Notes reports the known disputes about the formula that bite for this input
// and result. The CVSS vector is the one behind the base; nil or a zero value
// means that there is none. The order is fixed.
func (f *Formula) Notes(in *Input, r *Result, c *CVSS) []Note {
	if f.Kind != KindScore {
		return nil
	}
	var notes []Note
	if c != nil && c.Version != "" {
		notes = append(notes, f.cvssNotes(in, c)...)
	}
	add := func(id, format string, args ...any) {
		notes = append(notes, Note{ID: id, Message: fmt.Sprintf(format, args...)})
	}
	if r.Clamped {
		add(NoteAARSClamped, "factors and threat exceed the headroom above the base; base and AARS together are held at 10")
	}
	if in.AARSStated && in.AARS != r.FactorSum {
		add(NoteAARSStated, "the stated AARS %s is not the sum of the factors, %s; the score follows the stated one", in.AARS, r.FactorSum)
	}
	f.mitigationNotes(in, r, add)
	f.weightNotes(in, add)
	if f.oneStepChangesBand(in, r) {
		add(NoteOneStep, "changing one factor by one level changes the band; raters often differ by that much")
	}
	return notes
}

// cvssNotes adds to the vector's own notes where the input contradicts it, and
// leaves out what the input has settled.
func (f *Formula) cvssNotes(in *Input, c *CVSS) []Note {
	var notes []Note
	for _, n := range c.Notes() {
		if n.ID == NoteThreatNotDefined && (f.Threat == nil || in.Threat.Known()) {
			continue // the multiplier has been stated
		}
		notes = append(notes, n)
	}
	if f.Threat != nil && c.Maturity != MaturityNotDefined && in.Threat != c.Maturity.Threat(f) {
		notes = append(notes, Note{NoteThreatDiffers, fmt.Sprintf(
			"the threat multiplier is %s, but the vector's exploit maturity (%s) stands for %s",
			in.Threat, c.Maturity, c.Maturity.Threat(f))})
	}
	if in.Base != Exactly(c.Base) {
		notes = append(notes, Note{NoteBaseDiffers, fmt.Sprintf("the base is %s, but the vector gives %s", in.Base, c.Base)})
	}
	return notes
}

func (f *Formula) mitigationNotes(in *Input, r *Result, add func(id, format string, args ...any)) {
	if f.rule != ruleHeadroom || in.Mitigation.High == One {
		return
	}
	if r.Score.High < in.Base.Low {
		add(NoteBelowCVSS, "mitigation takes the score %s below the CVSS base %s, which v0.8 calls the floor; aivss-0.8-floor keeps it", r.Score, in.Base)
	}
	ceiling := halfUp(int64(ten)*int64(in.Mitigation.High), int64(tenth)*u1)
	inherent := f.Inherent(in)
	if inherent.BandHigh > BandOf(ceiling) {
		add(NoteMFCap, "with a mitigation factor of %s no score exceeds %s, whatever base and factors are; without mitigation it is %s", in.Mitigation, ceiling, inherent.Score)
	}
}

func (f *Formula) weightNotes(in *Input, add func(id, format string, args ...any)) {
	if weight, ok := f.BaseWeight(in); ok && weight.High.Cmp(ExactOf(half)) < 0 {
		add(NoteBaseOutweighed, "one point of CVSS moves the score before mitigation by %s only: the ten factors outweigh the vulnerability", weight)
	}
	a, aok := f.concept("autonomy")
	p, pok := f.concept("planning")
	if aok && pok && !in.AARSStated && in.Factors[a].Low > 0 && in.Factors[p].Low > 0 {
		add(NoteOverlap, "%s and %s overlap, and the sum counts both", f.Factors[a].Name, f.Factors[p].Name)
	}
}

// BaseWeight is how far one point of the base moves the score before
// mitigation: 1 − (FS/10) × ThM under the headroom rule. Other rules have a
// fixed weight, or none of interest; then ok is false.
func (f *Formula) BaseWeight(in *Input) (weight ExactInterval, ok bool) {
	if f.rule != ruleHeadroom {
		return ExactInterval{}, false
	}
	var sum Interval
	for _, v := range in.Factors {
		sum.Low += v.Low
		sum.High += v.High
	}
	const scale = 9 // 10u²
	return ExactInterval{
		Low:  Exact{10*u2 - share(sum.High, in.Threat.High), scale},
		High: Exact{10*u2 - share(sum.Low, in.Threat.Low), scale},
	}, true
}

// oneStepChangesBand reports whether, for a known score, a change of one
// factor by one level gives another band.
func (f *Formula) oneStepChangesBand(in *Input, r *Result) bool {
	if r.BandLow != r.BandHigh || in.AARSStated {
		return false
	}
	for i := range f.Factors {
		for _, step := range []func(part, Decimal) (Decimal, bool){f.stepUp, f.stepDown} {
			to, ok := step(part(i), in.Factors[i].High)
			if !ok || !in.Factors[i].Known() {
				continue
			}
			moved := *in
			moved.Factors[i] = Exactly(to)
			if m := f.Score(&moved); m.BandLow != r.BandLow || m.BandHigh != r.BandHigh {
				return true
			}
		}
	}
	return false
}
