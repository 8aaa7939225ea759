package source

import (
	"strings"
)

// Suppression is a comment that asks for findings not to be reported:
//
//	# capcheck: ignore[CAP102,CAP105] until=2026-12-31 by=name -- reason
//
// It holds for findings that lie in its Scope, whatever their line.
type Suppression struct {
	Comment
	Rules  []string // ids of rules, at least one
	Until  string   // the last day it holds, YYYY-MM-DD; "" where none is given
	By     string   // who answers for it, "" where nobody does
	Reason string   // "" where none is given
}

// SuppressionMark is what a suppression begins with, behind the #.
const SuppressionMark = "capcheck:"

// Suppressions returns the suppressions of the document, and what is wrong with
// those that cannot be read. A suppression that cannot be read holds for
// nothing.
func (d *Document) Suppressions() ([]Suppression, []*Error) {
	var out []Suppression
	var faults []*Error
	for _, c := range d.Comments(SuppressionMark) {
		rest, ok := strings.CutPrefix(c.Text, SuppressionMark)
		if !ok {
			continue // a comment that mentions the mark
		}
		s, fault := parseSuppression(c, strings.TrimSpace(rest))
		if fault != nil {
			faults = append(faults, fault)
			continue
		}
		out = append(out, s)
	}
	return out, faults
}

func parseSuppression(c Comment, text string) (Suppression, *Error) {
	s := Suppression{Comment: c}
	wrong := func(message string) (Suppression, *Error) {
		return s, &Error{At: c.At, ID: "suppression", Message: message,
			Expected: "capcheck: ignore[RULE,…] until=YYYY-MM-DD by=NAME -- REASON"}
	}
	text, s.Reason, _ = strings.Cut(text+" ", " -- ")
	s.Reason = strings.TrimSpace(s.Reason)
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), "ignore[")
	rules, rest, closed := strings.Cut(rest, "]")
	if !ok || !closed {
		return wrong("the suppression names no rules")
	}
	for _, rule := range strings.Split(rules, ",") {
		if rule = strings.TrimSpace(rule); rule == "" {
			return wrong("the suppression names an empty rule")
		}
		s.Rules = append(s.Rules, rule)
	}
	for _, field := range strings.Fields(rest) {
		name, value, _ := strings.Cut(field, "=")
		switch {
		case name == "until" && isDate(value):
			s.Until = value
		case name == "by" && value != "":
			s.By = value
		case name == "until":
			return wrong("the date of the suppression, " + Quote(value) + ", is none")
		default:
			return wrong("the suppression holds " + Quote(field) + ", which means nothing here")
		}
	}
	if !c.Node.Exists() {
		return wrong("the suppression stands beside nothing")
	}
	return s, nil
}

// isDate reports whether s is a day of the calendar, written YYYY-MM-DD.
func isDate(s string) bool {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return false
	}
	for i, b := range []byte(s) {
		if i != 4 && i != 7 && (b < '0' || b > '9') {
			return false
		}
	}
	year := int(s[0]-'0')*1000 + int(s[1]-'0')*100 + int(s[2]-'0')*10 + int(s[3]-'0')
	month, day := int(s[5]-'0')*10+int(s[6]-'0'), int(s[8]-'0')*10+int(s[9]-'0')
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		days++
	}
	return day <= days
}
