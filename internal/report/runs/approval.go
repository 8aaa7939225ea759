package runs

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"time"

	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/internal/report"
)

// ApprovalSchemaName and ApprovalsSchemaName name the versions of one approval
// and of a list of them as JSON.
const (
	ApprovalSchemaName  = "agentrisk.approval/v1"
	ApprovalsSchemaName = "agentrisk.approvals/v1"
)

// approvalDoc is an approval as JSON.
type approvalDoc struct {
	Schema        string           `json:"schema,omitempty"`
	ID            string           `json:"id"`
	Tenant        string           `json:"tenant"`
	Run           string           `json:"run"`
	Step          string           `json:"step"`
	Operation     string           `json:"operation"`
	Effect        string           `json:"effect"`
	Resource      string           `json:"resource,omitempty"`
	Purpose       string           `json:"purpose,omitempty"`
	Arguments     any              `json:"arguments"`
	Hash          string           `json:"arguments_sha256"`
	PolicyVersion string           `json:"policy_version"`
	Requesters    []decision.Actor `json:"requesters"`
	Who           []string         `json:"who,omitempty"`
	State         string           `json:"state"`
	DecidedBy     string           `json:"decided_by,omitempty"`
	Reason        string           `json:"reason,omitempty"`
	Created       time.Time        `json:"created"`
	Expires       time.Time        `json:"expires"`
	Decided       *time.Time       `json:"decided,omitempty"`
	Used          *time.Time       `json:"used,omitempty"`
}

func approvalOf(a approval.Approval) approvalDoc {
	return approvalDoc{
		ID: a.ID, Tenant: a.Tenant, Run: a.Run, Step: a.Step, Operation: a.Operation, Effect: a.Effect, Resource: a.Resource,
		Purpose: a.Purpose, Arguments: a.Arguments.Value(), Hash: a.ArgumentsSHA256, PolicyVersion: a.PolicyVersion,
		Requesters: list(a.Requesters), State: string(a.State), DecidedBy: a.DecidedBy, Reason: a.Reason,
		Created: a.Created.UTC(), Expires: a.Expires.UTC(), Decided: set(a.Decided), Used: set(a.UsedAt),
	}
}

// set is a time that may be none.
func set(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// ApprovalJSON writes one approval. who may decide it, as far as is known.
func ApprovalJSON(w io.Writer, a approval.Approval, who []string) error {
	doc := approvalOf(a)
	doc.Schema, doc.Who = ApprovalSchemaName, who
	return report.WriteJSON(w, doc)
}

// ApprovalText writes one approval for the person who is to decide: exactly what
// would happen, and under which conditions the answer counts.
func ApprovalText(w io.Writer, term report.Terminal, a approval.Approval, who []string) error {
	p := newPage(term)
	p.line("%s", p.term.Paint(report.Bold, "Approval "+spelled(a.ID)))
	state := string(a.State)
	if a.DecidedBy != "" {
		state += " by " + a.DecidedBy
	}
	var requesters []string
	for _, r := range a.Requesters {
		if one := r.Kind + " " + r.ID; !slices.Contains(requesters, one) {
			requesters = append(requesters, one)
		}
	}
	deciders := ""
	if a.State == approval.Open {
		deciders = cmp.Or(strings.Join(who, ", "), "nobody: the world lists no approver for this effect who takes no part in it")
	}
	p.exactFields("  ",
		field{"state", state}, field{"because", a.Reason},
		field{"tenant", a.Tenant}, field{"run", a.Run}, field{"step", a.Step},
		field{"operation", a.Operation}, field{"effect", a.Effect}, field{"on", a.Resource}, field{"purpose", a.Purpose},
		field{"asked by", strings.Join(requesters, ", ")}, field{"may decide", deciders},
		field{"asked", moment(a.Created)}, field{"expires", moment(a.Expires)},
		field{"decided", moment(a.Decided)}, field{"used", moment(a.UsedAt)},
		field{"policy", a.PolicyVersion}, field{"sha-256", a.ArgumentsSHA256})
	p.heading("Arguments")
	if arguments, ok := a.Arguments.Value().(map[string]any); ok && len(arguments) > 0 {
		p.values("  ", arguments)
	} else {
		p.exact("  ", spelled(a.Arguments.String()))
	}
	if a.State == approval.Open {
		p.line("")
		p.wrapped("", "The answer counts once, for exactly these arguments, and until it expires.")
	}
	return p.to(w)
}

// exactFields is fields for text that must be shown as it is.
func (p *page) exactFields(indent string, all ...field) {
	all = slices.DeleteFunc(all, func(f field) bool { return f.value == "" })
	width := 0
	for _, f := range all {
		width = max(width, len(f.name))
	}
	for _, f := range all {
		p.exact(indent+report.Pad(f.name, width)+"  ", spelled(f.value))
	}
}

// ApprovalsJSON writes a page of approvals.
func ApprovalsJSON(w io.Writer, page approval.Page) error {
	out := struct {
		Schema    string        `json:"schema"`
		Approvals []approvalDoc `json:"approvals"`
		Next      string        `json:"next,omitempty"`
	}{ApprovalsSchemaName, []approvalDoc{}, page.Next}
	for _, a := range page.Approvals {
		out.Approvals = append(out.Approvals, approvalOf(a))
	}
	return report.WriteJSON(w, out)
}

// ApprovalsText writes a page of approvals as a table.
func ApprovalsText(w io.Writer, page approval.Page) error {
	if len(page.Approvals) == 0 {
		_, err := io.WriteString(w, "no approvals\n")
		return err
	}
	table := report.Table{Heading: []string{"id", "state", "effect", "operation", "on", "run", "step", "expires"}}
	for _, a := range page.Approvals {
		table.Rows = append(table.Rows, []string{a.ID, string(a.State), a.Effect, a.Operation, a.Resource, a.Run, a.Step, moment(a.Expires)})
	}
	return tableWithNext(w, table, page.Next)
}
