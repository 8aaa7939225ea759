package identity

import (
	"context"
	"fmt"

	"agentrisk/capabilities/enforce/decision"
)

// Code says why something was denied, for programs and for the log.
type Code string

// The codes of denials.
const (
	CodeMalformed   Code = "malformed"     // not a token in the form this service issues
	CodeAlgorithm   Code = "algorithm"     // signed with another algorithm, or none
	CodeKey         Code = "key"           // names another key
	CodeSignature   Code = "signature"     // the signature does not fit
	CodeIssuer      Code = "issuer"        // from another issuer
	CodeAudience    Code = "audience"      // for another service
	CodeExpired     Code = "expired"       // too late
	CodeNotYet      Code = "not-yet-valid" // too early
	CodeLifetime    Code = "lifetime"      // lives longer than any token may
	CodeTenant      Code = "tenant"        // of another tenant
	CodeAgent       Code = "agent"         // of another agent
	CodeScope       Code = "scope"         // does not cover the scope
	CodeResource    Code = "resource"      // does not cover the resource
	CodeRevoked     Code = "revoked"       // revoked, or derived from what was
	CodeClient      Code = "client"        // the client did not authenticate
	CodeReplay      Code = "replay"        // a single-use assertion was used again
	CodeChain       Code = "chain"         // the delegation is not allowed
	CodeRequest     Code = "request"       // the request itself is wrong
	CodeUnavailable Code = "unavailable"   // a part that had to be asked did not answer
)

// Denial is the refusal of a token or of a request for one.
type Denial struct {
	Code   Code
	Reason string // for a person; never contains a token or a secret
	Hint   string // what to do about it
	Err    error  // of the part that failed, with CodeUnavailable
}

func (d *Denial) Error() string {
	text := fmt.Sprintf("identity: %s: %s", d.Code, d.Reason)
	if d.Err != nil {
		text += ": " + d.Err.Error()
	}
	if d.Hint != "" {
		text += "; " + d.Hint
	}
	return text
}

// Unwrap gives the error of the part that failed.
func (d *Denial) Unwrap() error { return d.Err }

// Decision is the denial as the runtime records it.
func (d *Denial) Decision() decision.Decision {
	out := decision.Denied("identity", d.Reason)
	out.Rule = "identity/" + string(d.Code)
	return out
}

func deny(code Code, hint, reason string, args ...any) *Denial {
	return &Denial{Code: code, Reason: fmt.Sprintf(reason, args...), Hint: hint}
}

// unavailable turns a failure into a denial: unknown is not allowed.
func unavailable(what string, err error) *Denial {
	return &Denial{Code: CodeUnavailable, Reason: what + " could not be asked", Hint: "repair it and try again", Err: err}
}

// Verifier accepts or denies a token. Service implements it for its own tokens; an
// implementation for tokens of an OpenID provider can stand beside it.
type Verifier interface {
	Verify(ctx context.Context, token string, want Expect) (Claims, error)
}
