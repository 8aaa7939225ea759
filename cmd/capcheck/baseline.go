package main

import (
	"os"

	"agentrisk/internal/report"
	"agentrisk/internal/report/findings"
	"agentrisk/internal/source"
)

// compare takes the findings of a baseline for known.
func (s *scan) compare(r *findings.Report, name string) error {
	file, err := os.Open(s.abs(name))
	if err != nil {
		return usage("the baseline cannot be read: %w", err)
	}
	defer file.Close()
	f, err := source.Read(name, file, source.Limits{})
	if err != nil {
		return &exit{exitUsage, err}
	}
	if r.Known, err = findings.ReadBaseline(f); err != nil {
		return &exit{exitUsage, err}
	}
	if n := r.Gone(); n > 0 && s.only == nil && len(r.Result.Incomplete) == 0 {
		s.say("capcheck: %d of %d findings in the baseline are gone; --write-baseline %s shortens it", n, len(r.Known), name)
	}
	return nil
}

// keep writes the findings of a complete run as the new baseline.
func (c *command) keep(r *findings.Report, name string) error {
	b := r.Baseline()
	err := report.Output{Path: name}.Write(nil, b.Write)
	if err != nil {
		return incomplete("the baseline cannot be written: %w", err)
	}
	c.say("capcheck: %d findings written to %s", len(b.Findings), name)
	return nil
}
