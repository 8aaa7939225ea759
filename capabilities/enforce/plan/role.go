package plan

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"agentrisk/capabilities/enforce/provider"
	"agentrisk/internal/source"
)

//go:embed roles.yaml
var rolesYAML []byte

// rolesByName reads roles.yaml once.
var rolesByName = sync.OnceValues(func() (map[string]provider.Role, error) {
	f, err := source.NewFile("roles.yaml", rolesYAML, source.Limits{})
	if err != nil {
		return nil, err
	}
	doc, err := source.ParseOne(f, source.Limits{})
	if err != nil {
		return nil, err
	}
	roles := map[string]provider.Role{}
	for _, item := range doc.Root.Items() {
		role := item.Get("role").Text()
		if role == "" || item.Get("source").Text() == "" {
			return nil, fmt.Errorf("roles.yaml: %s: an entry lacks its role or its source", item.Location())
		}
		for _, name := range item.Get("names").Items() {
			if key := fold(name.Text()); roles[key] == "" {
				roles[key] = provider.Role(role)
			}
		}
	}
	return roles, nil
})

// fold makes names comparable: no case, hyphens, underscores or blanks.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '-', '_', ' ':
			return -1
		}
		return r
	}, strings.ToLower(name))
}

// contextName is the part of the sealed context that a role takes its value
// from, "" where none does.
func contextName(role provider.Role, name string) string {
	switch role {
	case provider.RoleTenant, provider.RoleUser, provider.RoleAgent, provider.RoleMembership:
		return string(role)
	case provider.RoleCredential:
		return "session"
	}
	if isContext(name) {
		return name
	}
	return ""
}

// isContext reports whether the sealed context has a part of this name.
func isContext(name string) bool {
	switch name {
	case "tenant", "user", "agent", "membership", "session", "purpose", "run", "time":
		return true
	}
	return false
}
