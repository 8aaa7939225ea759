package audit

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"
)

// chains follows every run through the log.
type chains struct {
	report *Report
	runs   map[string]*runState
}

type runState struct {
	seq     uint64
	leaf    string
	tenant  string
	at      time.Time
	intents map[string]uint64 // step and attempt of an intent without outcome, and its index
}

func newChains(r *Report) *chains { return &chains{report: r, runs: map[string]*runState{}} }

// meet takes the next entry of the log.
func (c *chains) meet(index uint64, file string, raw []byte, e Entry) {
	run := c.runs[e.Run]
	if run == nil {
		run = &runState{tenant: e.Tenant, intents: map[string]uint64{}}
		c.runs[e.Run] = run
	}
	fault := func(format string, args ...any) {
		c.report.fault(Fault{Check: CheckChain, File: file, Index: &index, Run: e.Run, Detail: fmt.Sprintf(format, args...)})
	}
	switch {
	case e.Seq != run.seq+1:
		fault("entry %d of run %s follows its entry %d: one is missing, repeated or out of order", e.Seq, e.Run, run.seq)
	case e.Prev != run.leaf:
		fault("entry %d of run %s does not continue the run's entry before it", e.Seq, e.Run)
	}
	if e.Tenant != run.tenant {
		fault("run %s of tenant %s has an entry of tenant %s", e.Run, run.tenant, e.Tenant)
	}
	if e.At.Before(run.at) {
		c.report.notice("run %s: the clock went back from %s to %s at entry %d of the log", e.Run, run.at.Format(time.RFC3339), e.At.Format(time.RFC3339), index)
	}
	run.seq, run.leaf, run.at = e.Seq, hex.EncodeToString(leafHash(raw)), e.At
	run.pair(index, e)
}

// pair matches outcomes to intents.
func (s *runState) pair(index uint64, e Entry) {
	key := fmt.Sprintf("%s\x00%d", e.Step, e.Attempt)
	switch e.Kind {
	case KindIntent:
		s.intents[key] = index
	case KindOutcome:
		delete(s.intents, key)
	}
}

// finish reports what the end of the log leaves open.
func (c *chains) finish() {
	c.report.Runs = len(c.runs)
	for _, run := range slices.Sorted(maps.Keys(c.runs)) {
		for _, index := range slices.Sorted(maps.Values(c.runs[run].intents)) {
			c.report.notice("run %s: the intent at entry %d of the log has no outcome: the effect may or may not have happened", run, index)
		}
	}
}
