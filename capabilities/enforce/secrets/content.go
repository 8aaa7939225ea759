package secrets

import (
	"fmt"
	"slices"
	"time"
)

// content is the plain text of the file.
type content struct {
	V          int      `json:"v"`
	Generation uint64   `json:"generation"`
	Secrets    []secret `json:"secrets"`
}

type secret struct {
	Tenant   string    `json:"tenant"`
	Name     string    `json:"name"`
	Purposes []string  `json:"purposes"`
	Versions []version `json:"versions"`
}

// version is the one place where a value stands as plain text.
type version struct {
	Version
	Value string `json:"value"`
}

// valid says whether a version may be used at a time. The end is exclusive.
func (v version) valid(now time.Time) bool {
	return v.Value != "" && v.Revoked == nil && (v.Until == nil || now.Before(*v.Until))
}

// find looks a secret up by both halves of its key. There is no way to it by name
// alone.
func (c *content) find(tenant, name string) *secret {
	for i := range c.Secrets {
		if c.Secrets[i].Tenant == tenant && c.Secrets[i].Name == name {
			return &c.Secrets[i]
		}
	}
	return nil
}

func (c *content) permit(a Access) (*secret, error) {
	s := c.find(a.Tenant, a.Name)
	if s == nil || len(s.Versions) == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, a.Name)
	}
	if !slices.Contains(s.Purposes, a.Purpose) {
		return nil, fmt.Errorf("%w: %s for %q", ErrPurpose, a.Name, a.Purpose)
	}
	return s, nil
}

// scrub forgets the values that nobody may use again.
func (c *content) scrub(now time.Time) {
	for i := range c.Secrets {
		for j := range c.Secrets[i].Versions {
			v := &c.Secrets[i].Versions[j]
			if !v.valid(now) {
				v.Value = ""
				if v.Revoked == nil {
					v.Revoked = v.Until
				}
			}
		}
	}
}
