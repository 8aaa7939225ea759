package secrets

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"filippo.io/age"

	"agentrisk/capabilities/enforce/safefile"
	"agentrisk/internal/pattern"
)

// Bounds of what a vault takes.
const (
	MaxValue    = 64 << 10 // bytes of a value
	MaxPurposes = 32
	MaxGrace    = 30 * 24 * time.Hour
	maxFile     = 16 << 20
)

// Options of an open vault.
type Options struct {
	// Now is the runtime's one clock.
	Now func() time.Time
	// AtLeast is the last generation that the caller knows of. A file of an earlier
	// generation is refused.
	AtLeast uint64
}

// Vault is an encrypted file of secrets. Every call reads the file anew, so that a
// revocation counts at once, in every process, and no plain text stays in memory.
type Vault struct {
	path     string
	identity *age.X25519Identity
	opts     Options
}

// Info describes a secret without its values.
type Info struct {
	Tenant   string    `json:"tenant"`
	Name     string    `json:"name"`
	Purposes []string  `json:"purposes"`
	Versions []Version `json:"versions"`
}

// Version describes one value of a secret. A version is valid until Until, where
// that is set, and not at all once it is revoked.
type Version struct {
	Number  int        `json:"number"` // from 1
	Created time.Time  `json:"created"`
	Until   *time.Time `json:"until,omitempty"`
	Revoked *time.Time `json:"revoked,omitempty"`
}

// Access is a request for a secret.
type Access struct {
	Tenant  string
	Name    string
	Purpose string // why it is needed: one of the purposes it was stored for
}

// Open opens the vault in a file, and makes the file and its key where neither
// exists. A file without its key, or a key without its file, is an error.
func Open(ctx context.Context, path, keyPath string, opts Options) (*Vault, error) {
	if opts.Now == nil {
		return nil, fmt.Errorf("%w: a vault needs a clock", ErrInvalid)
	}
	v := &Vault{path: path, opts: opts}
	unlock, err := v.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if opts.AtLeast > 0 && !exists(path) {
		return nil, ErrRolledBack
	}
	if err := v.openKey(keyPath); err != nil {
		return nil, err
	}
	_, err = v.read()
	return v, err
}

// lock keeps other processes from changing the file between a read and a write.
func (v *Vault) lock(ctx context.Context) (unlock func(), err error) {
	return safefile.Lock(ctx, v.path+".lock")
}

// Generation counts the changes of the file. A caller who keeps it elsewhere can
// give it as AtLeast.
func (v *Vault) Generation() (uint64, error) {
	c, err := v.read()
	if err != nil {
		return 0, err
	}
	return c.Generation, nil
}

var namePattern = pattern.Lazy(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$`)

// Put stores the first value of a secret, with the purposes it may be used for.
func (v *Vault) Put(ctx context.Context, tenant, name string, value Value, purposes ...string) error {
	if tenant == "" || len(tenant) > 256 || !namePattern().MatchString(name) {
		return fmt.Errorf("%w: expected a tenant, and a name of 1 to 128 letters, digits and . _ / -", ErrInvalid)
	}
	if len(purposes) == 0 || len(purposes) > MaxPurposes || slices.Contains(purposes, "") {
		return fmt.Errorf("%w: expected 1 to %d purposes", ErrInvalid, MaxPurposes)
	}
	if err := checkValue(value); err != nil {
		return err
	}
	return v.change(ctx, func(c *content, now time.Time) error {
		if c.find(tenant, name) != nil {
			return fmt.Errorf("%w: %s", ErrExists, name)
		}
		c.Secrets = append(c.Secrets, secret{
			Tenant: tenant, Name: name, Purposes: slices.Sorted(slices.Values(purposes)),
			Versions: []version{{Version: Version{Number: 1, Created: now}, Value: value.Expose()}},
		})
		slices.SortFunc(c.Secrets, func(a, b secret) int {
			return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Name, b.Name))
		})
		return nil
	})
}

func checkValue(value Value) error {
	n := len(value.Expose())
	if n < MinLength {
		return ErrTooShort
	}
	if n > MaxValue {
		return fmt.Errorf("%w: %d bytes, expected at most %d", ErrInvalid, n, MaxValue)
	}
	if !utf8.ValidString(value.Expose()) {
		return fmt.Errorf("%w: expected text in UTF-8: encode other bytes as base64", ErrInvalid)
	}
	return nil
}

// Get gives the current value for a purpose. An older version that is still within
// its grace time is for those who present it, not for new uses.
func (v *Vault) Get(ctx context.Context, a Access) (Value, Version, error) {
	if err := ctx.Err(); err != nil {
		return Value{}, Version{}, err
	}
	c, err := v.read()
	if err != nil {
		return Value{}, Version{}, err
	}
	s, err := c.permit(a)
	if err != nil {
		return Value{}, Version{}, err
	}
	last := s.Versions[len(s.Versions)-1]
	if !last.valid(v.opts.Now()) {
		return Value{}, Version{}, fmt.Errorf("%w: %s version %d", ErrRevoked, a.Name, last.Number)
	}
	return New(last.Value), last.Version, nil
}

// Match says which valid version a presented value is: the current one, or an older
// one within its grace time.
func (v *Vault) Match(ctx context.Context, a Access, presented Value) (Version, error) {
	if err := ctx.Err(); err != nil {
		return Version{}, err
	}
	c, err := v.read()
	if err != nil {
		return Version{}, err
	}
	s, err := c.permit(a)
	if err != nil {
		return Version{}, err
	}
	var found *Version
	for i := range s.Versions { // every version, so that the time tells nothing
		valid := s.Versions[i].valid(v.opts.Now())
		if New(s.Versions[i].Value).Equal(presented) && valid {
			found = &s.Versions[i].Version
		}
	}
	if found == nil {
		return Version{}, ErrNoMatch
	}
	return *found, nil
}

// Rotate stores a new current value. The one before stays valid for the grace time
// and is then revoked; with no grace it is revoked at once.
func (v *Vault) Rotate(ctx context.Context, tenant, name string, value Value, grace time.Duration) error {
	if grace < 0 || grace > MaxGrace {
		return fmt.Errorf("%w: expected a grace time of 0 to %s", ErrInvalid, MaxGrace)
	}
	if err := checkValue(value); err != nil {
		return err
	}
	return v.change(ctx, func(c *content, now time.Time) error {
		s := c.find(tenant, name)
		if s == nil {
			return fmt.Errorf("%w: %s", ErrNotFound, name)
		}
		last := &s.Versions[len(s.Versions)-1]
		if last.valid(now) {
			until := now.Add(grace)
			last.Until = &until
		}
		s.Versions = append(s.Versions, version{Version: Version{Number: last.Number + 1, Created: now}, Value: value.Expose()})
		return nil
	})
}

// Revoke ends a version now, or every version where number is 0.
func (v *Vault) Revoke(ctx context.Context, tenant, name string, number int) error {
	return v.change(ctx, func(c *content, now time.Time) error {
		s := c.find(tenant, name)
		if s == nil {
			return fmt.Errorf("%w: %s", ErrNotFound, name)
		}
		hit := false
		for i := range s.Versions {
			if number != 0 && number != s.Versions[i].Number {
				continue
			}
			hit = true
			if s.Versions[i].Revoked == nil {
				s.Versions[i].Revoked = &now
			}
		}
		if !hit {
			return fmt.Errorf("%w: %s has no version %d", ErrNotFound, name, number)
		}
		return nil
	})
}

// List describes the secrets of a tenant.
func (v *Vault) List(ctx context.Context, tenant string) ([]Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, err := v.read()
	if err != nil {
		return nil, err
	}
	var all []Info
	for _, s := range c.Secrets {
		if s.Tenant != tenant {
			continue
		}
		info := Info{Tenant: s.Tenant, Name: s.Name, Purposes: s.Purposes}
		for _, version := range s.Versions {
			info.Versions = append(info.Versions, version.Version)
		}
		all = append(all, info)
	}
	return all, nil
}

// Teach makes a masker know every value in the file, of every tenant: an output
// must show no one's.
func (v *Vault) Teach(m *Masker) error {
	c, err := v.read()
	if err != nil {
		return err
	}
	var values []Value
	for _, s := range c.Secrets {
		for _, version := range s.Versions {
			if version.Value != "" {
				values = append(values, New(version.Value))
			}
		}
	}
	return m.Add(values...)
}
