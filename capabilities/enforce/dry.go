package enforce

import (
	"context"

	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/enforce/store"
)

// dryRun asks every check and calls nothing. Nothing is recorded: nothing
// happened, and the time may be simulated.
func (r *Runtime) dryRun(ctx context.Context, p *plan.Plan, req Request) (*Report, error) {
	id, err := store.NewID(r.options.Random, "dry")
	if err != nil {
		return nil, &Error{Kind: Unavailable, Op: "name the run", Err: err}
	}
	one := r.newRunner(p, req, id)
	one.warn("", "a dry run: every check was asked, nothing was called and nothing recorded")
	if r.options.SimulatedClock {
		one.warn("", "the time is simulated: %s", one.now().Format("2006-01-02T15:04:05Z07:00"))
	}
	report, err := one.run(ctx)
	if report != nil {
		one.notReached()
	}
	return report, err
}
