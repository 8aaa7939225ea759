// Package fga answers whether somebody has a relation to a resource, with OpenFGA
// in the process or on a server, behind an interface that speaks the runtime's words.
//
// Every tenant has a store of its own, and a guard outside OpenFGA that refuses
// what is not the tenant's before OpenFGA is asked. Nothing is cached but models,
// which are named by their contents. Every error is a denial.
package fga
