// Package scoring computes AIVSS, the risk score of AI agents, exactly and
// under every published form of the formula.
//
// Seven computations go by the name AIVSS and do not agree, so each is a
// [Formula] with an id, its factors, its allowed values and its source, and
// every result belongs to one of them. Five give a score from 0 to 10, one a
// decision ([SSVC]) and one a profile of letters ([Profile]).
//
// # Numbers
//
// A stated number is a [Decimal], an integer count of ten-thousandths. A
// computed one is an [Exact] until it is rounded, half up, to tenths. No
// binary float lies between input and score: of the 19,089 inputs of
// aivss-0.8, 359 are exact ties, and floats round some of them wrong.
//
// # Unknown is an interval
//
// What nobody stated is not zero. Every part of an [Input] is an [Interval];
// [Formula.Unknown] gives the widest one and the caller narrows what is known.
// The score of an interval is the interval of all scores possible inside it.
//
// # Using it
//
//	f, _ := scoring.Lookup("aivss-0.8")
//	in := f.Unknown()
//	in.Base = scoring.Exactly(scoring.Tenths(94))
//	// … set the factors and multipliers that are known …
//	if err := f.Check(&in); err != nil {
//		return err // a *ValueError names the part and its allowed values
//	}
//	result := f.Score(&in)
//
// The package is pure: it reads no files, clock, network or environment, keeps
// no state, and may be used by any number of goroutines.
//
// The AIVSS documents are published by the OWASP AIVSS project under
// CC BY-SA 4.0. The rubric texts here are worded anew.
package scoring
