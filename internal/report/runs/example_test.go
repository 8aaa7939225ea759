package runs

import (
	"time"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/internal/source"
)

// hostile is text that tries to act in a report.
const hostile = "\x1b[31mred\x1b[0m \u202egnp.exe\u202c"

var noon = time.Date(2030, 6, 3, 12, 0, 0, 0, time.UTC)

func at(n uint64) *uint64 { return &n }

// waiting is a run that waits for a person.
func waiting() *enforce.Report {
	return &enforce.Report{
		Schema: enforce.ReportSchema, Run: "run_7h2k", Capability: "Publish the field notes", File: "notes.yaml",
		Tenant: "lakeside", User: "user_amara", Agent: "support-assistant", Purpose: "publish what the survey found " + hostile,
		Reading: enforce.Enforced, Mode: enforce.Enforce, Outcome: enforce.Waiting, Reason: "a person has to approve the credential", Simulated: true,
		Steps: []enforce.StepReport{
			{Step: "sign-in", Operation: "Sessions_authenticate", Effect: "read", Control: "authenticate", Outcome: enforce.StepDone, Millis: 3,
				Decisions: []decision.Decision{{Check: "tenant", Verdict: decision.Allow, Reason: "the run and user_amara belong to lakeside", SuppliedBy: decision.ByRuntime},
					{Check: "identity", Verdict: decision.Allow, Reason: "the token is valid and bound to support-assistant", SuppliedBy: decision.ByCapability}}},
			{Step: "create-key", Title: "Create a key for the assistant", Operation: "UserApiKeys_create", Named: "createKey", Effect: "credential", Control: "none",
				Resource: "repository:field-notes", Relation: "editor", Scope: "repository:write", Outcome: enforce.StepWaiting, Attempt: 2, Approval: "apr_19",
				Reason:    "credential needs an approval",
				Arguments: map[string]any{"name": "assistant  key", "scopes": []any{"repository:read"}, "hidden\u200bname": "a\u202eb", "value": map[string]any{"$secret_sha256": "8d47"}},
				Decisions: []decision.Decision{
					{Check: "fga", Verdict: decision.Allow, Reason: "user_amara is editor of repository:field-notes", SuppliedBy: decision.ByRuntime, Rule: "editor"},
					{Check: "policy", Verdict: decision.StepUp, Reason: "a credential is created outside of the hours in which somebody would notice that it is used by somebody else", SuppliedBy: decision.ByRuntime, Rule: "hours"},
					{Check: "limits", Verdict: decision.Allow, SuppliedBy: decision.ByRuntime}}},
			{Step: "tell", Effect: "message", Control: "none", Outcome: enforce.StepNotReached},
		},
		Audit:    enforce.AuditReport{First: at(4), Last: at(9), Location: ".capcheck/runtime/audit", Checkpoint: "log.example\n10\nhash\n\n— log.example sig\n"},
		Warnings: []string{"createKey is called UserApiKeys_create in the catalogue"},
		Wait:     &enforce.WaitReport{Approval: "apr_19", Step: "create-key", Until: noon, Who: []string{"user_chidi"}},
		Supplied: []enforce.SuppliedReport{{Step: "create-key", Check: "approval", State: "missing"}, {Step: "create-key", Check: "audit", State: "late"}},
	}
}

// completed is a run that is over.
func completed() *enforce.Report {
	return &enforce.Report{Run: "run_1", Capability: "Read", Tenant: "lakeside", User: "user_amara", Agent: "support-assistant", Purpose: "look",
		Reading: enforce.Declared, Mode: enforce.Sandbox, Outcome: enforce.Completed,
		Steps:   []enforce.StepReport{{Step: "read", Effect: "read", Control: "none", Outcome: enforce.StepDone}},
		Audit:   enforce.AuditReport{Location: "audit"},
		Outputs: map[string]any{"token": "[secret]", "count": 3, "none": nil}}
}

func examplePlan() *plan.Plan {
	place := source.Location{File: "notes.yaml", Range: source.Range{Start: source.Position{Line: 9, Column: 3}, End: source.Position{Line: 9, Column: 12}}}
	return &plan.Plan{
		Capability: "Publish the field notes", File: "notes.yaml", Dialect: capabilities.Composition, Flow: "-", SHA256: "c0ffee",
		Inputs: []plan.Input{
			{Name: "target_resource", Type: "string", Required: true, Role: provider.RoleResource},
			{Name: "requested_scopes", Type: "array", Default: []any{"repository:read"}},
			{Name: "pace", Allowed: []string{"slow", "fast"}},
		},
		Steps: []*plan.Step{
			{ID: "create-key", At: place, Title: "Create a key", Kind: plan.Call, Named: "createKey", Confidence: "certain", Basis: "catalogue", MaxTries: 3,
				Operation: provider.Operation{Provider: "workos", ID: "UserApiKeys_create", Effect: effects.Credential, Control: effects.None},
				Needs: plan.Needs{Authentication: plan.Need{State: "present", By: "sign-in"}, Authorization: plan.Need{State: "late", By: "check"},
					Approval: plan.Need{State: "missing"}, Audit: plan.Need{State: "present", Caller: true}},
				When: []plan.Condition{{}}, ForEach: &plan.Value{},
				Arguments: []plan.Argument{{Param: provider.Param{Name: "user_id", Required: true, Role: provider.RoleUser, Sealed: true}, How: plan.Sealed, Note: "the user of the run"},
					{Param: provider.Param{Name: "permissions"}, How: plan.Matched, Note: "input requested_scopes " + hostile},
					{Param: provider.Param{Name: "expires_at"}, How: plan.Unbound}}},
			{ID: "check", At: place, Kind: plan.Call, Operation: provider.Operation{Provider: "ledger", ID: "look", Effect: effects.Read, Control: effects.Authorize, Simulated: true}},
			{ID: "join", At: place, Kind: plan.Lookup},
			{ID: "ask", At: place, Kind: plan.Outside, Reason: "a person does it by hand"},
		},
		Outputs:  []plan.Output{{Name: "key", Secret: true}, {Name: "id"}},
		Warnings: []plan.Warning{{At: place, Step: "create-key", Text: "createKey is UserApiKeys_create in the catalogue"}, {Text: "nothing else"}},
	}
}

func exampleApproval() approval.Approval {
	arguments, err := canonical.Marshal(map[string]any{"name": "two  spaces " + hostile, "scopes": []any{"repository:read"}, "note": "a long note that does not fit into one line of a terminal that is eighty columns wide"})
	if err != nil {
		panic(err)
	}
	return approval.Approval{ID: "apr_19", Tenant: "lakeside", Run: "run_7h2k", Step: "create-key", Operation: "UserApiKeys_create", Effect: "credential",
		Resource: "repository:field-notes", Purpose: "publish", ArgumentsSHA256: arguments.Hash(), PolicyVersion: "9f21",
		Requesters: []decision.Actor{{Kind: "user", ID: "user_amara"}, {Kind: "agent", ID: "support-assistant"}, {Kind: "user", ID: "user_amara"}}, Arguments: arguments,
		State: approval.Open, Created: noon.Add(-time.Hour), Expires: noon}
}

func exampleRuns() journal.Page {
	return journal.Page{Next: "run_0", Runs: []journal.Run{
		{ID: "run_7h2k", Tenant: "lakeside", Capability: "Publish the field notes", State: journal.Waiting, WaitingOn: "apr_19", Created: noon, Updated: noon, Ready: noon.Add(time.Hour)},
		{ID: "run_2", Tenant: "lakeside", Capability: "Publish the field notes", State: journal.Waiting, WaitingOn: "apr_7", Created: noon, Updated: noon, Ready: noon},
		{ID: "run_1", Tenant: "lakeside", Capability: "Read " + hostile, State: journal.Completed, Created: noon, Updated: noon},
	}}
}

func exampleVerify() *audit.Report {
	cosigned := noon
	return &audit.Report{Schema: audit.ReportSchema, Origin: "log.example", Size: 12, Signed: 10, Anchored: 8, CosignedAt: &cosigned, Runs: 2,
		Checks: []audit.Check{{Name: audit.CheckSignature, Status: audit.Passed, Detail: "signed by the log's key"},
			{Name: audit.CheckEntries, Status: audit.Failed, Detail: "entry 3 is not canonical"},
			{Name: audit.CheckKept, Status: audit.NotChecked, Detail: "no checkpoint was given"}},
		Faults: []audit.Fault{{Check: audit.CheckEntries, File: "tile/entries/000", Index: at(3), Run: "run_1", Detail: "not canonical"}}, FaultCount: 3,
		Notices: []string{"run run_1: an intent has no outcome"}, Unproven: []string{"that the log's owner signed this history alone"}}
}

func exampleRecord() audit.Record {
	return audit.Record{Index: 7, Leaf: "ab", Entry: audit.Entry{V: 1, At: noon, Kind: audit.KindDenial, Run: "run_7h2k", Seq: 3, Tenant: "lakeside", Purpose: "publish",
		Actors: []audit.Actor{{ID: "user_amara", Kind: "user"}, {ID: "support-assistant", Kind: "agent"}}, Step: "create-key", Attempt: 2, Operation: "UserApiKeys_create",
		Effect: "credential", Resource: "repository:field-notes", Arguments: "c0ffee", Reason: "no such grant " + hostile, Simulated: true,
		Decisions: []audit.Decision{{Check: "scope", Verdict: decision.Deny, Reason: "repository:write is not granted", SuppliedBy: decision.ByRuntime}},
		Facts:     map[string]string{"token_id": "tok_1"}}}
}
