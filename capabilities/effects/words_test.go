package effects

import (
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	x := newClassifier(t).lexicon
	for name, want := range map[string]string{
		"createOrUpdateUser":                   "create or update user",
		"SMSSend":                              "sms send",
		"getURLById":                           "get url by id",
		"list-deleted-users":                   "list deleted users",
		"v1.endpoint.rotate-secret":            "endpoint rotate secret",
		"OrganizationsController_create[0]":    "organizations controller create",
		"documents:batchGet":                   "documents batch get",
		"oauth2_token":                         "oauth2 token",
		"updateemailtemplatewithid":            "update email template with id",
		"bulkdeleterelationshiptuples":         "bulk delete relationship tuples",
		"createprocessortoken":                 "create processor token",
		"signInWithPassword":                   "signin with password",
		"log_out":                              "logout",
		"JumpWireWeb.DataVaultController.show": "jump wire web data vault controller show",
		"":                                     "",
		"___":                                  "",
		"größe_ändern":                         "gr e ndern",
	} {
		var words []string
		for _, tok := range x.split(nil, name) {
			words = append(words, tok.text)
		}
		if have := strings.Join(words, " "); have != want {
			t.Errorf("%q: %q, expected %q", name, have, want)
		}
	}
}

func TestSingular(t *testing.T) {
	for plural, want := range map[string]string{"policies": "policy", "keys": "key", "statuses": "statuse", "addresses": "address", "boxes": "box",
		"branches": "branch", "access": "access", "status": "status", "analysis": "analysis", "ids": "ids", "bus": "bus", "invoices": "invoice"} {
		if have := singular(plural); have != want {
			t.Errorf("%s: %s, expected %s", plural, have, want)
		}
	}
}

func TestVerbOfName(t *testing.T) {
	x := newClassifier(t).lexicon
	for name, want := range map[string]string{
		"list-deleted-users": "list", "get_failed_executions": "get", "order_refund": "refund", "create_order": "create",
		"event_get_trigger": "get", "users.list": "list", "orders.capture": "capture", "chat.postMessage": "post",
		"ip-access-rules-for-a-zone-create-an-ip-access-rule": "create", "issueUpdate": "update", "mark_all_notifications_read": "mark",
		"pull_request_read": "read", "server-status": "status", "do-fetch": "fetch", "batchGetItem": "get", "set_list_name": "set",
		"playlist": "", "customers": "",
	} {
		r := x.readName(name, "")
		have := ""
		if r.verb != nil {
			have = r.verb.text
		}
		if have != want {
			t.Errorf("%s: verb %q, expected %q", name, have, want)
		}
	}
}

func TestPathParts(t *testing.T) {
	x := newClassifier(t).lexicon
	for _, test := range []struct {
		path, action string
		domain       domain
	}{
		{"/v1/payments/{id}/refund", "refund", "money"},
		{"/v1/payments/refund", "", "money"},
		{"/cards/{id}/freeze", "freeze", "plain"},
		{"/contacts/search", "search", "plain"},
		{"/v1/documents:batchGet", "get", "plain"},
		{"https://api.example.com/v2/api-keys/{id}", "", "credential"},
		{"/api/v1/monitor", "", "plain"},
		{"/user/registration", "", "user"},
		{"/users/{id}/lifecycle/suspend", "suspend", "user"},
		{"", "", noNoun},
		{"/", "", noNoun},
	} {
		rt := x.readPath(test.path)
		have := ""
		if rt.action != nil {
			have = rt.action.text
		}
		if have != test.action || rt.domain != test.domain {
			t.Errorf("%s: action %q on %q, expected %q on %q", test.path, have, rt.domain, test.action, test.domain)
		}
	}
}
