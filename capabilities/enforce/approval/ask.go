package approval

import (
	"encoding/json"
	"fmt"
	"slices"

	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/store"
)

// Ask puts a step before people and answers with the approval to wait for. Asked
// again for exactly the same, it answers with the same approval, decided or not:
// asking twice is no second chance. Asked under a newer policy, it asks anew, and
// what was open or given under the older one is void.
func (d *Desk) Ask(tx *store.Tx, req decision.Request, policyVersion string) (Approval, error) {
	arguments, err := valid(req, policyVersion)
	if err != nil {
		return Approval{}, err
	}
	now, err := tx.Now()
	if err != nil {
		return Approval{}, err
	}
	before, err := d.read(tx, `SELECT `+columns+` FROM approvals WHERE tenant = ? AND run = ? AND step = ?`, req.Tenant, req.Run, req.Step)
	if err != nil {
		return Approval{}, err
	}
	for _, a := range before {
		switch {
		case a.PolicyVersion == policyVersion && a.ArgumentsSHA256 == req.Hash:
			if different := a.differs(req, policyVersion); different != "" {
				return Approval{}, &Error{Kind: Invalid, ID: a.ID, Detail: "the step asks again for another " + different}
			}
			return d.current(tx, a, now)
		case a.PolicyVersion != policyVersion && (a.State == Open || a.State == Approved):
			was := a.State
			a.State, a.Reason = Void, "the policy changed"
			if err := d.save(tx, a, was); err != nil {
				return Approval{}, err
			}
		}
	}
	return d.insert(tx, Approval{Tenant: req.Tenant, Run: req.Run, Step: req.Step, Operation: req.Operation, Effect: req.Effect,
		Resource: req.Resource, Purpose: req.Purpose, ArgumentsSHA256: req.Hash, PolicyVersion: policyVersion,
		Requesters: requesters(req), Arguments: arguments, State: Open, Created: now, Expires: now.Add(d.life)})
}

func (d *Desk) insert(tx *store.Tx, a Approval) (Approval, error) {
	var err error
	if a.ID, err = store.NewID(d.random, "apr"); err != nil {
		return Approval{}, err
	}
	if a.sealedArguments, err = d.box.Seal(a.Arguments.Bytes(), "approval arguments", a.Tenant, a.ID); err != nil {
		return Approval{}, err
	}
	row, err := a.row()
	if err != nil {
		return Approval{}, err
	}
	proof, err := d.box.Seal(nil, row...)
	if err != nil {
		return Approval{}, err
	}
	chain, err := json.Marshal(a.Requesters)
	if err != nil {
		return Approval{}, err
	}
	_, err = tx.Exec(`INSERT INTO approvals (id, tenant, run, step, operation, effect, resource, purpose, arguments_sha256, policy_version,
		requesters, sealed_arguments, state, decided_by, reason, created_at, expires_at, decided_at, used_at, proof)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', ?, ?, 0, 0, ?)`,
		a.ID, a.Tenant, a.Run, a.Step, a.Operation, a.Effect, a.Resource, a.Purpose, a.ArgumentsSHA256, a.PolicyVersion,
		string(chain), a.sealedArguments, string(a.State), toNanos(a.Created), toNanos(a.Expires), proof)
	return a, err
}

// valid holds a request to what an approval must be bound to.
func valid(req decision.Request, policyVersion string) (canonical.JSON, error) {
	for field, text := range map[string]string{"tenant": req.Tenant, "run": req.Run, "step": req.Step, "operation": req.Operation,
		"effect": req.Effect, "version of the policy": policyVersion, "user": req.User.ID, "agent": req.Agent.ID} {
		if !store.IsName(text, maxText) {
			return canonical.JSON{}, &Error{Kind: Invalid, Detail: fmt.Sprintf("expected a %s of 1 to %d bytes without control characters", field, maxText)}
		}
	}
	for field, text := range map[string]string{"resource": req.Resource, "purpose": req.Purpose} {
		if text != store.Clip(text, maxText) {
			return canonical.JSON{}, &Error{Kind: Invalid, Detail: fmt.Sprintf("expected a %s of at most %d bytes of UTF-8", field, maxText)}
		}
	}
	if len(req.Chain) > maxChain {
		return canonical.JSON{}, &Error{Kind: Invalid, Detail: fmt.Sprintf("a delegation chain has at most %d links", maxChain)}
	}
	arguments, err := canonical.Parse(req.Arguments)
	if err != nil {
		return arguments, &Error{Kind: Invalid, Detail: "arguments: " + err.Error()}
	}
	if arguments.String() != string(req.Arguments) || arguments.Hash() != req.Hash {
		return arguments, &Error{Kind: Invalid, Detail: "the arguments are not canonical, or the hash is not theirs"}
	}
	return arguments, nil
}

// differs names the first thing in which a request is not what was asked for.
func (a Approval) differs(req decision.Request, policyVersion string) string {
	switch {
	case a.Tenant != req.Tenant:
		return "tenant"
	case a.Run != req.Run:
		return "run"
	case a.Step != req.Step:
		return "step"
	case a.Operation != req.Operation:
		return "operation"
	case a.Effect != req.Effect:
		return "effect"
	case a.Resource != req.Resource:
		return "resource"
	case a.Purpose != req.Purpose:
		return "purpose"
	case a.ArgumentsSHA256 != req.Hash:
		return "set of arguments"
	case a.PolicyVersion != policyVersion:
		return "version of the policy"
	case !slices.Equal(a.Requesters, requesters(req)):
		return "delegation chain"
	}
	return ""
}
