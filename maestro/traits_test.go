package maestro

import (
	"strings"
	"testing"

	"agentrisk/internal/source"
	"agentrisk/scoring"
	"agentrisk/scoring/listing"
)

// describe is an agent of whom only a description is known.
func describe(text string) *listing.Agent {
	return &listing.Agent{Description: listing.Text{Value: text, Basis: source.Stated}}
}

func hitOf(r Report, id string, presence Presence) bool {
	for _, h := range r.Traits {
		if h.ID == id && h.Presence == presence {
			return true
		}
	}
	return false
}

// Each trait carries sentences that show it and sentences that must not.
func TestTraitExamples(t *testing.T) {
	for _, n := range readYAML(t, "data/traits.yaml").Get("traits").Items() {
		id, shows, spares := n.Get("id").Text(), texts(n.Get("shows")), texts(n.Get("spares"))
		if len(shows) == 0 || len(spares) == 0 {
			t.Errorf("%s has no sentence that shows it or none that spares it", id)
		}
		for _, text := range shows {
			if !hitOf(Assess(describe(text)), id, Present) {
				t.Errorf("%q does not show %s", text, id)
			}
		}
		for _, text := range spares {
			if hitOf(Assess(describe(text)), id, Present) {
				t.Errorf("%q shows %s", text, id)
			}
		}
	}
}

func TestDenials(t *testing.T) {
	tests := []struct {
		text, trait string
		want        Presence // "" for neither
	}{
		{"It has no memory.", "long-term-memory", Absent},
		{"It has no memory.", "session-memory", Absent},
		{"A stateless service.", "long-term-memory", Absent},
		{"It has neither memory nor a database.", "data-store", Absent},
		{"It does not store documents.", "data-store", Absent},
		{"It runs without human approval.", "approval", Absent},
		{"Approval is not required: it needs no human approval.", "approval", Absent},
		{"It never pays invoices without approval from a manager.", "effect-money", Present},
		{"It never deploys services before an engineer approves.", "approval", Present},
		{"It never deploys services until an engineer approves.", "approval", Present},
		{"It asks for confirmation, not for money, before it acts.", "approval", Present},
		{"It has no memory and sends emails.", "effect-message", Present},
		{"It has no memory, tools or network access.", "web-access", Absent},
		{"It has no memory, tools or network access.", "tools", Absent},
		{"Without memory, it sends emails.", "effect-message", Present},
		{"It doesn't send emails.", "effect-message", Absent},
		{"It doesn’t send e-mails.", "effect-message", Absent},
		{"It cannot send, forward or delete any email.", "effect-delete", Absent},
		{"It sends no email.", "effect-message", Absent},
		{"Emails are never sent.", "effect-message", Absent},
		{"It not only reads but sends emails.", "effect-message", Present},
		{"Audit logging is disabled.", "logging", Absent},
		{"Guardrails are not available.", "guardrails", Absent},
		{"There is no audit log.", "logging", Absent},
		{"It sends emails if a manager asks.", "effect-message", Present},
		{"If it could send emails, it would be useful.", "effect-message", ""},
		{"It might send emails one day.", "effect-message", ""},
		{"Maybe it will have RAG one day.", "retrieval", ""},
		{"We plan to add vector search.", "retrieval", ""},
		{"Does it use vector search?", "retrieval", ""},
		{"Sending email is planned.", "effect-message", Present}, // a hedge works forward only
		{"Support for sending emails is on the roadmap.", "effect-message", Present},
		{"Coming soon: sending emails.", "effect-message", Present}, // the colon ends the hedge
		{"It could allow an attacker to rotate API keys.", "effect-credential", ""},
		{"It cannot access the internet and runs in a container without credentials.", "secrets", Absent},
		{"It cannot access the internet and runs in a container without credentials.", "web-access", Absent},
		{"It does not require an API key and does not keep any data.", "data-store", Absent},
		{"It neither talks to other agents nor uses tools.", "tools", Absent},
		{"It gets incoming e-mails.", "untrusted-content", Present},
		{"It never sends email but deletes files.", "effect-delete", Present},
		{"It talks to no other agents.", "other-agents", Absent},
		{"It hands over to a human agent.", "other-agents", ""},
		{"Zero trust access control.", "authorization", Present},
		{"Memory usage is low.", "long-term-memory", ""},
		{"It remembers nothing.", "long-term-memory", Absent},
		{"SENDS EMAILS", "effect-message", Present},
		{"It resends emailed greetings.", "effect-message", ""}, // whole words only
		{"It sends. Emails are nice.", "effect-message", ""},    // not across sentences
	}
	for _, tt := range tests {
		r := Assess(describe(tt.text))
		for _, p := range []Presence{Present, Absent} {
			if got := hitOf(r, tt.trait, p); got != (p == tt.want) {
				t.Errorf("%q: %s %s is %v", tt.text, tt.trait, p, got)
			}
		}
	}
}

// A control that is claimed and denied counts as denied, anything else as there.
func TestContradictions(t *testing.T) {
	r := Assess(describe("Payments need human approval. Small payments go without approval."))
	if hitOf(r, "approval", Present) || !hitOf(r, "approval", Absent) {
		t.Error("a control that is also denied counts as there")
	}
	r = Assess(describe("It sends emails. It never sends emails at night."))
	if !hitOf(r, "effect-message", Present) || hitOf(r, "effect-message", Absent) {
		t.Error("an exposure that is also denied counts as absent")
	}
}

func factor(t *testing.T, key, value string) listing.Factor {
	t.Helper()
	d, err := scoring.ParseDecimal(value)
	if err != nil {
		t.Fatal(err)
	}
	return listing.Factor{Key: key, Value: listing.Value{Interval: scoring.Exactly(d), Basis: source.Stated,
		Evidence: []source.Evidence{{At: source.Location{File: "a.yaml", Range: source.Range{Start: source.Position{Line: 7, Column: 3}}}, Quote: value}}}}
}

func TestFactorsSupportAndNeverMap(t *testing.T) {
	a := describe("Greets people.")
	a.Factors = []listing.Factor{factor(t, "persistent_memory", "0.8"), factor(t, "multi_agent_interactions", "0.9"),
		factor(t, "dynamic_tool_use", "1"), factor(t, "dynamic_identity", "1"), factor(t, "autonomy_of_action", "1")}
	r := Assess(a)
	for _, id := range []string{"long-term-memory", "other-agents", "tools", "delegated-identity", "unattended"} {
		if !hitOf(r, id, Present) {
			t.Errorf("%s is not seen", id)
		}
	}
	for _, l := range r.Layers {
		if l.Status != listing.NotCertain || len(l.Threats) > 0 {
			t.Errorf("factors alone make %s %s with %d threats", l.ID, l.Status, len(l.Threats))
		}
	}
	if len(r.Chains) > 0 {
		t.Errorf("factors alone make a chain %s", r.Chains[0].ID)
	}
	a.Factors[0].Why = "keeps notes in a vector database"
	if got := Assess(a).Layers[1]; got.Status != listing.Mapped {
		t.Errorf("the words on a factor do not map L2: %s", got.Status)
	}
}

func TestUnknownFactorsAreNotRead(t *testing.T) {
	a := describe("Greets people.")
	f := factor(t, "persistent_memory", "0")
	f.Interval.High, f.Basis = scoring.One, source.Unknown
	a.Factors = []listing.Factor{f}
	if r := Assess(a); len(r.Traits) > 0 {
		t.Errorf("an unknown factor shows %s", r.Traits[0].ID)
	}
	a.Factors[0].Basis = source.Stated // an interval that is stated: it might be 0
	if r := Assess(a); len(r.Traits) > 0 {
		t.Errorf("an interval from 0 to 1 shows %s", r.Traits[0].ID)
	}
}

func TestToolNames(t *testing.T) {
	tests := map[string]string{
		"create_user": "effect-access", "sendEmail": "effect-message", "delete_repository": "effect-delete",
		"slack_post_message": "effect-message", "run-query": "effect-execute", "get_open_orders": "",
		"list_sent_emails": "", "issue_refund": "effect-money", "rotateApiKey": "effect-credential", "browse_web": "web-access",
	}
	for name, want := range tests {
		a := &listing.Agent{Tools: []listing.Tool{{Name: name}}}
		r := Assess(a)
		if !hitOf(r, "tools", Present) {
			t.Errorf("%s is no tool", name)
		}
		if want != "" && !hitOf(r, want, Present) {
			t.Errorf("%s does not show %s", name, want)
		}
		for _, h := range r.Traits {
			if want == "" && strings.HasPrefix(h.ID, "effect-") {
				t.Errorf("%s shows %s", name, h.ID)
			}
		}
	}
}

// A note speaks of its own layer, a note that is not certain of none, and no
// note shows a control.
func TestNotes(t *testing.T) {
	note := func(layer string, status listing.Status, text string) *listing.Agent {
		return &listing.Agent{Layers: []listing.LayerNote{{Layer: layer, Status: status, Text: text}}}
	}
	uncertain := Assess(note("L4", listing.NotCertain, "It runs in a Docker container and holds an API key."))
	if len(uncertain.Traits) > 0 || uncertain.Layers[3].Status != listing.NotCertain || len(uncertain.Layers[3].Threats) > 0 {
		t.Error("a note that is not certain is read")
	}
	untold := Assess(note("L4", "", "Not certain from the listing. It holds an API key."))
	if len(untold.Traits) > 0 || untold.Layers[3].Status != listing.NotCertain {
		t.Error("a note that begins as not certain is read")
	}
	mapped := Assess(note("L4", listing.Mapped, "It holds an API key and talks to other agents."))
	if !hitOf(mapped, "secrets", Present) || hitOf(mapped, "other-agents", Present) {
		t.Error("a note on L4 does not speak of L4 alone")
	}
	if mapped.Layers[6].Status != listing.NotCertain || mapped.Layers[3].Status != listing.Mapped {
		t.Error("a note on L4 maps another layer, or not its own")
	}
	feared := Assess(note("L3", listing.Mapped, "An attacker could trick it into sending emails, deleting files and creating users."))
	if len(feared.Traits) > 0 {
		t.Errorf("what a note fears shows %s", feared.Traits[0].ID)
	}
	control := Assess(note("L6", listing.Mapped, "Human approval and access control keep it safe."))
	if len(control.Traits) > 0 {
		t.Errorf("a note shows the control %s", control.Traits[0].ID)
	}
	ruled := Assess(note("L2", listing.NotApplicable, "It stores documents."))
	if l := ruled.Layers[1]; l.Status != listing.NotApplicable || len(l.Threats) > 0 {
		t.Error("a layer stated as not applicable is not")
	}
	both := note("L2", listing.NotApplicable, "No data.")
	both.Description.Value = "It stores customer data in Postgres."
	if l := Assess(both).Layers[1]; l.Status != listing.NotApplicable || len(l.Threats) > 0 || len(l.Notes) != 1 {
		t.Errorf("a layer stated as not applicable is %s with %d threats and notes %v", l.Status, len(l.Threats), l.Notes)
	}
	if r := Assess(note("L2", listing.Mapped, "")); r.Layers[1].Status != listing.Mapped || r.Layers[1].Basis != source.Stated {
		t.Error("a stated status does not decide")
	}
}

// Where a listing and our reading differ, the listing keeps its status and the
// report says so.
func TestListingAgainstEvidence(t *testing.T) {
	a := describe("It stores customer data in Postgres.")
	a.Layers = []listing.LayerNote{{Layer: "L2", Status: listing.NotCertain, Text: "Not certain from the listing."}}
	l := Assess(a).Layers[1]
	if l.Status != listing.NotCertain || len(l.Notes) != 1 || len(l.Threats) == 0 || len(l.Evidence) == 0 {
		t.Errorf("got %s, notes %v, %d threats", l.Status, l.Notes, len(l.Threats))
	}
}

// To deny one kind of a thing is not to deny the thing.
func TestPartialDenials(t *testing.T) {
	r := Assess(describe("It never stores transcripts. It is stateless."))
	if l := r.Layers[1]; l.Status != listing.NotCertain {
		t.Errorf("transcripts that are not stored make L2 %s", l.Status)
	}
	r = Assess(describe("It does not read incoming emails. It remembers you across sessions and sends messages."))
	if len(r.Chains) != 1 || r.Chains[0].ID != "memory-persistence" || r.Chains[0].State != Possible {
		t.Errorf("emails that are not read break the chain of untrusted input: %v", r.Chains)
	}
}

// What a tool works on is not what the agent has.
func TestToolWords(t *testing.T) {
	a := &listing.Agent{Tools: []listing.Tool{{Name: "helper", Description: "Requires approval from a manager; every call is logged."}}}
	r := Assess(a)
	if hitOf(r, "logging", Present) || hitOf(r, "approval", Present) {
		t.Error("words on a tool show a control of the agent")
	}
}

// What is repeated without end does not fill the report without end.
func TestSightingsAreBounded(t *testing.T) {
	a := describe(strings.Repeat("It sends emails. ", 500))
	a.Description.Evidence = []source.Evidence{{At: source.Location{File: "f", Range: source.Range{
		Start: source.Position{Line: 1, Column: 1}, End: source.Position{Line: 1, Column: len(a.Description.Value) + 1}}}}}
	r := Assess(a)
	for _, h := range r.Traits {
		if len(h.Evidence) != maxSightings {
			t.Errorf("%s has %d pieces of evidence, want %d", h.ID, len(h.Evidence), maxSightings)
		}
	}
}
