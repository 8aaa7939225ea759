package policy

import (
	"encoding/json"
	"fmt"

	"agentrisk/capabilities/enforce/decision"
)

// answer is what one bundle decided.
type answer struct {
	verdict     decision.Verdict
	reasons     []Reason
	obligations []Obligation
	arguments   json.RawMessage
}

// maxReasons bounds what a policy may say.
const maxReasons = 100

// readAnswer reads a decision strictly: what it does not know may be a
// restriction, and is an error.
func readAnswer(policy string, value any) (answer, error) {
	fields, ok := value.(map[string]any)
	if !ok {
		return answer{}, fmt.Errorf("the decision is %T; expected an object with a verdict", value)
	}
	var a answer
	for _, key := range sortedKeys(fields) {
		var err error
		switch key {
		case "verdict":
			word, _ := fields[key].(string)
			err = a.verdict.UnmarshalText([]byte(word))
		case "reasons":
			a.reasons, err = readReasons(policy, fields[key])
		case "obligations":
			a.obligations, err = readObligations(fields[key])
		case "arguments":
			if _, ok := fields[key].(map[string]any); !ok {
				return answer{}, fmt.Errorf("the arguments are %T; expected an object", fields[key])
			}
			a.arguments, err = json.Marshal(fields[key])
		default:
			err = fmt.Errorf("the decision has a field %q; expected verdict, reasons, obligations or arguments", key)
		}
		if err != nil {
			return answer{}, err
		}
	}
	if _, ok := fields["verdict"]; !ok {
		return answer{}, fmt.Errorf("the decision has no verdict")
	}
	if (a.verdict == decision.Modify) != (a.arguments != nil) {
		return answer{}, fmt.Errorf("the verdict is %s; arguments belong to modify, and to it alone", a.verdict)
	}
	if a.verdict != decision.Allow && len(a.reasons) == 0 {
		a.reasons = []Reason{{Policy: policy, Rule: "decision", Text: "policy " + policy + " says " + a.verdict.String()}}
	}
	return a, nil
}

func readReasons(policy string, value any) ([]Reason, error) {
	list, ok := value.([]any)
	if !ok || len(list) > maxReasons {
		return nil, fmt.Errorf("the reasons are no list of at most %d", maxReasons)
	}
	out := make([]Reason, 0, len(list))
	for _, one := range list {
		fields, _ := one.(map[string]any)
		rule, okRule := fields["rule"].(string)
		text, okText := fields["text"].(string)
		if !okRule || !okText || len(fields) != 2 {
			return nil, fmt.Errorf("a reason is %v; expected a rule and a text", one)
		}
		out = append(out, Reason{Policy: policy, Rule: rule, Text: text})
	}
	return out, nil
}

func readObligations(value any) ([]Obligation, error) {
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("the obligations are %T; expected a list", value)
	}
	out := make([]Obligation, 0, len(list))
	for _, one := range list {
		fields, _ := one.(map[string]any)
		id, ok := fields["id"].(string)
		with, hasWith := fields["with"]
		if !ok || id == "" || len(fields) > 2 || len(fields) == 2 && !hasWith {
			return nil, fmt.Errorf("an obligation is %v; expected an id and what it is with", one)
		}
		out = append(out, Obligation{ID: id, With: with})
	}
	return out, nil
}
