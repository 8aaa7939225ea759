package tree

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// Changed asks git for the names in the tree of the files that differ from where
// this branch left rev: committed, staged, changed or new, and not ignored. Gone
// files are among them.
func (t *Tree) Changed(ctx context.Context, rev string) (map[string]bool, error) {
	commit, err := t.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		return nil, fmt.Errorf("git knows no revision %q here: %w", rev, err)
	}
	base, err := t.git(ctx, "merge-base", strings.TrimSpace(commit), "HEAD")
	if err != nil {
		return nil, fmt.Errorf("git finds no commit that %q and this branch share (a shallow clone needs more history): %w", rev, err)
	}
	top, err := t.git(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, fmt.Errorf("git names no root of the repository: %w", err)
	}
	differ, err := t.git(ctx, "diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules", strings.TrimSpace(base), "--")
	if err != nil {
		return nil, fmt.Errorf("git cannot compare with %q: %w", rev, err)
	}
	untracked, err := t.git(ctx, "ls-files", "-z", "--others", "--exclude-standard", "--full-name", ":/")
	if err != nil {
		return nil, fmt.Errorf("git cannot list new files: %w", err)
	}
	return t.namesBelow(strings.TrimRight(top, "\r\n"), differ+untracked)
}

// namesBelow turns names that git gives, relative to top, into those in the tree.
func (t *Tree) namesBelow(top, list string) (map[string]bool, error) {
	dir, err := filepath.EvalSymlinks(t.Dir)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for name := range strings.SplitSeq(list, "\x00") {
		if name == "" {
			continue
		}
		full := filepath.Join(filepath.FromSlash(top), filepath.FromSlash(name))
		if !within(dir, full) {
			continue
		}
		rel, err := filepath.Rel(dir, full)
		if err != nil {
			return nil, err
		}
		out[filepath.ToSlash(rel)] = true
	}
	return out, nil
}

// git runs one of git's commands in the tree. No shell is in between, and nothing
// that the repository configures is run.
func (t *Tree) git(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "core.fsmonitor=false", "-c", "core.quotepath=false"}, args...)...)
	cmd.Dir = t.Dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if text := strings.TrimSpace(stderr.String()); err != nil && text != "" {
		err = errors.New(text)
	}
	return string(out), err
}
