package audit

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"agentrisk/capabilities/enforce/decision"
)

const zeroHash = "0000000000000000000000000000000000000000000000000000000000000000"

var testTime = time.Date(2026, 3, 4, 5, 6, 7, 89, time.UTC)

func testRedactor(t testing.TB) *redactor {
	t.Helper()
	red, err := newRedactor(nil)
	if err != nil {
		t.Fatal(err)
	}
	return red
}

func allow(check string) decision.Decision {
	return decision.Decision{Check: check, Verdict: decision.Allow, Reason: "fits", SuppliedBy: decision.ByRuntime}
}

func testEvent(kind Kind) Event {
	v := Event{
		Kind: kind, At: testTime, Tenant: "acme", Step: "issue-key", Operation: "keys.create",
		Effect: "credential", Resource: "project:7", Arguments: zeroHash, Purpose: "rotate a key",
		Chain: []decision.Actor{{Kind: "user", ID: "ada"}, {Kind: "agent", ID: "helper"}},
	}
	switch kind {
	case KindDecision:
		v.Decisions = []decision.Decision{allow("fga"), allow("policy")}
	case KindDenial:
		v.Decisions = []decision.Decision{allow("fga"), decision.Denied("policy", "outside working hours")}
	case KindApproval:
		v.Approval = "task-1"
	case KindOutcome:
		v.Outcome = "succeeded"
	}
	return v
}

func drawEvent(t *rapid.T) Event {
	v := testEvent(rapid.SampledFrom(Kinds()).Draw(t, "kind"))
	v.At = time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "s"), rapid.Int64Range(0, 999999999).Draw(t, "ns"))
	v.Reason = rapid.String().Draw(t, "reason")
	v.Resource = rapid.String().Draw(t, "resource")
	v.Purpose = rapid.String().Draw(t, "purpose")
	v.Attempt = rapid.IntRange(0, 5).Draw(t, "attempt")
	v.Facts = rapid.MapOfN(rapid.StringMatching(`[a-z_]{1,9}`), rapid.String(), 0, 3).Draw(t, "facts")
	return v
}

func mustEntry(t testing.TB, v Event, seq uint64, prev string) Entry {
	t.Helper()
	e, err := v.entry("run-1", testRedactor(t))
	if err != nil {
		t.Fatal(err)
	}
	e.Seq, e.Prev = seq, prev
	return e
}

func TestParseEntryRefusesOtherSpellings(t *testing.T) {
	raw, err := mustEntry(t, testEvent(KindDenial), 1, "").Canonical()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseEntry(raw); err != nil {
		t.Fatalf("the entry itself: %v", err)
	}
	good := string(raw)
	swap := func(from, to string) string {
		if !strings.Contains(good, from) {
			t.Fatalf("%q does not occur in %s", from, good)
		}
		return strings.Replace(good, from, to, 1)
	}
	cases := map[string]string{
		"space":           swap(`"kind":`, `"kind": `),
		"trailing":        good + " ",
		"second value":    good + "{}",
		"unknown field":   swap(`"kind":`, `"extra":1,"kind":`),
		"repeated field":  swap(`"kind":`, `"kind":"intent","kind":`),
		"other case":      swap(`"tenant"`, `"Tenant"`),
		"escaped":         swap(`acme`, `\u0061cme`),
		"verdict":         swap(`"deny"`, `"maybe"`),
		"other version":   swap(`"v":1`, `"v":2`),
		"local time":      swap(`.000000089Z`, `.000000089+02:00`),
		"padded time":     swap(`.000000089Z`, `.0000000890Z`),
		"no tenant":       swap(`"tenant":"acme"`, `"tenant":""`),
		"first with prev": swap(`"prev":""`, `"prev":"`+zeroHash+`"`),
		"seq zero":        swap(`"seq":1`, `"seq":0`),
		"seq as float":    swap(`"seq":1`, `"seq":1.0`),
		"broken utf-8":    swap(`acme`, "ac\xffme"),
		"null list":       swap(`"kind"`, `"facts":null,"kind"`),
		"kind":            swap(`"kind":"denial"`, `"kind":"remark"`),
		"not a denial":    swap(`"decision":"deny"`, `"decision":"allow"`),
		"source":          swap(`"supplied_by":"runtime"`, `"supplied_by":"agent"`),
		"short hash":      swap(zeroHash, zeroHash[1:]),
		"array":           "[" + good + "]",
		"empty":           "",
		"too long":        `{"reason":"` + strings.Repeat("a", MaxEntry) + `"}`,
	}
	for name, text := range cases {
		_, err := ParseEntry([]byte(text))
		var entryErr *EntryError
		if !errors.As(err, &entryErr) {
			t.Errorf("%s: got %v, want an entry error", name, err)
		}
	}
}

func TestEntryNeedsItsKindsFields(t *testing.T) {
	cases := []struct {
		name  string
		event Event
		spoil func(*Event)
	}{
		{"intent without arguments", testEvent(KindIntent), func(v *Event) { v.Arguments = "" }},
		{"intent without step", testEvent(KindIntent), func(v *Event) { v.Step = "" }},
		{"outcome without word", testEvent(KindOutcome), func(v *Event) { v.Outcome = "fine" }},
		{"approval without id", testEvent(KindApproval), func(v *Event) { v.Approval = "" }},
		{"decision with denial", testEvent(KindDenial), func(v *Event) { v.Kind = KindDecision }},
		{"decision without any", testEvent(KindDecision), func(v *Event) { v.Decisions = nil }},
		{"no time", testEvent(KindIntent), func(v *Event) { v.At = time.Time{} }},
		{"no tenant", testEvent(KindIntent), func(v *Event) { v.Tenant = "" }},
		{"actor without id", testEvent(KindIntent), func(v *Event) { v.Chain[0].ID = "" }},
		{"fact's name", testEvent(KindIntent), func(v *Event) { v.Facts = map[string]string{"A b": "c"} }},
		{"long resource", testEvent(KindIntent), func(v *Event) { v.Resource = strings.Repeat("r", MaxID+1) }},
		{"many decisions", testEvent(KindDecision), func(v *Event) { v.Decisions = make([]decision.Decision, MaxDecisions+1) }},
	}
	for _, c := range cases {
		if _, err := mustEntry(t, c.event, 1, "").Canonical(); err != nil {
			t.Errorf("%s: before the change: %v", c.name, err)
		}
		c.spoil(&c.event)
		e, err := c.event.entry("run-1", testRedactor(t))
		if err == nil {
			e.Seq = 1
			_, err = e.Canonical()
		}
		var entryErr *EntryError
		if !errors.As(err, &entryErr) {
			t.Errorf("%s: got %v, want an entry error", c.name, err)
		}
	}
}

func TestTextIsBoundedAndPlain(t *testing.T) {
	v := testEvent(KindIntent)
	v.Reason = "a\x1b[31mred\nline\u2028\u202eright" + strings.Repeat("ü", MaxText)
	e := mustEntry(t, v, 1, "")
	if len(e.Reason) > MaxText || !strings.HasSuffix(e.Reason, cutMark) {
		t.Errorf("reason of %d bytes ends in %q", len(e.Reason), e.Reason[len(e.Reason)-20:])
	}
	if strings.ContainsAny(e.Reason, "\x1b\n\u2028\u202e") {
		t.Errorf("reason still steers a terminal: %q", e.Reason[:40])
	}
	if _, err := e.Canonical(); err != nil {
		t.Error(err)
	}
}

func FuzzParseEntry(f *testing.F) {
	for _, kind := range Kinds() {
		raw, err := mustEntry(f, testEvent(kind), 1, "").Canonical()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := ParseEntry(raw)
		if err != nil {
			return
		}
		again, err := e.Canonical()
		if err != nil || string(again) != string(raw) {
			t.Fatalf("accepted %q, which is written as %q (%v)", raw, again, err)
		}
	})
}
