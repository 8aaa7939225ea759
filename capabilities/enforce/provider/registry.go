package provider

import (
	"fmt"
	"slices"
	"strings"
)

// Registry finds operations among providers. It never changes.
type Registry struct {
	providers map[string]Provider
	byName    map[string]map[string]Operation
	byID      map[string][]Operation
}

// NewRegistry returns a registry of providers. Two of the same name are an error.
func NewRegistry(providers ...Provider) (*Registry, error) {
	r := &Registry{providers: map[string]Provider{}, byName: map[string]map[string]Operation{}, byID: map[string][]Operation{}}
	for _, p := range providers {
		name := strings.ToLower(p.Name())
		if _, twice := r.providers[name]; twice || name == "" {
			return nil, fmt.Errorf("provider: there are two providers %q, or one without a name; give each its own", name)
		}
		r.providers[name], r.byName[name] = p, map[string]Operation{}
		for _, op := range p.Operations() {
			id := bare(op.ID)
			if _, twice := r.byName[name][id]; twice || id == "" {
				return nil, fmt.Errorf("provider: %s has two operations %q, or one without an id", name, id)
			}
			r.byName[name][id] = op
			r.byID[id] = append(r.byID[id], op)
		}
	}
	return r, nil
}

// bare is an id without the number that descriptions give to one of several
// operations on the same path: authenticate[0].
func bare(id string) string {
	if cut := strings.LastIndexByte(id, '['); cut > 0 && strings.HasSuffix(id, "]") && strings.Trim(id[cut+1:len(id)-1], "0123456789") == "" {
		return id[:cut]
	}
	return id
}

// Provider returns a provider by its name, in any case of letters.
func (r *Registry) Provider(name string) (Provider, bool) {
	p, ok := r.providers[strings.ToLower(name)]
	return p, ok
}

// Find returns an operation of a provider; where no provider is named, the one
// operation of that id. Several of an id are none.
func (r *Registry) Find(providerName, id string) (Operation, bool) {
	id = bare(id)
	if providerName == "" {
		if found := r.byID[id]; len(found) == 1 {
			return found[0], true
		}
		return Operation{}, false
	}
	op, ok := r.byName[strings.ToLower(providerName)][id]
	return op, ok
}

// IDs lists the operations of a provider in order, or of all where none is named.
func (r *Registry) IDs(providerName string) []string {
	var ids []string
	for name, ops := range r.byName {
		if providerName != "" && name != strings.ToLower(providerName) {
			continue
		}
		for _, op := range ops {
			ids = append(ids, op.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
