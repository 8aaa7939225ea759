package effects

import (
	"strings"
	"testing"

	"agentrisk/internal/source"
)

func yes() *bool { b := true; return &b }
func no() *bool  { b := false; return &b }

func TestHints(t *testing.T) {
	c := newClassifier(t)
	for _, test := range []struct {
		name          string
		op            Operation
		effect        Effect
		basis         Basis
		contradiction string
	}{
		{"a hint decides where nothing else tells", Operation{ID: "frobnicate", Hints: Hints{ReadOnly: yes()}}, Read, ByDocument, ""},
		{"without it, unknown counts as write", Operation{ID: "frobnicate"}, Write, ByUnknown, ""},
		{"a hint confirms", Operation{ID: "list_users", Hints: Hints{ReadOnly: yes()}}, Read, ByDocument, ""},
		{"a search by POST reads", Operation{ID: "searchUsers", Method: "POST", Hints: Hints{ReadOnly: yes()}}, Read, ByDocument, ""},
		{"the method contradicts", Operation{ID: "frobnicate", Method: "DELETE", Hints: Hints{ReadOnly: yes()}}, Delete, ByMethod, "the method DELETE"},
		{"POST alone contradicts", Operation{ID: "frobnicate", Method: "POST", Hints: Hints{ReadOnly: yes()}}, Write, ByMethod, "the method POST"},
		{"the verb contradicts", Operation{ID: "delete_user", Hints: Hints{ReadOnly: yes()}}, Access, ByName, "its name"},
		{"the catalogue contradicts", Operation{Provider: "workos", ID: "ApiKeysController_delete", Hints: Hints{ReadOnly: yes()}}, Credential, ByCatalogue, "the operation catalogue"},
		{"destructive raises a write", Operation{ID: "label_write", Hints: Hints{Destructive: yes()}}, Delete, ByDocument, ""},
		{"destructive raises a read and says so", Operation{ID: "get_label", Hints: Hints{Destructive: yes()}}, Delete, ByDocument, "destructive"},
		{"destructive does not lower", Operation{ID: "create_payment", Hints: Hints{Destructive: yes()}}, Money, ByName, ""},
		{"not read-only is the protocol's default and says nothing", Operation{ID: "get_label", Hints: Hints{ReadOnly: no()}}, Read, ByName, ""},
		{"an effect stated outright", Operation{ID: "frobnicate", Hints: Hints{Effect: Money}}, Money, ByDocument, ""},
		{"a lower effect stated outright", Operation{ID: "deletePost", Method: "DELETE", Hints: Hints{Effect: Read}}, Delete, ByMethod, "the document says read"},
	} {
		r := c.Classify(test.op)
		if r.Effect != test.effect || r.Basis != test.basis || !strings.Contains(r.Contradiction, test.contradiction) || (test.contradiction == "") != (r.Contradiction == "") {
			t.Errorf("%s: %s by %s, contradiction %q", test.name, r.Effect, r.Basis, r.Contradiction)
		}
	}
}

// The order of reading is fixed: each row knows one thing less.
func TestOrderOfReading(t *testing.T) {
	c := newClassifier(t)
	for _, test := range []struct {
		op    Operation
		basis Basis
	}{
		{Operation{Provider: "WorkOS", ID: "AuthorizationController_check", Hints: Hints{ReadOnly: yes()}}, ByDocument},
		{Operation{Provider: "WorkOS", ID: "AuthorizationController_check"}, ByCatalogue},
		{Operation{Provider: "WorkOS", Method: "POST", Path: "/authorization/organization_memberships/{x}/check"}, ByCatalogue},
		{Operation{Provider: "acme", ID: "checkAccess", Method: "POST", Path: "/access/check"}, ByMethod},
		{Operation{Provider: "acme", ID: "checkAccess"}, ByName},
		{Operation{Provider: "acme", ID: "frobnicate", Description: "Removes the thing."}, ByDescription},
		{Operation{Provider: "acme", ID: "frobnicate", Description: "The thing."}, ByUnknown},
		{Operation{Provider: "acme", ID: "frobnicate"}, ByUnknown},
		{Operation{}, ByUnknown},
	} {
		if r := c.Classify(test.op); r.Basis != test.basis || len(r.Evidence) == 0 {
			t.Errorf("%+v: by %s, expected %s (%v)", test.op, r.Basis, test.basis, r.Evidence)
		}
	}
}

func TestNamesThatHoldMore(t *testing.T) {
	c := newClassifier(t)
	for id, want := range map[string]Effect{
		"POST /v1/refunds":                                        Money,
		"delete /v1/projects/{id}":                                Delete,
		"$sourceDescriptions.payments.createRefund":               Money,
		"{$sourceDescriptions.x.url}#/paths/~1users~1{id}/delete": Access,
		"Read the user":                                           Read,
	} {
		if r := c.Classify(Operation{ID: id}); r.Effect != want {
			t.Errorf("%s: %s, expected %s", id, r.Effect, want)
		}
	}
}

// A control in prose is none.
func TestProseIsNoControl(t *testing.T) {
	c := newClassifier(t)
	for _, op := range []Operation{
		{ID: "create-pipe", Description: "Surface the approval prompt and wait for the manager to approve."},
		{ID: "delete_user", Description: "Checks the permission, writes an audit event and deletes the user."},
		{ID: "frobnicate", Description: "Ask a human to approve the request."},
		{Method: "POST", Path: "/orders", Description: "Approve the order with the manager."},
	} {
		if r := c.Classify(op); r.Control != None {
			t.Errorf("%+v: control %s", op, r.Control)
		}
	}
}

func TestEvidenceHasItsPlace(t *testing.T) {
	at := source.Location{File: "a.yaml", Range: source.Range{Start: source.Position{Line: 3, Column: 5}}}
	for _, r := range []Result{
		newClassifier(t).Classify(Operation{ID: "refund", At: at}),
		newClassifier(t).Classify(Operation{Provider: "openfga", ID: "Check", At: at}),
		newClassifier(t).Classify(Operation{ID: "frobnicate", At: at}),
	} {
		for _, e := range r.Evidence {
			if e.At != at || e.Rule == "" || e.Quote == "" {
				t.Errorf("evidence %+v", e)
			}
		}
	}
}

func TestEffectsAndControlsAreClosed(t *testing.T) {
	if Effect("").Valid() || Effect("transfer").Valid() || !Money.Valid() || Control("x").Valid() || !None.Valid() {
		t.Error("what is valid")
	}
	for _, e := range AllEffects() {
		if e.Privileged() == (e == Read || e == Write) {
			t.Errorf("%s privileged %v", e, e.Privileged())
		}
	}
	if graver(Read, Money) != Money || graver(Money, Read) != Money || graver("", Read) != Read {
		t.Error("graver")
	}
}
