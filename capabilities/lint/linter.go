package lint

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"

	"agentrisk/capabilities"
	"agentrisk/internal/source"
)

// Linter holds the rules, ready to run. It is safe for use by many goroutines.
type Linter struct {
	config     Config
	today      string // YYYY-MM-DD
	rules      []*rule
	operations *operations
	engines    engines
	users      *userRules
}

// New makes a Linter. It fails where the configuration is wrong, or a rule of the
// user's does not compile.
func New(config Config) (*Linter, error) {
	if config.Today.IsZero() && !config.NoIgnores {
		return nil, &source.Error{ID: "config", Message: "the day on which suppressions are judged is not given"}
	}
	if config.Profile == "" {
		config.Profile = Review
	}
	if !slices.Contains(Profiles(), config.Profile) {
		return nil, &source.Error{ID: "config", Message: fmt.Sprintf("there is no profile %q", config.Profile), Expected: "ci, review or audit"}
	}
	l := &Linter{config: config, today: config.Today.Format("2006-01-02")}
	var err error
	if l.rules, err = builtinRules(); err != nil {
		return nil, err
	}
	if l.users, err = loadUserRules(config.UserRules, l.rules); err != nil {
		return nil, err
	}
	l.rules = append(l.rules, l.users.rules...)
	if err := l.settle(); err != nil {
		return nil, err
	}
	if l.operations, err = newOperations(config.Catalogue); err != nil {
		return nil, err
	}
	return l, nil
}

// settle applies the settings of the configuration to the rules.
func (l *Linter) settle() error {
	for name := range l.config.Rules {
		if findRule(l.rules, name) == nil {
			return unknownRule(l.rules, name)
		}
	}
	for _, r := range l.rules {
		for _, name := range [...]string{r.ID, r.Name} {
			setting, there := l.config.Rules[name]
			if !there {
				continue
			}
			if setting.Severity != "" && !slices.Contains(Severities(), setting.Severity) {
				return &source.Error{ID: "config", Message: fmt.Sprintf("rule %s: there is no severity %q", name, setting.Severity), Expected: "error, warning or note"}
			}
			r.off, r.severity = setting.Off, setting.Severity
		}
	}
	return nil
}

// Rules returns every rule there is, in the order of their ids.
func (l *Linter) Rules() []Rule { return plain(l.rules) }

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

// ExpectMany says that many files are to come, so that the rules can be made ready
// while they are looked for. LintEach finds out by itself, but later.
func (l *Linter) ExpectMany() { l.engines.expectMany(l.rules) }

// LintEach judges what the loads give, a goroutine a file.
func (l *Linter) LintEach(ctx context.Context, loads iter.Seq[Load]) Result {
	workers := l.config.Parallel
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	jobs := make(chan Load)
	parts := make([]partial, workers)
	var done sync.WaitGroup
	for i := range workers {
		done.Go(func() {
			for load := range jobs {
				for _, doc := range loaded(load, &parts[i]) {
					l.judge(ctx, doc, &parts[i])
				}
			}
		})
	}
	n := 0
	for load := range loads {
		jobs <- load
		if n++; n == 2 {
			l.ExpectMany()
		}
	}
	close(jobs)
	done.Wait()
	return l.assemble(parts)
}

// loaded gives the documents of a load. A fault of the reader must not read as a
// file without documents.
func loaded(load Load, out *partial) (docs []*capabilities.Document) {
	defer func() {
		if r := recover(); r != nil {
			out.incomplete = append(out.incomplete, Incomplete{Message: fmt.Sprintf("a file could not be read: %v", r)})
		}
	}()
	return load()
}
