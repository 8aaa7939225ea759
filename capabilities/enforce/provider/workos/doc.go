// Package workos is the local stand-in for WorkOS: the operations that the sample
// capabilities and the guide to the controls need, with the requests, answers,
// statuses and refusals of its published API, over the people, keys and relations
// of a world.
//
// Nothing leaves the machine. Where the real service would wait for somebody (the
// administrator of a customer who follows a link), the stand-in plays the part and
// its answers say that they are simulated.
package workos
