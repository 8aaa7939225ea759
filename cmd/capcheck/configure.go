package main

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"agentrisk/capabilities/lint"
	"agentrisk/cmd/capcheck/internal/tree"
	"agentrisk/internal/source"
)

// configure reads the configuration and makes the linter.
func (s *scan) configure(how scanning, paths []string) error {
	if _, err := s.readConfig(how, paths); err != nil {
		return err
	}
	return s.makeLinter(how, false)
}

// makeLinter makes the linter of the configuration. many says that it will be given
// many files.
func (s *scan) makeLinter(how scanning, many bool) (err error) {
	if s.linter, err = lint.New(s.config); err != nil {
		return &exit{exitUsage, s.inConfig(how, err)}
	}
	if many {
		s.linter.ExpectMany()
	}
	return nil
}

// readConfig reads the configuration. base is the folder that it speaks of.
func (s *scan) readConfig(how scanning, paths []string) (base string, err error) {
	base = "."
	if how.config != "" {
		s.config, err = lint.ReadConfig(os.DirFS(filepath.Dir(s.abs(how.config))), filepath.Base(how.config))
		if name, err := s.tree.Name(how.config); err == nil {
			base = path.Dir(name)
		}
	} else {
		folder := ""
		for _, p := range paths {
			if p == tree.Stdin {
				p = "."
			}
			folder = commonFolder(folder, s.tree.Folder(p))
		}
		var name string
		if name, err = lint.FindConfig(s.tree.FS, folder); err == nil && name != "" {
			s.config, err = lint.ReadConfig(s.tree.FS, name)
			base = path.Dir(name)
		}
	}
	if err != nil {
		return base, &exit{exitUsage, s.inConfig(how, err)}
	}
	if how.profile != "" {
		s.config.Profile = lint.Profile(how.profile)
	}
	s.config.NoIgnores = how.noIgnores
	s.config.Today, err = s.day(how.today)
	return base, err
}

// inConfig gives the place of a fault of the configuration, or of a rule beside
// it, the name that the user knows.
func (s *scan) inConfig(how scanning, err error) error {
	var at *source.Error
	if how.config == "" || !errors.As(err, &at) || at.At.File == "" {
		return s.shown(err)
	}
	out := *at
	out.At.File = path.Join(path.Dir(filepath.ToSlash(how.config)), at.At.File)
	return &out
}

// abs is a path of the user, from the folder that the program was started in.
func (c *command) abs(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.dir, p)
}

// commonFolder is the nearest folder of the tree above two; "" is above nothing.
func commonFolder(a, b string) string {
	if a == "" || a == b {
		return b
	}
	for a != "." && b != a && !strings.HasPrefix(b, a+"/") {
		a = path.Dir(a)
	}
	return a
}

// day is the day that --now names, or today.
func (s *scan) day(text string) (time.Time, error) {
	if text == "" {
		return s.now(), nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return day, usage("--now %q is no day; expected YYYY-MM-DD", text)
	}
	return day, nil
}
