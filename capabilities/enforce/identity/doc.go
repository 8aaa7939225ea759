// Package identity is the runtime's local token service: it knows who acts, on
// whose behalf, for which tenant, and within what, and decides nothing else.
//
// A client authenticates with a secret or a signed assertion and gets a token of
// its agent. A user's token and an agent's token are exchanged for one in which the
// agent acts for the user (RFC 8693); what it allows is what both allowed, never
// more. Tokens are JWTs of RFC 9068, signed with one Ed25519 key, live for minutes,
// name their tenant and their agent, and are revoked by id, by client, by agent or
// by user with immediate effect, together with all that was derived from them.
//
// Every refusal is a *Denial with a code and a reason; so is every failure of a
// part that had to be asked.
//
// Tokens of other issuers are verified behind the Verifier interface. The package
// ships the local implementation alone.
package identity
