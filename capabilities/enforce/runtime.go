package enforce

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/fga"
	"agentrisk/capabilities/enforce/identity"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/limits"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/enforce/policy"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/state"
	"agentrisk/capabilities/enforce/secrets"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/seal"
	"agentrisk/capabilities/enforce/world"
	"agentrisk/internal/source"
)

// Defaults of the options.
const (
	DefaultLease        = 30 * time.Second
	DefaultApprovalLife = 24 * time.Hour
)

// Options of a runtime.
type Options struct {
	// Home is the folder of the runtime's keys and of every part that is not placed
	// elsewhere. Empty keeps all in memory and in a temporary folder, for as long as
	// the runtime is open.
	Home string
	// Store is where runs, approvals and limits are kept: a Postgres URL, the path
	// of an SQLite file, or :memory:. Empty is a file in Home.
	Store string
	// StoreWait is how long a transaction waits for others; 0 means 5 s. StoreBytes
	// bounds the size of an SQLite file; 0 means no bound.
	StoreWait  time.Duration
	StoreBytes int64
	// FGA is where relations are kept: as Store, or the URL of an OpenFGA server.
	// Empty is memory, filled from the world.
	FGA      string
	FGAToken secrets.Value
	// Audit is the folder of the log. Empty is one in Home.
	Audit string
	// World is what is enforced in. It is required.
	World   *world.World
	Bundles []policy.Bundle // of the user's own; they can only tighten
	Clock   func() time.Time
	Random  io.Reader // safe for use by several goroutines
	// Lease is how long a process that died keeps its runs; 0 means DefaultLease.
	// A single effect may take a third of it.
	Lease time.Duration
	// ApprovalLife is how long an approval may be given and used; 0 means
	// DefaultApprovalLife.
	ApprovalLife time.Duration
	// SimulatedClock: the clock is not the real one. Such a runtime does dry runs
	// alone.
	SimulatedClock bool
	// Checkpoint: wait for a signed checkpoint over a run before it is reported.
	Checkpoint bool
	// Progress is told of each step as it is done; nil where nobody looks.
	Progress func(StepReport)
}

// Runtime runs capabilities. It may be used by many goroutines.
type Runtime struct {
	options    Options
	world      *world.World
	classifier *effects.Classifier
	db         *store.DB
	journal    *journal.Journal
	desk       *approval.Desk
	limits     map[string]*limits.Limiter // by tenant
	relations  *fga.Engine
	policy     *policy.Policy
	identity   *identity.Service
	agents     map[string]ed25519.PrivateKey // by client id
	log        *audit.Log
	auditDir   string
	vault      *secrets.Vault
	masker     *secrets.Masker
	providers  *provider.Registry
	state      *state.State
	owner      string                     // of leases: no other process uses the name
	owners     map[string]map[string]bool // of the world's names
	marks      string                     // key of the marks that stand for secrets
	scratch    string                     // folder that is removed in the end; "" none
}

// Open brings up the parts. Whatever fails leaves nothing open.
func Open(ctx context.Context, o Options) (r *Runtime, err error) {
	if o.World == nil || o.Clock == nil || o.Random == nil {
		return nil, invalid("open", "the runtime needs a world, a clock and a source of randomness")
	}
	if o.Lease == 0 {
		o.Lease = DefaultLease
	}
	if o.ApprovalLife == 0 {
		o.ApprovalLife = DefaultApprovalLife
	}
	r = &Runtime{options: o, world: o.World, masker: secrets.NewMasker()}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close(context.WithoutCancel(ctx)))
			r = nil
		}
	}()
	if err := r.makeHome(); err != nil {
		return r, err
	}
	if err := r.openAll(ctx,
		[]part{{"store", r.openStore}, {"providers", r.openProviders}}, // what they keep is in the store
		[]part{{"secrets", r.openSecrets}},
		[]part{{"fga", r.openRelations}},
		[]part{{"policy", r.openPolicy}},
		[]part{{"limits", r.openLimits}, {"identity", r.openIdentity}},
		[]part{{"audit", r.openAudit}},
	); err != nil {
		return r, err
	}
	r.owners = ownersOf(o.World)
	return r, nil
}

// part is one of what a runtime is made of.
type part struct {
	name string
	open func(context.Context) error
}

// openAll opens several rows of parts beside one another: each waits for the disk, and
// none for another row. It tells the faults in the order of the rows.
func (r *Runtime) openAll(ctx context.Context, rows ...[]part) error {
	faults := make([]error, len(rows))
	var all sync.WaitGroup
	for i, row := range rows {
		all.Go(func() { faults[i] = r.openParts(ctx, row) })
	}
	all.Wait()
	return errors.Join(faults...)
}

func (r *Runtime) openParts(ctx context.Context, parts []part) error {
	for _, one := range parts {
		err := one.open(ctx)
		if fault := (*source.Error)(nil); errors.As(err, &fault) && fault.ID == world.FaultID {
			return &Error{Kind: Invalid, Op: "read the world", Err: err}
		}
		if err != nil {
			return &Error{Kind: Unavailable, Op: "open " + one.name, Err: err}
		}
	}
	return nil
}

// makeHome makes the runtime's folder, for its owner alone. It holds keys, so it
// keeps itself out of version control.
func (r *Runtime) makeHome() error {
	o := &r.options
	if o.Home == "" {
		dir, err := os.MkdirTemp("", "capcheck-*")
		if err != nil {
			return &Error{Kind: Unavailable, Op: "open home", Err: err}
		}
		r.scratch, o.Home = dir, dir
		if o.Store == "" {
			o.Store = store.Memory
		}
		return nil
	}
	if err := os.MkdirAll(o.Home, 0o700); err != nil {
		return &Error{Kind: Unavailable, Op: "open home", Err: err}
	}
	name := filepath.Join(o.Home, ".gitignore")
	if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
		if err := os.WriteFile(name, []byte("*\n"), 0o600); err != nil {
			return &Error{Kind: Unavailable, Op: "open home", Err: err}
		}
	}
	return nil
}

func (r *Runtime) file(name string) string { return filepath.Join(r.options.Home, name) }

// Close ends the use of the runtime. Entries of the log that no checkpoint covers
// yet get one, as long as the context allows.
func (r *Runtime) Close(ctx context.Context) error {
	if r == nil {
		return nil
	}
	var list []error
	if r.log != nil {
		list = append(list, r.log.Close(ctx))
	}
	if r.relations != nil {
		r.relations.Close()
	}
	if r.db != nil {
		list = append(list, r.db.Close())
	}
	if r.scratch != "" {
		list = append(list, os.RemoveAll(r.scratch))
	}
	return errors.Join(list...)
}

// Compile makes the plan of a flow; an empty flow is the document's only one.
func (r *Runtime) Compile(doc *capabilities.Document, flow string) (*plan.Plan, error) {
	return plan.Compile(doc, flow, plan.Options{Operations: r.providers, Classify: r.classifier})
}

// Secrets is the runtime's vault.
func (r *Runtime) Secrets() *secrets.Vault { return r.vault }

// Masker knows the secrets of the vault.
func (r *Runtime) Masker() *secrets.Masker { return r.masker }

// AuditDir is the folder of the log.
func (r *Runtime) AuditDir() string { return r.auditDir }

// Revoke ends tokens, an agent, a client or a user, at once.
func (r *Runtime) Revoke(ctx context.Context, target identity.Target) error {
	return r.identity.Revoke(ctx, target)
}

// tenant finds a tenant of the world.
func (r *Runtime) tenant(id string) (world.Tenant, error) {
	t, found := r.world.Tenant(id)
	if !found {
		return t, &Error{Kind: Unknown, Op: "find the tenant", Detail: fmt.Sprintf("there is no tenant %q in the world", id)}
	}
	return t, nil
}

func (r *Runtime) key(name string) ([]byte, error) {
	return seal.KeyFile(r.file(name), r.options.Random)
}

// Checkpoint is a signed checkpoint over the record so far: what to keep elsewhere.
func (r *Runtime) Checkpoint(ctx context.Context) ([]byte, error) { return r.log.Checkpoint(ctx) }
