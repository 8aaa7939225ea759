package plan

import "encoding/json"

// Condition is what must hold. The zero Condition never does.
type Condition struct {
	node *node
	text string
}

// Holds judges the condition. The error is an *UnknownError where what is known
// does not decide it, and a *ValueError where it compares what cannot be
// compared: neither counts as a yes.
func (c Condition) Holds(env Env) (bool, error) {
	if c.node == nil {
		return false, nil
	}
	holds, err := c.node.truth(&env)
	return holds && err == nil, err
}

// String is the condition's one spelling.
func (c Condition) String() string { return c.node.String() }

// Text is the condition as the document writes it.
func (c Condition) Text() string { return c.text }

// Steps lists the ids of the steps that the condition looks at, in their order.
func (c Condition) Steps() []string { return c.node.steps() }

// MarshalJSON writes the spelling.
func (c Condition) MarshalJSON() ([]byte, error) { return json.Marshal(c.String()) }
