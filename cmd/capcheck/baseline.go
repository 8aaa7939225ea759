package main

import (
	"io"
	"os"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/report"
	"agentrisk/internal/report/findings"
)

// maxBaseline bounds a baseline file, in bytes.
const maxBaseline = 64 << 20

// compare takes the findings of a baseline for known.
func (s *scan) compare(r *findings.Report, name string) error {
	file, err := os.Open(s.abs(name))
	if err != nil {
		return usage("the baseline cannot be read: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxBaseline))
	if err != nil {
		return usage("the baseline cannot be read: %w", err)
	}
	b, err := lint.ReadBaseline(name, text)
	if err != nil {
		return &exit{exitUsage, err}
	}
	r.Known = make(map[string]bool, len(b.Findings))
	for _, f := range b.Findings {
		r.Known[f.Fingerprint] = true
	}
	if n := gone(b, r.Result); n > 0 && len(r.Result.Incomplete) == 0 {
		s.say("capcheck: %d of %d findings in the baseline were not found again; --write-baseline shortens it", n, len(b.Findings))
	}
	return nil
}

// gone counts the findings of a baseline that files of this run show no more.
func gone(b lint.Baseline, r lint.Result) int {
	looked := map[string]bool{}
	for _, f := range r.Files {
		looked[f.File] = true
	}
	n := 0
	for _, f := range b.Gone(r) {
		if looked[f.File] {
			n++
		}
	}
	return n
}

// keep writes the findings of a complete run as the new baseline.
func (c *command) keep(r *findings.Report, name string) error {
	b, err := lint.NewBaseline(r.Result)
	if err == nil {
		err = report.Output{Path: c.abs(name)}.Write(nil, b.Write)
	}
	if err != nil {
		return incomplete("the baseline cannot be written: %w", err)
	}
	c.say("capcheck: %d findings written to %s", len(b.Findings), name)
	return nil
}
