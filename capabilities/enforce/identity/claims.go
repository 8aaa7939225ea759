package identity

import (
	"slices"
	"strings"
	"time"

	"agentrisk/capabilities/enforce/decision"
)

// maxChain bounds a delegation chain.
const maxChain = 8

// Subject kinds.
const (
	KindUser  = "user"
	KindAgent = "agent"
)

// Claims is what a token says. Names follow RFC 9068 (JWT access tokens), RFC 8693
// (act, may_act) and RFC 9396 (authorization_details); tenant, sub_kind and lineage
// are this service's own.
type Claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Kind     string   `json:"sub_kind"` // user or agent
	Audience string   `json:"aud"`
	ID       string   `json:"jti"`
	Issued   int64    `json:"iat"` // seconds since 1970
	Starts   int64    `json:"nbf"`
	Expires  int64    `json:"exp"`
	Tenant   string   `json:"tenant"`
	ClientID string   `json:"client_id"`
	Scope    string   `json:"scope"` // separated by spaces
	Details  []Detail `json:"authorization_details,omitempty"`
	Act      *Act     `json:"act,omitempty"`
	MayAct   *MayAct  `json:"may_act,omitempty"`
	Lineage  []Parent `json:"lineage,omitempty"`
}

// Detail is one resource the token is bound to.
type Detail struct {
	Type       string `json:"type"` // always resource
	Identifier string `json:"identifier"`
}

// Act is who acts for the subject; inside it, who handed the task on.
type Act struct {
	Subject string `json:"sub"`
	Act     *Act   `json:"act,omitempty"`
}

// MayAct names the only agent that may act for the subject.
type MayAct struct {
	Subject string `json:"sub"`
}

// Parent is a token that this one was derived from.
type Parent struct {
	ID       string `json:"jti"`
	ClientID string `json:"client_id"`
}

// Scopes lists the token's scopes.
func (c Claims) Scopes() []string { return strings.Fields(c.Scope) }

// Resources lists the patterns of the resources the token is bound to. None means
// that it reaches no resource.
func (c Claims) Resources() []string {
	var all []string
	for _, d := range c.Details {
		all = append(all, d.Identifier)
	}
	return all
}

// ExpiresAt is the moment the token ends.
func (c Claims) ExpiresAt() time.Time { return time.Unix(c.Expires, 0).UTC() }

// Agent is who may present the token: the current actor, or the subject of a token
// that nobody was delegated. It is empty for a user's own token.
func (c Claims) Agent() string {
	if c.Act != nil {
		return c.Act.Subject
	}
	if c.Kind == KindAgent {
		return c.Subject
	}
	return ""
}

// Chain lists who acts, from the subject down to the current actor.
func (c Claims) Chain() []decision.Actor {
	var chain []decision.Actor
	for act := c.Act; act != nil; act = act.Act {
		chain = append(chain, decision.Actor{Kind: KindAgent, ID: act.Subject})
	}
	chain = append(chain, decision.Actor{Kind: c.Kind, ID: c.Subject})
	slices.Reverse(chain)
	return chain
}

func (c Claims) bounds() bounds { return bounds{c.Scopes(), c.Resources()} }

func (c *Claims) setBounds(b bounds) {
	c.Scope = strings.Join(b.scopes, " ")
	c.Details = nil
	for _, r := range b.resources {
		c.Details = append(c.Details, Detail{Type: "resource", Identifier: r})
	}
}

// stakes lists everything whose revocation ends the token.
func (c Claims) stakes() []Target {
	all := []Target{{c.Tenant, TargetToken, c.ID}, {c.Tenant, TargetClient, c.ClientID}}
	for _, p := range c.Lineage {
		all = append(all, Target{c.Tenant, TargetToken, p.ID}, Target{c.Tenant, TargetClient, p.ClientID})
	}
	for _, a := range c.Chain() {
		kind := TargetAgent
		if a.Kind == KindUser {
			kind = TargetUser
		}
		all = append(all, Target{c.Tenant, kind, a.ID})
	}
	return slices.DeleteFunc(all, func(t Target) bool { return t.ID == "" })
}

// check holds the form of claims that the signature vouches for. It is a second
// fence: this service issues no others.
func (c Claims) check() *Denial {
	bad := func(what string) *Denial {
		return deny(CodeMalformed, "get a new token", "the token %s", what)
	}
	switch {
	case c.Subject == "" || c.ID == "" || c.Tenant == "":
		return bad("lacks a subject, an id or a tenant")
	case c.Kind != KindUser && c.Kind != KindAgent:
		return bad("does not say whether its subject is a user or an agent")
	case len(c.Chain()) > maxChain:
		return bad("has too long a chain")
	}
	for _, a := range c.Chain() {
		if a.ID == "" {
			return bad("has an actor without a name")
		}
	}
	for _, d := range c.Details {
		if d.Type != "resource" || !resourceName().MatchString(d.Identifier) {
			return bad("is bound to something this service does not know")
		}
	}
	return nil
}
