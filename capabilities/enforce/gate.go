package enforce

import (
	"context"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/provider"
)

// gate answers for a control of the capability that nobody modelled: a made-up
// answer must not decide, so the runtime's own check of the same kind does. The
// truth values of the declared shape say what it said.
func (r *runner) gate(ctx context.Context, c *call, response *provider.Response) {
	var said []decision.Decision
	switch c.step.Operation.Control {
	case effects.Authenticate, effects.ValidateCredential:
		said = r.checkIdentity(ctx, c, true)
	case effects.Authorize:
		said = r.checkRelation(ctx, c, true)
	case effects.Limit:
		said = r.checkLimits(ctx, c, true)
	default:
		return
	}
	allowed := decision.Strictest(said...) == decision.Allow
	response.Body = truth(response.Body, allowed)
	response.Denied = !allowed
	for _, d := range said {
		if d.Verdict != decision.Allow {
			response.Reason = "the runtime answers in its place: " + d.Reason
		}
	}
}

// truth sets every truth value of a JSON value.
func truth(v any, to bool) any {
	switch v := v.(type) {
	case bool:
		return to
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = truth(item, to)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[key] = truth(item, to)
		}
		return out
	}
	return v
}
