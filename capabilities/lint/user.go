package lint

import (
	"context"

	"agentrisk/capabilities/lint/facts"
)

// userRules are the rules of the user's own.
type userRules struct {
	rules   []*rule
	engines []userRule
}

// userRule is one of them, compiled apart: where it fails, the others still run.
type userRule struct {
	rule   *rule
	engine *engine
}

func loadUserRules(dirs []RuleDir, known []*rule) (*userRules, error) {
	return &userRules{}, nil
}

func (u userRule) run(ctx context.Context, d *facts.Document) ([]report, error) {
	return u.engine.run(ctx, input(d, []*rule{u.rule}))
}
