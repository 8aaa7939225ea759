package main

import (
	"fmt"
	"strings"
	"time"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/plan"
)

// request is who runs the plan, for whom, and with what. notes say what the world
// gave.
func (s *session) request(how *running, pl *plan.Plan) (req enforce.Request, notes []string, err error) {
	d := s.world.Defaults
	if req.Tenant, err = s.tenant(); err != nil {
		return req, nil, err
	}
	ours := func(name, said, theirs string) string {
		if said != "" || theirs == "" || req.Tenant != d.Tenant {
			return said
		}
		notes = append(notes, fmt.Sprintf("the %s is the world's: %s", name, theirs))
		return theirs
	}
	req.User, req.Agent = ours("user", how.user, d.User), ours("agent", how.agent, d.Agent)
	req.Purpose = ours("purpose", how.purpose, d.Purpose)
	for _, one := range [][2]string{{"user", req.User}, {"agent", req.Agent}, {"purpose", req.Purpose}} {
		if one[1] == "" {
			return req, nil, usage("no %s: say --%s, the world has no default for %s", one[0], one[0], req.Tenant)
		}
	}
	defaults := d.Inputs
	if req.Tenant != d.Tenant {
		defaults = nil // they are another tenant's
	}
	values, taken, err := s.command.inputs(pl, how.inputs, how.inputsFile, defaults)
	if err != nil {
		return req, nil, err
	}
	if len(taken) > 0 {
		notes = append(notes, "inputs that nobody gave are the world's: "+strings.Join(taken, ", "))
	}
	req.Inputs, req.Reading, req.Mode, req.Canary = values, enforce.Reading(how.reading), enforce.Mode(how.mode), how.canary
	return req, notes, nil
}

// clock is the simulated clock of a dry run; nil is the real one.
func (how *running) clock() (func() time.Time, error) {
	if how.now == "" {
		return nil, nil
	}
	at, err := time.Parse(time.RFC3339, how.now)
	if err != nil {
		return nil, usage("--now %q is no time; expected one like 2030-06-03T12:00:00Z", how.now)
	}
	return func() time.Time { return at }, nil
}
