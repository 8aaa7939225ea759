// Package runs shows what the enforcement runtime did and keeps: runs, plans,
// approvals and the audit log, as text for people and as JSON.
//
// Text of a report is cut, wrapped and made harmless for terminals. What a person
// is asked to approve is the exception: it is shown whole, in one spelling, with
// every character that a terminal could hide written out.
package runs
