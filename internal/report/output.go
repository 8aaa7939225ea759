package report

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Output is one report to be written: its format, and the file it goes to.
type Output struct {
	Format string
	Path   string // empty or "-": standard output
}

// ParseOutputs reads the values of the flag -f, each `FORMAT` or `FORMAT=FILE`.
// No value means the first of formats. At most one output may go to standard
// output, and no two to the same file.
func ParseOutputs(values, formats []string) ([]Output, error) {
	if len(values) == 0 {
		return []Output{{Format: formats[0]}}, nil
	}
	outputs := make([]Output, 0, len(values))
	taken := map[string]bool{}
	for _, value := range values {
		format, path, _ := strings.Cut(value, "=")
		if path == "-" {
			path = ""
		}
		if !slices.Contains(formats, format) {
			return nil, fmt.Errorf("unknown format %q; expected one of %s", format, strings.Join(formats, ", "))
		}
		key := path
		if path != "" {
			key = filepath.Clean(path)
		}
		if taken[key] && path == "" {
			return nil, errors.New("two reports would go to standard output (give one of them a file: -f json=report.json)")
		}
		if taken[key] {
			return nil, fmt.Errorf("two reports would go to %s", path)
		}
		taken[key] = true
		outputs = append(outputs, Output{Format: format, Path: path})
	}
	return outputs, nil
}

// Write renders the output and delivers it whole: to standard output, or to its
// file, which either holds the new report or what it held before. A failed
// rendering writes nothing.
func (o Output) Write(stdout io.Writer, render func(io.Writer) error) error {
	var p pages
	if err := render(&p); err != nil {
		return err
	}
	if o.Path == "" {
		return p.writeTo(stdout)
	}
	return replace(o.Path, p.writeTo)
}

// WriteFile replaces the file at path in one step; see Create.
func WriteFile(path string, data []byte) error {
	return replace(path, func(w io.Writer) error { _, err := w.Write(data); return err })
}

func replace(path string, write func(io.Writer) error) error {
	f, err := Create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		return errors.Join(err, f.Abort())
	}
	return f.Commit()
}

// pages hold what was written. A report may have many megabytes: unlike a buffer,
// pages are not copied when more of them are needed.
type pages [][]byte

const pageSize = 64 << 10

func (p *pages) Write(text []byte) (int, error) {
	n := len(text)
	for len(text) > 0 {
		if last := len(*p) - 1; last < 0 || len((*p)[last]) == pageSize {
			*p = append(*p, make([]byte, 0, pageSize))
		}
		last := &(*p)[len(*p)-1]
		part := text[:min(len(text), pageSize-len(*last))]
		*last, text = append(*last, part...), text[len(part):]
	}
	return n, nil
}

func (p *pages) writeTo(w io.Writer) error {
	for _, page := range *p {
		if _, err := w.Write(page); err != nil {
			return err
		}
	}
	return nil
}

// File is a file being written. Nobody sees it before Commit.
type File struct {
	*os.File
	path string // where it goes; empty for a pipe or a device, written to at once
}

// Create begins to write the file at path, which goes on holding what it holds
// until Commit. A new file is readable by its owner alone; an existing one keeps
// its mode. A symbolic link is followed, so that it goes on being one.
func Create(path string) (*File, error) {
	mode := os.FileMode(0o600)
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			return &File{File: f}, err
		}
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		var at *fs.PathError // name the file that was asked for
		if errors.As(err, &at) {
			at.Path = path
		}
		return nil, err
	}
	if err := f.Chmod(mode); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return &File{File: f, path: path}, nil
}

// Commit puts the file in its place, on disk.
func (f *File) Commit() error {
	if f.path == "" {
		return f.Close()
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Abort())
	}
	if err := f.Close(); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), f.path); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// Abort leaves everything as it was.
func (f *File) Abort() error {
	if f.path == "" {
		return f.Close()
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
