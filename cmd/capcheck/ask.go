package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/world"
	"agentrisk/internal/report"
	"agentrisk/internal/report/runs"
)

// Bounds on a conversation: how often an answer that is not accepted may be given
// again, how long a line is, and how many approvals one run asks for.
const (
	maxAnswers   = 3
	maxLine      = 4096
	maxApprovals = 500
)

// ask asks the person at the terminal for each approval that a run waits for, and
// goes on with it. It answers with the newest report, nil where nobody was asked.
func (s *session) ask(ctx context.Context, r *enforce.Report, as string) (*enforce.Report, error) {
	if !s.asks {
		return nil, nil
	}
	lines := bufio.NewReaderSize(s.stdin, maxLine)
	var last *enforce.Report
	for range maxApprovals {
		if r.Outcome != enforce.Waiting || r.Wait == nil || r.Wait.Approval == "" {
			return last, nil
		}
		answered, err := s.question(ctx, lines, r.Tenant, r.Wait.Approval, as)
		if err != nil || !answered {
			return last, err
		}
		if r, err = s.Resume(ctx, r.Tenant, r.Run); err != nil {
			return last, s.fail(err)
		}
		last = r
	}
	return last, nil
}

// question shows one approval in full and records the answer. No answer is none:
// the run goes on waiting.
func (s *session) question(ctx context.Context, lines *bufio.Reader, tenant, id, as string) (bool, error) {
	a, err := s.Approval(ctx, tenant, id)
	if err != nil {
		return false, s.fail(err)
	}
	who := s.mayDecide(a)
	var shown strings.Builder
	if err := runs.ApprovalText(&shown, report.Terminal{Color: s.progress != nil, Width: s.width}, a, who); err != nil {
		return false, err
	}
	fmt.Fprintf(s.stderr, "\n%s\n", s.Masker().Text(shown.String()))
	for range maxAnswers {
		answer, ok := s.answer(lines, who, as)
		if !ok {
			return false, nil
		}
		answer.ID, answer.Tenant = id, tenant
		_, err := s.Decide(ctx, answer)
		if err == nil {
			return true, nil
		}
		failed := s.fail(err)
		if errors.Is(err, approval.TooLate) || errors.Is(err, approval.Settled) || errors.Is(err, approval.Outdated) {
			s.say("%v", failed)
			return true, nil // going on will tell what came of it
		}
		if !errors.Is(err, approval.NotListed) && !errors.Is(err, approval.OwnRequest) {
			return false, failed
		}
		s.say("not accepted: %v", failed)
		as = ""
	}
	return false, nil
}

// answer reads who decides, and what.
func (s *session) answer(lines *bufio.Reader, who []string, as string) (approval.Answer, bool) {
	person := as
	for range maxAnswers {
		if person != "" {
			break
		}
		hint := ""
		if len(who) > 0 {
			hint = " (" + strings.Join(who, ", ") + ")"
		}
		var ok bool
		if person, ok = s.prompt(lines, "Who decides?"+hint+" "); !ok {
			return approval.Answer{}, false
		}
	}
	if person == "" {
		return approval.Answer{}, false
	}
	for range maxAnswers {
		word, ok := s.prompt(lines, person+", approve or deny? ")
		if !ok {
			return approval.Answer{}, false
		}
		if word == "" {
			return approval.Answer{}, false
		}
		approve := strings.EqualFold(word, "approve")
		if !approve && !strings.EqualFold(word, "deny") {
			s.say("one of the words approve and deny, or an empty line to leave it open")
			continue
		}
		reason, ok := s.prompt(lines, "Why? (may stay empty) ")
		return approval.Answer{Person: decision.Actor{Kind: "user", ID: person}, Approve: approve, Reason: reason}, ok
	}
	return approval.Answer{}, false
}

// prompt asks on standard error and reads a line. A line that is too long, or cut
// off, is no answer, and neither is an interrupt.
func (c *command) prompt(lines *bufio.Reader, question string) (string, bool) {
	fmt.Fprint(c.stderr, report.Printable(question))
	line, err := lines.ReadSlice('\n')
	if err != nil {
		if !errors.Is(err, io.EOF) && !errors.Is(err, context.Canceled) {
			c.say("capcheck: the answer cannot be read: %v", err)
		}
		fmt.Fprintln(c.stderr)
		return "", false
	}
	return strings.TrimSpace(string(line)), true
}

// mayDecide lists who may decide an approval, as the world says: approvers of its
// effect who are signed in and take no part in it.
func (s *session) mayDecide(a approval.Approval) []string {
	t, found := s.world.Tenant(a.Tenant)
	if !found {
		return nil
	}
	var out []string
	for _, one := range t.Approvers {
		signedIn := slices.ContainsFunc(t.Users, func(u world.User) bool { return u.ID == one.User && u.Session })
		part := slices.ContainsFunc(a.Requesters, func(r decision.Actor) bool { return r.ID == one.User })
		if signedIn && !part && slices.Contains(one.Effects, a.Effect) {
			out = append(out, one.User)
		}
	}
	return out
}
