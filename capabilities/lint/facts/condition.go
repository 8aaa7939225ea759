package facts

import (
	"strings"

	"agentrisk/capabilities"
)

// looksAt returns the step whose result a reference in a condition of step at
// names, nil where it names none. What a step received itself is its own result,
// but for the status: it does not tell a denial that arrives as a success.
func (f *Flow) looksAt(ref capabilities.Reference, at *Step) *Step {
	switch ref.Root {
	case capabilities.FromStep:
		return f.named[ref.Name]
	case capabilities.FromResponse:
		if strings.EqualFold(ref.Name, "statusCode") {
			return nil
		}
		if ref.Syntax == capabilities.JSONPath && len(ref.Path) > 0 {
			if s := f.named[ref.Path[0]]; s != nil {
				return s
			}
		}
		return at
	case capabilities.FromName:
		if s := f.named[ref.Name]; s != nil {
			return s
		}
		if at.produces(ref.Name) {
			return at
		}
	}
	return nil
}

// produces reports whether the step hands on an output of this name.
func (s *Step) produces(name string) bool {
	if s.Model == nil {
		return false
	}
	for _, o := range s.Model.Outputs {
		if o.Name == name {
			return true
		}
	}
	return false
}

// deciders returns the decisions that a condition of step at looks at.
func (f *Flow) deciders(c capabilities.Condition, at *Step) []*Step {
	var out []*Step
	for _, ref := range c.References() {
		if s := f.looksAt(ref, at); s != nil && s.IsDecision() {
			out = append(out, s)
		}
	}
	return out
}

var marks = strings.NewReplacer("===", "==", "!==", "!=", "{{", "", "}}", "", "${", "", "}", "", "(", "", ")", "")

// negative reports whether a condition holds when the decision it looks at is a
// denial: allowed == false, !allowed, status != 'approved'.
func negative(c capabilities.Condition) bool {
	text := strings.ReplaceAll(" "+strings.ToLower(c.Text), " not ", " !")
	text = strings.Join(strings.Fields(text), "")
	text = marks.Replace(text)
	denies := false
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == '&' || r == '|' || r == ';' }) {
		denies = denies || deniesAlone(part)
	}
	return denies != c.Not
}

// deniesAlone reports whether one comparison holds on a denial: its value says
// no, its name speaks of a denial, or it is turned round; two of these take each
// other back.
func deniesAlone(text string) bool {
	turned := false
	left, right, found := strings.Cut(text, "!=")
	if found {
		turned = true
	} else if left, right, found = strings.Cut(text, "=="); !found {
		left, turned = strings.CutPrefix(text, "!")
		return denialName(left) != turned
	}
	if isValue(left) {
		left, right = right, left
	}
	return (denialName(left) != denialWord(right)) != turned
}

// isValue reports whether one side of a comparison is a constant.
func isValue(side string) bool {
	return side == "true" || side == "false" || side == "null" || strings.HasPrefix(side, "'") || strings.HasPrefix(side, `"`)
}

// denialName reports whether the last name of a path speaks of a denial.
func denialName(path string) bool {
	switch name := lastName(path); name {
	case "false", "null", "no", "0", "":
		return false
	default:
		return denialWord(name)
	}
}

func lastName(text string) string {
	if i := strings.LastIndexAny(text, "./#"); i >= 0 {
		return text[i+1:]
	}
	return text
}

// denialWord reports whether a value says no.
func denialWord(value string) bool {
	switch strings.Trim(value, `'"]`) {
	case "false", "null", "nil", "none", "no", "0", "", "deny", "denied", "reject", "rejected", "refused", "declined",
		"unauthorized", "forbidden", "blocked", "revoked", "expired", "failed", "invalid", "inactive", "disallowed":
		return true
	}
	return false
}
