// Package world reads the file that describes what the runtime enforces in: the
// tenants with their users, agents, resources, relations and rules of the house,
// and how the local providers behave.
package world
