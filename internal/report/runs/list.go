package runs

import (
	"fmt"
	"io"
	"time"

	"agentrisk/capabilities/enforce/journal"
	"agentrisk/internal/report"
)

// RunsSchemaName names the version of a list of runs as JSON.
const RunsSchemaName = "agentrisk.runs/v1"

// runDoc is a run of a list as JSON.
type runDoc struct {
	Run         string     `json:"run"`
	Tenant      string     `json:"tenant"`
	Capability  string     `json:"capability"`
	State       string     `json:"state"`
	Reason      string     `json:"reason,omitempty"`
	WaitingOn   string     `json:"waiting_on,omitempty"`
	CancelledBy string     `json:"cancelled_by,omitempty"`
	Created     time.Time  `json:"created"`
	Updated     time.Time  `json:"updated"`
	Ready       *time.Time `json:"ready,omitempty"`
}

// RunsJSON writes a page of runs.
func RunsJSON(w io.Writer, page journal.Page) error {
	out := struct {
		Schema string   `json:"schema"`
		Runs   []runDoc `json:"runs"`
		Next   string   `json:"next,omitempty"`
	}{RunsSchemaName, []runDoc{}, page.Next}
	for _, r := range page.Runs {
		out.Runs = append(out.Runs, runDoc{r.ID, r.Tenant, r.Capability, string(r.State), r.Reason, r.WaitingOn, r.CancelledBy,
			r.Created.UTC(), r.Updated.UTC(), set(r.Ready)})
	}
	return report.WriteJSON(w, out)
}

// RunsText writes a page of runs as a table. What a run waits for may be over by now.
func RunsText(w io.Writer, page journal.Page, now time.Time) error {
	if len(page.Runs) == 0 {
		_, err := io.WriteString(w, "no runs\n")
		return err
	}
	table := report.Table{Heading: []string{"run", "state", "capability", "updated", "waits for"}}
	for _, r := range page.Runs {
		waits := r.WaitingOn
		switch {
		case r.State != journal.Waiting || r.Ready.IsZero():
		case r.Ready.After(now):
			waits += ", until " + moment(r.Ready)
		default:
			waits = "nothing since " + moment(r.Ready) + ": resume it"
		}
		table.Rows = append(table.Rows, []string{r.ID, string(r.State), r.Capability, moment(r.Updated), waits})
	}
	return tableWithNext(w, table, page.Next)
}

// tableWithNext writes a table, and how to see what follows it.
func tableWithNext(w io.Writer, table report.Table, next string) error {
	if err := table.Text(w); err != nil || next == "" {
		return err
	}
	_, err := fmt.Fprintf(w, "\nmore: --after %s\n", report.Printable(next))
	return err
}
