package identity

import (
	"slices"
	"strings"

	"agentrisk/internal/pattern"
)

// Bounds of a grant.
const (
	maxScopes    = 64
	maxResources = 64
)

var (
	// scopeToken is scope-token of RFC 6749, section 3.3, with a bound on its length.
	scopeToken = pattern.Lazy(`^[\x21\x23-\x5B\x5D-\x7E]{1,128}$`)
	// resourceName is type:id, type:* for every resource of a type, or * for all.
	resourceName = pattern.Lazy(`^(\*|[a-z][a-z0-9_-]{0,63}:(\*|[\x21-\x29\x2B-\x7E]{1,256}))$`)
)

// set is a sorted list without repetitions.
func set(items []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(items)))
}

func checkScopes(scopes []string) *Denial {
	if len(scopes) > maxScopes {
		return deny(CodeRequest, "ask for fewer", "%d scopes, expected at most %d", len(scopes), maxScopes)
	}
	for _, s := range scopes {
		if !scopeToken().MatchString(s) {
			return deny(CodeRequest, "use printable characters without spaces", "%q is not a scope", s)
		}
	}
	return nil
}

func checkResources(resources []string) *Denial {
	if len(resources) > maxResources {
		return deny(CodeRequest, "ask for fewer, or for a whole type", "%d resources, expected at most %d", len(resources), maxResources)
	}
	for _, r := range resources {
		if !resourceName().MatchString(r) {
			return deny(CodeRequest, "write type:id, type:* or *", "%q is not a resource", r)
		}
	}
	return nil
}

// covers says whether the resource pattern a includes all that b includes.
func covers(a, b string) bool {
	if a == b || a == "*" {
		return true
	}
	kind, ok := strings.CutSuffix(a, ":*")
	return ok && strings.HasPrefix(b, kind+":")
}

func anyCovers(patterns []string, resource string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return covers(p, resource) })
}

// meetResources gives what both lists include.
func meetResources(a, b []string) []string {
	var both []string
	for _, x := range a {
		if anyCovers(b, x) {
			both = append(both, x)
		}
	}
	for _, y := range b {
		if anyCovers(a, y) {
			both = append(both, y)
		}
	}
	return set(both)
}

// meetScopes gives what both lists contain. Scopes have no wildcards.
func meetScopes(a, b []string) []string {
	return set(slices.DeleteFunc(slices.Clone(a), func(s string) bool { return !slices.Contains(b, s) }))
}

// grant narrows what is held to what is asked for. Asking for nothing in particular
// gives what is held; asking for more is denied and not silently cut.
func grant(held, asked bounds) (bounds, *Denial) {
	if d := checkScopes(asked.scopes); d != nil {
		return bounds{}, d
	}
	if d := checkResources(asked.resources); d != nil {
		return bounds{}, d
	}
	out := held
	if len(asked.scopes) > 0 {
		for _, s := range asked.scopes {
			if !slices.Contains(held.scopes, s) {
				return bounds{}, deny(CodeScope, "ask for what was granted, or have it granted", "scope %q is not within the grant", s)
			}
		}
		out.scopes = set(asked.scopes)
	}
	if len(asked.resources) > 0 {
		for _, r := range asked.resources {
			if !anyCovers(held.resources, r) {
				return bounds{}, deny(CodeResource, "ask for what was granted, or have it granted", "resource %q is not within the grant", r)
			}
		}
		out.resources = set(asked.resources)
	}
	return out, nil
}

// bounds is what a token allows.
type bounds struct {
	scopes    []string
	resources []string
}

func (b bounds) meet(other bounds) bounds {
	return bounds{meetScopes(b.scopes, other.scopes), meetResources(b.resources, other.resources)}
}
