//go:build !windows

package enforce_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/identity"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/secrets"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/world"
	"agentrisk/internal/source"
)

// side is one of two tenants that are alike but for their names, and what it has
// that is nobody else's.
type side struct {
	tenant, user, approver, agent, thing string

	run, waiting, asked string // ids of a run that ended, of one that waits, and of what it waits for
	hook, key           string // ids of things of the service
	url, secret         string // values that nobody else may see
}

// names are the world's names for things of this side alone.
func (s side) names(other side) (list []string) {
	for _, one := range []string{s.tenant, s.user, "user:" + s.user, s.approver, s.agent, "agent:" + s.agent, "repository:" + s.thing, "key_" + s.user} {
		if !slices.Contains([]string{other.agent, "agent:" + other.agent}, one) {
			list = append(list, one)
		}
	}
	return list
}

// sides draws the names of two tenants. They may begin alike, and share their agent.
func sides(t *rapid.T) (a, b side) {
	name := rapid.StringMatching(`[a-z][a-z0-9]{2,9}`)
	draw := func(what string) (one, other string) {
		one = name.Draw(t, what)
		if rapid.Bool().Draw(t, "alike") {
			return one, one + name.Draw(t, what)
		}
		return one, name.Filter(func(s string) bool { return s != one }).Draw(t, what)
	}
	a.tenant, b.tenant = draw("tenant")
	a.user, b.user = draw("user")
	a.approver, b.approver = "boss"+a.user, "boss"+b.user
	a.thing, b.thing = draw("thing")
	if a.agent, b.agent = draw("agent"); rapid.Bool().Draw(t, "the same agent") {
		b.agent = a.agent
	}
	return a, b
}

// written is the demo world's first tenant under the names of a side.
func (s side) written(n int) string {
	text := string(world.Template())
	text = text[strings.Index(text, "  - id: lakeside"):strings.Index(text, "  - id: harbour")]
	return strings.NewReplacer("lakeside", s.tenant, "user_amara", s.user, "user_chidi", s.approver, "user_bruno", "b"+s.user, "user_dana", "d"+s.user,
		"support-assistant", s.agent, "field-notes", s.thing, "payroll", s.thing+"-pay", "survey", s.thing+"-room", "key_amara_1", "key_"+s.user,
		"337a5d8de836ea9dadc33f9544e96ae04c8e13f083d37a66f28818cc8f56a1ae", fmt.Sprintf("%x", sha256.Sum256([]byte(s.tenant))),
		"most: 20,", "most: 100000,", "most: 120,", "most: 100000,", "[api.workos.com]", "[api.workos.com, hooks.example]",
		"&model", fmt.Sprintf("&model%d", n)).Replace(text)
}

const lookAround = `name: Look around
` + killHead + `steps:
  - {id: hooks, capability: webhooks, operation: WebhookEndpointsController_list}
  - {id: events, capability: events, operation: EventsController_list}
outputs:
  - {name: hooks, source: hooks.data}
  - {name: events, source: events.data}
`

const reachFor = `name: Reach for
` + killHead + `inputs:
  - {name: api_key_id, type: string, required: true}
steps:
  - {id: end, capability: api-keys, operation: ApiKeysController_expire}
`

const addHook = `name: Add a hook
` + killHead + `inputs:
  - {name: endpoint_url, type: string, required: true}
  - {name: events, type: array, required: true}
steps:
  - {id: hook, capability: webhooks, operation: WebhookEndpointsController_create}
outputs:
  - {name: id, source: hook.id}
`

const addKey = `name: Add a key
` + killHead + `inputs:
  - {name: key_name, type: string, required: true}
steps:
  - {id: key, capability: api-keys, operation: UserApiKeysController_create}
outputs:
  - {name: id, source: key.id}
`

// request is what the side's own agent asks for its own user.
func (s side) request(inputs map[string]any) enforce.Request {
	return enforce.Request{Tenant: s.tenant, User: s.user, Agent: s.agent, Purpose: "test", Inputs: inputs}
}

// inputs of the composition that hands a key out.
func (s side) inputs() map[string]any {
	return map[string]any{"user_id": s.user, "agent_name": s.agent, "requested_scopes": []any{"repository:read"},
		"target_resource": "repository:" + s.thing, "target_relation": "editor"}
}

// as runs a capability for a side, with every approval given.
func (b *bench) as(s side, text string, inputs map[string]any) *enforce.Report {
	b.Helper()
	report := b.start(b.planOf("f.yaml", strings.ReplaceAll(text, "PROVIDER", "workos")), s.request(inputs))
	for n := 0; report.Outcome == enforce.Waiting && report.Wait.Approval != "" && n < 9; n++ {
		if _, err := b.Decide(ctx, approval.Answer{Tenant: s.tenant, ID: report.Wait.Approval, Person: decision.Actor{Kind: "user", ID: s.approver}, Approve: true}); err != nil {
			b.Fatal(err)
		}
		var err error
		if report, err = b.Resume(ctx, s.tenant, report.Run); err != nil {
			b.Fatal(err)
		}
	}
	return report
}

// trusted forgets how often a side's agent was denied.
func (b *bench) trusted(s side) {
	b.Helper()
	if err := b.ResetBreaker(ctx, s.tenant, s.agent, s.approver); err != nil {
		b.Fatal(err)
	}
}

// settle gives a side something of its own.
func (b *bench) settle(s *side) {
	b.Helper()
	s.url, s.secret = "https://hooks.example/private/"+s.tenant+"/", "the private word of "+s.tenant+"."
	done := func(r *enforce.Report) *enforce.Report {
		b.Helper()
		if r.Outcome != enforce.Completed {
			b.Fatalf("%s: %s: %s", r.Capability, r.Outcome, r.Reason)
		}
		return r
	}
	hook := done(b.as(*s, addHook, map[string]any{"endpoint_url": s.url, "events": []any{"user.created"}}))
	key := done(b.as(*s, addKey, map[string]any{"key_name": "a key"}))
	s.hook, _ = hook.Outputs["id"].(string)
	s.key, _ = key.Outputs["id"].(string)
	s.run = key.Run
	report := b.start(b.plan(composition), s.request(s.inputs()))
	if report.Outcome != enforce.Waiting || s.hook == "" || s.key == "" {
		b.Fatalf("%s: %s %+v", report.Outcome, report.Reason, s)
	}
	s.waiting, s.asked = report.Run, report.Wait.Approval
	if err := b.Secrets().Put(ctx, s.tenant, "only-"+s.tenant, secrets.New(s.secret), "run"); err != nil {
		b.Fatal(err)
	}
}

// belongings are all that a side has, for nobody else to change.
func (b *bench) belongings(s side) string {
	b.Helper()
	var all []any
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	page, err := b.Runs(ctx, journal.Filter{Tenant: s.tenant, Limit: 500})
	must(err)
	approvals, err := b.Approvals(ctx, approval.Filter{Tenant: s.tenant, Limit: 500})
	must(err)
	known, err := b.Secrets().List(ctx, s.tenant)
	must(err)
	breaker, err := b.Breaker(ctx, s.tenant, s.agent)
	must(err)
	all = append(all, page, known, breaker)
	for _, a := range approvals.Approvals {
		all = append(all, a.ID, a.State, a.DecidedBy)
	}
	must(b.DB().Read(ctx, func(tx *store.Tx) error {
		for _, query := range []string{
			`SELECT tenant || provider || kind || id || CAST(gone AS TEXT) || sealed FROM provider_rows WHERE tenant = ? ORDER BY provider, scratch, kind, id`,
			`SELECT key || CAST(effects AS TEXT) FROM provider_keys WHERE tenant = ? ORDER BY provider, scratch, key`,
		} {
			if err := tx.Each(query, []any{s.tenant}, func(scan func(...any) error) error {
				var text string
				err := scan(&text)
				all = append(all, text)
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	}))
	for record, err := range audit.Records(b.AuditDir(), audit.Filter{Scope: audit.ForTenant(s.tenant)}) {
		must(err)
		if record.Entry.Tenant != s.tenant {
			b.Fatalf("an entry of %s is read for %s", record.Entry.Tenant, s.tenant)
		}
		all = append(all, record.Leaf)
	}
	text, err := json.Marshal(all)
	must(err)
	return string(text)
}

// TestTenantsNeverMeet: one tenant reaches for what is the other's, by every id it
// could know, in every place an id fits. It gets nothing, and nothing changes there.
func TestTenantsNeverMeet(t *testing.T) {
	tries := map[string]int{}
	for seed := range 3 {
		pair := rapid.Custom(func(t *rapid.T) [2]side { a, z := sides(t); return [2]side{a, z} }).Example(seed)
		a, z := pair[0], pair[1]
		file, err := source.NewFile("two.yaml", []byte("version: agentrisk.world/v1\ntenants:\n"+a.written(1)+z.written(2)), source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		two, err := world.Parse(file)
		if err != nil {
			t.Fatalf("%v\n%s", err, file.Text)
		}
		b := setup(t, func(o *enforce.Options) { o.World = two })
		b.settle(&a)
		b.settle(&z)
		rapid.Check(t, func(r *rapid.T) {
			me, other := a, z
			if rapid.Bool().Draw(r, "the other way") {
				me, other = z, a
			}
			before := b.belongings(other)
			what := rapid.SampledFrom(reaches).Draw(r, "reach")
			what.reach(r, b, me, other)
			tries[what.name]++
			if after := b.belongings(other); after != before {
				r.Fatalf("%s changed what is the other's:\n%s\n%s", what.name, before, after)
			}
		})
		b.notHeard(a, z)
		b.notHeard(z, a)
		b.endings(a, z)
		b.verifies()
	}
	t.Logf("measured: %v", tries)
}

// reaches are the ways to reach for what is another's.
var reaches = []struct {
	name  string
	reach func(r *rapid.T, b *bench, me, other side)
}{
	{"names in inputs", func(r *rapid.T, b *bench, me, other side) {
		inputs := me.inputs()
		place := rapid.SampledFrom([]string{"user_id", "agent_name", "requested_scopes", "target_resource"}).Draw(r, "place")
		name := rapid.SampledFrom(other.names(me)).Draw(r, "name")
		inputs[place] = name
		if place == "requested_scopes" {
			inputs[place] = []any{"repository:read", name}
		}
		denied(r, b.as(me, string(b.plan(composition).Doc.File.Text), inputs))
	}},
	{"ids of the service", func(r *rapid.T, b *bench, me, other side) {
		id := rapid.SampledFrom([]string{other.key, other.hook, "key_" + other.user}).Draw(r, "id")
		if report := b.as(me, reachFor, map[string]any{"api_key_id": id}); report.Outcome == enforce.Completed {
			r.Fatalf("%s ended the key %s of %s", me.tenant, id, other.tenant)
		}
	}},
	{"lists", func(r *rapid.T, b *bench, me, other side) {
		b.trusted(me)
		report := b.as(me, lookAround, nil)
		text := fmt.Sprint(report.Outcome, report.Reason, report.Outputs)
		if !strings.Contains(text, me.hook) || strings.Contains(text, other.hook) || strings.Contains(text, other.url) || strings.Contains(text, other.key) {
			r.Fatalf("%s sees %s", me.tenant, text)
		}
	}},
	{"secrets", func(r *rapid.T, b *bench, me, other side) {
		denied(r, b.as(me, addKey, map[string]any{"key_name": map[string]any{"$secret": "only-" + other.tenant}}))
		_, _, err := b.Secrets().Get(ctx, secrets.Access{Tenant: me.tenant, Name: "only-" + other.tenant, Purpose: "run"})
		if !errors.Is(err, secrets.ErrNotFound) {
			r.Fatalf("%v", err)
		}
	}},
	{"runs", func(r *rapid.T, b *bench, me, other side) {
		id := rapid.SampledFrom([]string{other.run, other.waiting}).Draw(r, "run")
		_, resumed := b.Resume(ctx, me.tenant, id)
		_, shown := b.ShowRun(ctx, me.tenant, id)
		for _, err := range []error{resumed, shown, b.Cancel(ctx, me.tenant, id, me.approver, "x")} {
			if !errors.Is(err, enforce.Unknown) {
				r.Fatalf("%v", err)
			}
		}
	}},
	{"approvals", func(r *rapid.T, b *bench, me, other side) {
		if _, err := b.Approval(ctx, me.tenant, other.asked); !errors.Is(err, approval.NotFound) {
			r.Fatalf("%v", err)
		}
		by := rapid.SampledFrom([]string{me.approver, other.approver, other.user}).Draw(r, "by")
		_, err := b.Decide(ctx, approval.Answer{Tenant: me.tenant, ID: other.asked, Person: decision.Actor{Kind: "user", ID: by}, Approve: true})
		if !errors.Is(err, approval.NotFound) {
			r.Fatalf("%v", err)
		}
	}},
	{"people and agents", func(r *rapid.T, b *bench, me, other side) {
		req := me.request(me.inputs())
		if rapid.Bool().Draw(r, "the user") || me.agent == other.agent {
			req.User = other.user
		} else {
			req.Agent = other.agent
		}
		if _, err := b.Start(ctx, b.plan(composition), req); !errors.Is(err, enforce.Unknown) {
			r.Fatalf("%v", err)
		}
		if err := b.ResetBreaker(ctx, me.tenant, me.agent, other.approver); !errors.Is(err, enforce.Unknown) {
			r.Fatalf("%v", err)
		}
	}},
}

// denied: nothing was done. An agent that was denied too often rests.
func denied(r *rapid.T, report *enforce.Report) {
	if report.Outcome != enforce.Denied && report.Outcome != enforce.Waiting {
		r.Fatalf("%s: %s %+v", report.Outcome, report.Reason, report.Steps)
	}
	for _, s := range report.Steps {
		if s.Outcome == enforce.StepDone && s.Control == "" {
			r.Fatalf("%s was done", s.Step)
		}
	}
}

// notHeard: nothing that is the other's alone stands in a side's record.
func (b *bench) notHeard(me, other side) {
	b.Helper()
	for record, err := range audit.Records(b.AuditDir(), audit.Filter{Scope: audit.ForTenant(me.tenant)}) {
		if err != nil {
			b.Fatal(err)
		}
		text := fmt.Sprintf("%+v", record.Entry)
		for _, private := range []string{other.url, other.secret, other.run, other.waiting} {
			if strings.Contains(text, private) {
				b.Errorf("%q of %s stands in the record of %s: %s", private, other.tenant, me.tenant, text)
			}
		}
	}
}

// endings: a side's agent and user are revoked; a person of its own answers the
// other's run in the other's name. The other side goes on as if nothing were.
func (b *bench) endings(me, other side) {
	b.Helper()
	for _, target := range []identity.Target{{Kind: identity.TargetAgent, ID: other.agent}, {Kind: identity.TargetUser, ID: other.user}} {
		target.Tenant = me.tenant
		if err := b.Revoke(ctx, target); err != nil && !errors.Is(err, enforce.Unknown) {
			b.Fatal(err)
		}
	}
	_, err := b.Decide(ctx, approval.Answer{Tenant: other.tenant, ID: other.asked, Person: decision.Actor{Kind: "user", ID: me.approver}, Approve: true})
	if !errors.Is(err, approval.NotListed) {
		b.Errorf("%s decides for %s: %v", me.approver, other.tenant, err)
	}
	b.trusted(other)
	if report := b.as(other, addKey, map[string]any{"key_name": "another key"}); report.Outcome != enforce.Completed {
		b.Errorf("%s: %s", report.Outcome, report.Reason)
	}
}
