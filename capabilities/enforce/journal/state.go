package journal

// State is where a run is.
type State string

// The states. The last four are ends.
const (
	Pending      State = "pending"      // nobody has begun
	Running      State = "running"      // somebody executes it, or did when they died
	Waiting      State = "waiting"      // for a person, or a time
	Compensating State = "compensating" // something went wrong and its effects are being undone
	Completed    State = "completed"
	Denied       State = "denied"      // stopped by a check, and nothing is left of it
	Compensated  State = "compensated" // every effect was undone
	Failed       State = "failed"      // stopped, and something may be left: the steps say what
)

// next lists the moves there are; any other is refused. A claim makes pending
// and waiting runs running and leaves the others as they are.
var next = map[State][]State{
	Pending:      {Running},
	Running:      {Waiting, Compensating, Completed, Denied, Failed},
	Waiting:      {Running},
	Compensating: {Compensated, Failed},
}

// Ended says whether nothing more can happen to a run.
func (s State) Ended() bool {
	return s == Completed || s == Denied || s == Compensated || s == Failed
}

// CanBecome says whether a run in this state may move to another.
func (s State) CanBecome(other State) bool {
	for _, state := range next[s] {
		if state == other {
			return true
		}
	}
	return false
}

// StepState is where a step is.
type StepState string

// The states of a step. A step that was denied or not reached has none.
const (
	Intended   StepState = "intended" // its effect may have happened, or not
	StepDone   StepState = "done"     // its effect happened
	StepFailed StepState = "failed"   // it is known that no effect happened
	Undoing    StepState = "undoing"  // its effect is being undone
	Undone     StepState = "undone"
	Stuck      StepState = "stuck" // undoing failed for good
)

// Standing is what a step that is about to act is told.
type Standing string

// The standings.
const (
	Fresh   Standing = "fresh"    // go on
	InDoubt Standing = "in doubt" // it was intended before, and nobody wrote what came of it
	Done    Standing = "done"     // it happened; do not repeat it
)

// Undo says what is to be done about an effect when a later step fails.
type Undo string

// The ways. The empty word is none of them: whoever records an effect must say.
const (
	UndoNone       Undo = "none"       // nothing: a reading, a check, a record
	UndoPossible   Undo = "possible"   // by an operation
	UndoImpossible Undo = "impossible" // it stays
)
