package audit

import (
	"fmt"
	"slices"
	"time"
)

// ReportSchema names the form of a verification report.
const ReportSchema = "agentrisk.audit-verify/v1"

// maxFaults bounds how many faults a report lists; it counts them all.
const maxFaults = 100

// Status of one check of a verification.
type Status string

// A check passed, failed, or could not be made for want of something.
const (
	Passed     Status = "passed"
	Failed     Status = "failed"
	NotChecked Status = "not checked"
)

// Names of the checks, in the order of the report.
const (
	CheckSignature = "checkpoint signature" // the log's key signed the checkpoint
	CheckState     = "driver state"         // the driver's own state agrees with the tree
	CheckEntries   = "entries"              // every entry is there and well formed
	CheckTiles     = "tiles"                // every tile holds the hashes of the entries
	CheckRoot      = "root hash"            // the entries lead to the checkpoint's root
	CheckChain     = "run chains"           // each run's entries follow each other
	CheckKept      = "kept checkpoint"      // the log grew out of a checkpoint kept elsewhere
	CheckWitness   = "witness"              // a witness cosigned that checkpoint
)

// Check is one line of a report.
type Check struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	Detail string `json:"detail"`
}

// Fault is one thing that is wrong with a log.
type Fault struct {
	Check  string  `json:"check"`
	File   string  `json:"file,omitempty"`
	Index  *uint64 `json:"index,omitempty"` // of the entry
	Run    string  `json:"run,omitempty"`
	Detail string  `json:"detail"`
}

// Report is what a verification found, and what it could not find out.
type Report struct {
	Schema string `json:"schema"`
	Origin string `json:"origin,omitempty"`
	Size   uint64 `json:"size"`   // entries on disk
	Signed uint64 `json:"signed"` // entries under the log's own checkpoint
	// Anchored is how many entries, from the first, are held by something outside
	// the log: a checkpoint kept elsewhere or a witness's cosignature.
	Anchored   uint64     `json:"anchored"`
	CosignedAt *time.Time `json:"cosigned_at,omitempty"` // by the witness's clock
	Runs       int        `json:"runs"`
	Checks     []Check    `json:"checks"`
	Faults     []Fault    `json:"faults"`
	FaultCount int        `json:"fault_count"`
	// Notices are oddities that tampering does not explain: an intent without an
	// outcome after a crash, a clock that went back.
	Notices []string `json:"notices"`
	// Unproven says in words what this verification cannot show.
	Unproven []string `json:"unproven"`
}

// OK says that nothing is wrong as far as could be checked. It says nothing about
// what was not checked: see Unproven and Anchored.
func (r *Report) OK() bool {
	return r.FaultCount == 0 && !slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Status == Failed })
}

// Check gives the check of a name.
func (r *Report) Check(name string) Check {
	for _, c := range r.Checks {
		if c.Name == name {
			return c
		}
	}
	return Check{Name: name, Status: NotChecked, Detail: "never reached"}
}

func (r *Report) set(name string, status Status, format string, args ...any) {
	detail := fmt.Sprintf(format, args...)
	for i := range r.Checks {
		if r.Checks[i].Name != name {
			continue
		}
		if r.Checks[i].Status != Failed { // a failure stays
			r.Checks[i] = Check{name, status, detail}
		}
		return
	}
	r.Checks = append(r.Checks, Check{name, status, detail})
}

func (r *Report) fault(f Fault) {
	r.FaultCount++
	r.set(f.Check, Failed, "%s", f.Detail)
	if len(r.Faults) < maxFaults {
		r.Faults = append(r.Faults, f)
	}
}

func (r *Report) notice(format string, args ...any) {
	if len(r.Notices) < maxFaults {
		r.Notices = append(r.Notices, fmt.Sprintf(format, args...))
	}
}

func (r *Report) unproven(format string, args ...any) {
	r.Unproven = append(r.Unproven, fmt.Sprintf(format, args...))
}
