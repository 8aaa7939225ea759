package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/fga"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/secrets"
	"agentrisk/capabilities/enforce/world"
)

// TestPlacesHideCredentials: whatever an error quotes of a place, its password is
// not in it.
func TestPlacesHideCredentials(t *testing.T) {
	for _, address := range []string{
		"postgres://amara:s3cr%40t-w0rd@db.example/runs",
		"postgres://amara:s3cr@t-w0rd@db.example/runs",
		"postgres://db.example/runs?user=amara&password=s3cr%40t-w0rd",
		"https://amara:s3cr%40t-w0rd@fga.example",
		"postgres://amara:s3cr%zz@t-w0rd@db.example:port/runs", // cannot be parsed
	} {
		p := &place{store: address, fga: address}
		for _, text := range []string{
			"cannot reach " + address, fmt.Sprintf("parse %q: wrong", address), "user=amara password=s3cr@t-w0rd host=db", "login with s3cr@t-w0rd failed",
		} {
			if strings.Contains(address, "%zz") && !strings.Contains(text, "://") {
				continue // nobody can have taken it out of such an address
			}
			if got := p.conceal(text); strings.Contains(got, "t-w0rd") {
				t.Errorf("%s: shows %s", address, got)
			}
		}
		if flags := p.hints().Flags; strings.Contains(flags, "t-w0rd") {
			t.Errorf("the hint shows %s", flags)
		}
	}
	if got := (&place{}).conceal("nothing to hide: a@b"); got != "nothing to hide: a@b" {
		t.Errorf("changed to %s", got)
	}
}

func TestCodeOf(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want int
	}{
		{&enforce.Error{Kind: enforce.Unknown}, exitUsage},
		{&enforce.Error{Kind: enforce.Invalid, Err: journal.Over}, exitUsage},
		{&enforce.Error{Kind: enforce.Busy}, exitIncomplete},
		{&enforce.Error{Kind: enforce.Unavailable, Err: secrets.ErrNotFound}, exitIncomplete},
		{&approval.Error{Kind: approval.OwnRequest}, exitFailed},
		{&approval.Error{Kind: approval.NotFound}, exitUsage},
		{&approval.Error{Kind: approval.Tampered}, exitIncomplete},
		{fmt.Errorf("put: %w", secrets.ErrExists), exitUsage},
		{secrets.ErrTampered, exitIncomplete},
		{errors.New("anything else"), exitIncomplete},
	} {
		if got := codeOf(tt.err); got != tt.want {
			t.Errorf("%v: %d, want %d", tt.err, got, tt.want)
		}
	}
}

func TestOutcomeExit(t *testing.T) {
	for outcome, want := range map[enforce.Outcome]int{enforce.Denied: exitFailed, enforce.Compensated: exitFailed, enforce.Waiting: exitWaiting,
		enforce.Failed: exitIncomplete, "": exitIncomplete, "fine": exitIncomplete} {
		var e *exit
		if err := outcomeExit(outcome); !errors.As(err, &e) || e.code != want {
			t.Errorf("%q: %v, want %d", outcome, err, want)
		}
	}
	if err := outcomeExit(enforce.Completed); err != nil {
		t.Error(err)
	}
}

func TestQuoteArg(t *testing.T) {
	for in, want := range map[string]string{"a/b-c.d": "a/b-c.d", "a b": "'a b'", "": "''", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "a\nb": "'a\nb'"} {
		if got := quoteArg(in); got != want {
			t.Errorf("%q became %s, want %s", in, got, want)
		}
	}
}

// TestMayDecide: listed, signed in, and no part of the request.
func TestMayDecide(t *testing.T) {
	w, err := world.Demo()
	if err != nil {
		t.Fatal(err)
	}
	s := &session{world: w}
	a := approval.Approval{Tenant: "lakeside", Effect: "credential", Requesters: []decision.Actor{{Kind: "user", ID: "user_amara"}}}
	if got := s.mayDecide(a); len(got) != 1 || got[0] != "user_chidi" {
		t.Errorf("got %v", got)
	}
	a.Requesters[0].ID = "user_chidi"
	if got := s.mayDecide(a); len(got) != 0 {
		t.Errorf("who asks may decide: %v", got)
	}
	a.Tenant = "nowhere"
	if got := s.mayDecide(a); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

// TestServerWantsAToken: who is refused by a server of relations is told where the
// token comes from, unless more is known.
func TestServerWantsAToken(t *testing.T) {
	c := &command{}
	for hint, want := range map[string]bool{"": true, "use https://": false} {
		err := &enforce.Error{Kind: enforce.Unavailable, Op: "open fga", Err: &fga.Error{Kind: fga.Refused, Op: "open", Hint: hint, Err: errors.New("unauthenticated")}}
		got := c.notOpen(err, &place{fga: "http://127.0.0.1:8080"})
		var e *exit
		if !errors.As(got, &e) || e.code != exitUsage || strings.Contains(got.Error(), fgaToken) != want {
			t.Errorf("with hint %q: %v", hint, got)
		}
	}
}
