// Package approval asks people before an effect, and lets each answer count once,
// for exactly what was asked.
//
// An approval is bound to tenant, run, step, operation, effect, resource, the
// hash of the arguments and the version of the policy. It comes from a person who
// is listed for the tenant and the effect and who takes no part in the request;
// both are looked at again when it is used. It expires, also after it was given;
// silence is a denial. Asking or answering the same again changes nothing.
//
// Every method works inside the caller's transaction, so that using an approval
// and recording the intent it permits are one. What the package answers is a
// decision; any error is a denial for who asks.
package approval
