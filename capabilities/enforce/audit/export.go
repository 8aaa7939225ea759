package audit

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"agentrisk/capabilities/enforce/decision"
)

// Format names a shape in which entries leave the log, one JSON object a line.
type Format string

// The formats of an export.
const (
	FormatJSONL       Format = "jsonl"       // the entry with its index and leaf hash
	FormatWorkOS      Format = "workos"      // the body of WorkOS's POST /audit_logs/events
	FormatOCSF        Format = "ocsf"        // OCSF 1.6.0: API Activity (6003), Authentication (3002)
	FormatCloudEvents Format = "cloudevents" // CloudEvents 1.0 in the JSON format
)

// Formats lists every format.
func Formats() []Format {
	return []Format{FormatJSONL, FormatWorkOS, FormatOCSF, FormatCloudEvents}
}

// Export writes the entries that a filter picks. Like Records it proves nothing;
// every shape carries the leaf hash, which leads back to the entry.
func Export(w io.Writer, dir string, f Filter, format Format) error {
	if !slices.Contains(Formats(), format) {
		return fmt.Errorf("unknown export format %q: expected one of %v", format, Formats())
	}
	cp, err := tree{os.DirFS(filepath.Join(dir, treeFolder))}.checkpoint()
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for r, err := range Records(dir, f) {
		if err != nil {
			return err
		}
		if err := enc.Encode(shape(r, cp.Origin, format)); err != nil {
			return err
		}
	}
	return out.Flush()
}

func shape(r Record, origin string, format Format) any {
	switch format {
	case FormatWorkOS:
		return workOSOf(r)
	case FormatOCSF:
		return ocsfOf(r, origin)
	case FormatCloudEvents:
		return cloudEventOf(r, origin)
	}
	return r
}

// cloudEvent follows CloudEvents 1.0.2 and its JSON format: id, source,
// specversion and type are required, id and source together are unique, names of
// extensions are small letters and digits.
type cloudEvent struct {
	SpecVersion     string    `json:"specversion"`
	ID              string    `json:"id"`
	Source          string    `json:"source"`
	Type            string    `json:"type"`
	Subject         string    `json:"subject"`
	Time            time.Time `json:"time"`
	DataContentType string    `json:"datacontenttype"`
	Tenant          string    `json:"tenant"`
	LogIndex        string    `json:"logindex"`
	Data            Entry     `json:"data"`
}

func cloudEventOf(r Record, origin string) cloudEvent {
	subject := r.Entry.Run
	if r.Entry.Step != "" {
		subject += "/" + r.Entry.Step
	}
	return cloudEvent{
		SpecVersion: "1.0", ID: r.Leaf, Source: "urn:agentrisk:audit:" + origin,
		Type: fmt.Sprintf("agentrisk.audit.%s.v%d", r.Entry.Kind, Version), Subject: subject,
		Time: r.Entry.At, DataContentType: "application/json",
		Tenant: r.Entry.Tenant, LogIndex: fmt.Sprint(r.Index), Data: r.Entry,
	}
}

// workOSEvent is the request of AuditLogEventsController_create in WorkOS's
// published OpenAPI: metadata of at most 50 values, names of at most 40 characters,
// values of at most 500.
type workOSEvent struct {
	OrganizationID string `json:"organization_id"`
	Event          struct {
		Action     string         `json:"action"`
		OccurredAt time.Time      `json:"occurred_at"`
		Actor      workOSParty    `json:"actor"`
		Targets    []workOSParty  `json:"targets"`
		Context    workOSContext  `json:"context"`
		Metadata   map[string]any `json:"metadata"`
		Version    int            `json:"version"`
	} `json:"event"`
}

type workOSParty struct {
	ID       string            `json:"id"`
	Type     string            `json:"type"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

// workOSContext needs a location. The runtime sees none of the agent's, and says so.
type workOSContext struct {
	Location string `json:"location"`
}

func workOSOf(r Record) workOSEvent {
	e := r.Entry
	var w workOSEvent
	w.OrganizationID = e.Tenant
	w.Event.Action = "agentrisk." + string(e.Kind)
	w.Event.OccurredAt = e.At
	w.Event.Version = Version
	w.Event.Context.Location = "unknown"
	w.Event.Actor = workOSParty{ID: "unknown", Type: "unknown"}
	if n := len(e.Actors); n > 0 {
		w.Event.Actor = workOSParty{ID: e.Actors[n-1].ID, Type: e.Actors[n-1].Kind}
		if n > 1 {
			w.Event.Actor.Metadata = map[string]string{"on_behalf_of": cut(chainText(e.Actors[:n-1]), MaxFact)}
		}
	}
	w.Event.Targets = []workOSParty{target(e)}
	w.Event.Metadata = map[string]any{"run": e.Run, "seq": e.Seq, "log_index": r.Index, "leaf": r.Leaf}
	for name, value := range map[string]string{
		"step": e.Step, "operation": e.Operation, "effect": e.Effect, "outcome": e.Outcome, "approval": e.Approval,
		"purpose": e.Purpose, "reason": reasonOf(e), "decisions": decisionText(e.Decisions), "arguments_sha256": e.Arguments,
	} {
		if value != "" {
			w.Event.Metadata[name] = cut(value, MaxFact)
		}
	}
	return w
}

func target(e Entry) workOSParty {
	if kind, id, ok := strings.Cut(e.Resource, ":"); ok && kind != "" && id != "" {
		return workOSParty{ID: id, Type: kind}
	}
	if e.Resource != "" {
		return workOSParty{ID: e.Resource, Type: "resource"}
	}
	return workOSParty{ID: e.Run, Type: "run"}
}

func chainText(actors []Actor) string {
	var parts []string
	for _, a := range actors {
		parts = append(parts, a.Kind+":"+a.ID)
	}
	return strings.Join(parts, " > ")
}

func decisionText(decisions []Decision) string {
	var parts []string
	for _, d := range decisions {
		parts = append(parts, d.Check+"="+d.Verdict.String())
	}
	return strings.Join(parts, " ")
}

// reasonOf is the entry's reason, or the one of the check that denied.
func reasonOf(e Entry) string {
	if e.Reason != "" {
		return e.Reason
	}
	for _, d := range e.Decisions {
		if d.Verdict == decision.Deny {
			return d.Check + ": " + d.Reason
		}
	}
	return ""
}
