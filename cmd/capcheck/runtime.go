package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/fga"
	"agentrisk/capabilities/enforce/policy"
	"agentrisk/capabilities/enforce/secrets"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/world"
	"agentrisk/internal/report"
	"agentrisk/internal/source"
)

// exitWaiting: a run waits for a person, or for a time.
const exitWaiting = 4

// The runtime's home, and the world in it.
const (
	homeFolder = ".capcheck/runtime"
	worldFile  = "world.yaml"
	fgaToken   = "CAPCHECK_FGA_TOKEN" // environment: the token of a remote OpenFGA
)

// closing is how long the end of a verb waits for the last checkpoint.
const closing = 10 * time.Second

// session is an open runtime and the world it enforces in.
type session struct {
	*command
	*enforce.Runtime
	world *world.World
	place *place
}

func (c *command) homeOf(p *place) string { return c.abs(cmp.Or(p.home, homeFolder)) }

// existing refuses to look into a runtime that was never used, so that a wrong
// folder does not pass for one in which nothing happened.
func (c *command) existing(p *place) error {
	if p.store != "" {
		return nil
	}
	if _, err := os.Stat(c.homeOf(p)); err != nil {
		return incomplete("there is no runtime in %s; capcheck run makes one, --home names another", cmp.Or(p.home, homeFolder))
	}
	return nil
}

// open brings up the runtime. adjust may change its options.
func (c *command) open(ctx context.Context, p *place, adjust func(*enforce.Options)) (*session, error) {
	if err := c.check(p); err != nil {
		return nil, err
	}
	w, err := c.worldOf(p)
	if err != nil {
		return nil, err
	}
	o := enforce.Options{Home: c.homeOf(p), Store: c.storeAt(p.store), FGA: c.storeAt(p.fga), World: w, Clock: c.now, Random: rand.Reader, Checkpoint: true}
	if p.audit != "" {
		o.Audit = c.abs(p.audit)
	}
	if token := c.getenv(fgaToken); token != "" {
		o.FGAToken = secrets.New(token)
	}
	if o.Bundles, err = c.bundles(p.policies); err != nil {
		return nil, err
	}
	if adjust != nil {
		adjust(&o)
	}
	if p.home == "" && o.Home != "" {
		// The folder above is the project's and may be shared; the runtime's is not.
		if err := os.MkdirAll(filepath.Dir(o.Home), 0o755); err != nil {
			return nil, incomplete("%w", err)
		}
	}
	r, err := enforce.Open(ctx, o)
	if err != nil {
		return nil, c.notOpen(err, p)
	}
	return &session{c, r, w, p}, nil
}

// notOpen is the error of a runtime that could not be brought up. A world or a policy
// of the user's own that cannot be used is wrong configuration, as a rule of lint is,
// and so is a place that was named and is none.
func (c *command) notOpen(err error, p *place) error {
	if at := (*source.Error)(nil); errors.As(err, &at) && at.ID == world.FaultID {
		return c.inWorld(at, p)
	}
	var part *enforce.Error
	var kept *store.Error
	var related *fga.Error
	switch {
	case !errors.As(err, &part):
	case part.Op == "open policy" && len(p.policies) > 0,
		p.store != "" && errors.As(err, &kept) && kept.Op == "open" && kept.Kind == store.Refused,
		p.fga != "" && errors.As(err, &related) && related.Op == "open" && (related.Kind == fga.Invalid || related.Kind == fga.Refused):
		hint := ""
		if related != nil && related.Hint == "" && strings.HasPrefix(p.fga, "http") {
			hint = "; the token that the server wants is read from the variable " + fgaToken
		}
		return usage("%s%s", p.conceal(err.Error()), hint)
	}
	return c.refused(err, p, nil)
}

// check refuses places that cannot be what they are named for, before a file of such
// a name is made.
func (c *command) check(p *place) error {
	for _, one := range [][2]string{{"store", p.store}, {"fga", p.fga}} {
		if strings.HasPrefix(one[1], ":") && one[1] != store.Memory {
			return usage("--%s %s is no place; expected a file, an address or %s", one[0], one[1], store.Memory)
		}
		if info, err := os.Stat(c.abs(one[1])); one[1] != "" && err == nil && info.IsDir() {
			return usage("--%s %s is a folder; expected a file, an address or %s", one[0], one[1], store.Memory)
		}
	}
	for _, one := range [][2]string{{"home", p.home}, {"audit", p.audit}} {
		if strings.Contains(one[1], "://") {
			return usage("--%s %s is an address; expected a folder", one[0], concealed(one[1]))
		}
		if info, err := os.Stat(c.abs(one[1])); one[1] != "" && err == nil && !info.IsDir() {
			return usage("--%s %s is no folder", one[0], one[1])
		}
	}
	return nil
}

// storeAt makes the path of a file absolute and leaves addresses alone.
func (c *command) storeAt(location string) string {
	if location == "" || strings.Contains(location, "://") || strings.HasPrefix(location, ":") {
		return location
	}
	return c.abs(location)
}

func (c *command) bundles(folders []string) ([]policy.Bundle, error) {
	var out []policy.Bundle
	for _, dir := range folders {
		if info, err := os.Stat(c.abs(dir)); err != nil || !info.IsDir() {
			return nil, usage("--policy %s is no folder", dir)
		}
		out = append(out, policy.Bundle{Name: dir, FS: os.DirFS(c.abs(dir))})
	}
	return out, nil
}

// end closes the runtime; what goes wrong there is no success.
func (s *session) end(err *error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), closing)
	defer cancel()
	if closed := s.Runtime.Close(ctx); closed != nil && *err == nil {
		*err = s.fail(closed)
	}
}

// using opens a runtime that is there for the length of one piece of work.
func (c *command) using(ctx context.Context, p *place, work func(*session) error) (err error) {
	if err := c.existing(p); err != nil {
		return err
	}
	s, err := c.open(ctx, p, nil)
	if err != nil {
		return err
	}
	defer s.end(&err)
	return work(s)
}

// tenant is the tenant of the verb: the flag, or the world's.
func (s *session) tenant() (string, error) {
	id := cmp.Or(s.place.tenant, s.world.Defaults.Tenant)
	if id == "" {
		return "", usage("no tenant: say --tenant, the world has no default; it has %s", strings.Join(tenantsOf(s.world), ", "))
	}
	if _, found := s.world.Tenant(id); !found {
		return "", unknown("tenant", id, tenantsOf(s.world))
	}
	return id, nil
}

func tenantsOf(w *world.World) []string {
	out := make([]string, len(w.Tenants))
	for i, t := range w.Tenants {
		out[i] = t.ID
	}
	return out
}

// show writes a report without the values of secrets.
func (s *session) show(outputs []report.Output, in renderers) error {
	masked := renderers{}
	for name, render := range in {
		masked[name] = func(w io.Writer, term report.Terminal) error {
			var b bytes.Buffer
			if err := render(&b, term); err != nil {
				return err
			}
			_, err := io.WriteString(w, s.Masker().Text(b.String()))
			return err
		}
	}
	return s.write(outputs, masked)
}

// fail makes an exit of an error of the runtime.
func (s *session) fail(err error) error { return s.refused(err, s.place, s.Masker()) }

// refused gives an error of the runtime its exit code, and takes secrets out of
// its text.
func (c *command) refused(err error, p *place, masker *secrets.Masker) error {
	if err == nil {
		return nil
	}
	var already *exit
	if errors.As(err, &already) {
		return err
	}
	text := p.conceal(err.Error())
	if masker != nil {
		text = masker.Text(text)
	}
	return &exit{codeOf(err), errors.New(text)}
}
