package main

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"agentrisk/capabilities/lint"
	"agentrisk/cmd/capcheck/internal/tree"
)

// settle is how long files must rest before they are linted again: editors and
// git write several files at once.
const settle = 200 * time.Millisecond

// watch lints again and again, whenever a file below the paths or the
// configuration changes, until it is interrupted. What one run exits with is
// told and does not end the watch; only what makes every run fail does.
func (c *command) watch(ctx context.Context, how linting, paths []string) error {
	for _, out := range how.outputs {
		if out.Path == "" && out.Format != "text" && !c.terminal {
			c.say("capcheck: every run prints a whole %s report", out.Format)
		}
	}
	for _, p := range paths {
		if p == tree.Stdin {
			return usage("--watch cannot watch standard input")
		}
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return incomplete("files cannot be watched: %w", err)
	}
	defer w.Close()
	for {
		if err := c.watchFolders(w, how, paths); err != nil {
			return err
		}
		err := c.lint(ctx, how, paths)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			var e *exit
			if errors.As(err, &e) && e.err != nil {
				c.say("capcheck: %v", e.err)
			}
		}
		c.say("capcheck: watching for changes")
		if err := nextChange(ctx, w, how); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
	}
}

// watchFolders watches every folder that files are looked for in, and those of
// rules of one's own; what is watched already stays so.
func (c *command) watchFolders(w *fsnotify.Watcher, how linting, paths []string) error {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	t, err := tree.Open(c.dir, how.root, paths)
	if err != nil {
		return usage("%w", err)
	}
	defer t.Close()
	found, err := t.Find(tree.Query{Paths: paths})
	if err != nil {
		return usage("%w", err)
	}
	folders := append(found.Folders, ".")
	err = fs.WalkDir(t.FS, path.Dir(lint.RulesFolder), func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			folders = append(folders, name)
		}
		return nil // where there are no rules of one's own there is nothing to watch
	})
	if err != nil {
		return incomplete("files cannot be watched: %w", err)
	}
	for _, name := range folders {
		if err := w.Add(filepath.Join(t.Dir, filepath.FromSlash(name))); err != nil {
			return incomplete("the folder %s cannot be watched: %w", t.Show(name), err)
		}
	}
	return nil
}

// nextChange waits for a change that is not of our own reports, and then until
// nothing has changed for a moment.
func nextChange(ctx context.Context, w *fsnotify.Watcher, how linting) error {
	var rest <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-rest:
			return nil
		case err := <-w.Errors:
			return incomplete("files cannot be watched: %w", err)
		case event := <-w.Events:
			if !event.Has(fsnotify.Chmod) && !ownOutput(how, event.Name) {
				rest = time.After(settle)
			}
		}
	}
}

// ownOutput reports whether a file is one that the runs write themselves.
func ownOutput(how linting, name string) bool {
	names := []string{how.writeBaseline}
	for _, out := range how.outputs {
		names = append(names, out.Path)
	}
	base := filepath.Base(name)
	for _, own := range names {
		if own == "" {
			continue
		}
		if own = filepath.Base(own); base == own || strings.HasPrefix(base, "."+own+".") {
			return true
		}
	}
	return false
}
