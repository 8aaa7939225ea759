package enforce

import "agentrisk/capabilities/enforce/provider/state"

// State is the state of the stand-ins, for tests to count effects in.
func (r *Runtime) State() *state.State { return r.state }
