package plan

// Value is where an argument or an output takes its value from.
type Value struct{}

// Condition is what must hold.
type Condition struct{}
