package facts

import (
	"slices"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
)

// findScope finds credentials and grants that are wider or last longer than they
// should, and the tenant that is not carried.
func (d *Document) findScope() {
	d.findLasting()
	d.findFreeScopes()
	d.findWildcards()
	d.findTenant()
	d.findBroad()
}

var (
	issuing  = []string{"create", "issue", "generate", "mint", "add", "rotate", "regenerate", "roll", "provision", "new", "register"}
	granting = []string{"assign", "grant", "add", "share", "attach", "promote", "elevate", "invite", "authorize", "allow", "put"}
	// Words of credentials that every provider lets expire by itself.
	passing = []string{"otp", "passcode", "magic", "session", "code", "challenge", "factor", "login", "password", "certificate", "logout"}
	taking  = []string{"revoke", "unassign", "remove", "delete", "detach", "unshare", "expire", "disable", "deactivate", "suspend"}
)

// verb reports whether the name of what the step calls holds one of the verbs.
func (s *Step) verb(verbs []string) bool {
	for word := range strings.SplitSeq(split(s.Operation()), " ") {
		if slices.Contains(verbs, word) {
			return true
		}
	}
	return false
}

// inputs yields the names of what the step is given and can be given.
func (s *Step) inputs(yield func(string) bool) {
	var bindings []*capabilities.Binding
	var params []*capabilities.Parameter
	var op *capabilities.Operation
	if s.Entry != nil {
		bindings, params, op = s.Entry.Bindings, s.Entry.Inputs, s.Entry.Call.Operation
	} else {
		bindings, op = s.Model.Bindings, s.Model.Target.Operation
	}
	for _, b := range bindings {
		if !yield(b.Name) {
			return
		}
	}
	for _, p := range params {
		if !yield(p.Name) {
			return
		}
	}
	if op != nil && s.Entry != nil {
		for _, p := range op.Inputs {
			if !yield(p.Name) {
				return
			}
		}
	}
}

func (d *Document) given(s *Step, group string) bool {
	for name := range s.inputs {
		if d.words.is(group, name) {
			return true
		}
	}
	return !d.binds() && d.declares(group)
}

// binds reports whether the dialect can say what goes into a step. In a
// composition nothing can, so that the inputs of the document stand for it.
func (d *Document) binds() bool { return d.Model.Dialect != capabilities.Composition }

func (d *Document) declares(group string) bool {
	return slices.ContainsFunc(d.Model.Inputs, func(p *capabilities.Parameter) bool { return d.words.is(group, p.Name) })
}

// findLasting finds credentials that never expire and grants that nothing takes
// back.
func (d *Document) findLasting() {
	var keys, grants []Fact
	var flow *Flow
	var back func(*Step) bool
	for s := range d.acting {
		if s.Effect != effects.Credential && s.Effect != effects.Access || d.given(s, "expiry") {
			continue
		}
		if s.Flow != flow {
			flow, back = s.Flow, s.Flow.takingBack()
		}
		switch {
		case s.Effect == effects.Credential && s.verb(issuing) && !s.verb(taking) && !s.verb(passing):
			keys = append(keys, Fact{At: s.At, Flow: s.Flow, Step: s, Name: s.Title(), Text: does(s), Other: d.claim(s), Sure: sureOf(s)})
		case s.Effect == effects.Access && s.verb(granting) && !s.verb(taking) && !back(s):
			grants = append(grants, Fact{At: s.At, Flow: s.Flow, Step: s, Name: s.Title(), Text: does(s), Sure: "possible"})
		}
	}
	d.putOnce("lasting_credentials", keys)
	d.putOnce("standing_grants", grants)
}

// claim returns the words by which the document says that the credential is
// short-lived.
func (d *Document) claim(s *Step) string {
	if s.Model != nil {
		if phrase := d.words.says("shortlived", s.Model.Description); phrase != "" {
			return phrase
		}
	}
	if s.Entry != nil {
		return d.words.says("shortlived", s.Entry.Description)
	}
	return d.words.says("shortlived", d.Model.Identity.Description)
}

// takingBack returns whether a later step of the flow undoes what a step gave.
func (f *Flow) takingBack() func(*Step) bool {
	last := map[effects.Effect]int{} // the last step that takes something of the kind away
	for _, s := range f.Steps {
		if s.Control == effects.Rollback || s.verb(taking) {
			last[s.Effect] = s.Index
		}
		if s.Control == effects.Rollback {
			last[""] = s.Index
		}
	}
	return func(s *Step) bool {
		return max(last[""], last[s.Effect], last[effects.Delete]) > s.Index
	}
}

// findFreeScopes finds scopes, permissions and roles that the caller chooses
// without bound, where a step issues a credential or gives access.
func (d *Document) findFreeScopes() {
	var facts []Fact
	seen := map[*capabilities.Parameter]bool{}
	for s := range d.acting {
		if s.Effect != effects.Credential && s.Effect != effects.Access {
			continue
		}
		for _, p := range d.reaching(s) {
			if seen[p] || p.Bounded || p.Value != "" || !d.words.is("scope", p.Name) || p.Type == "boolean" {
				continue
			}
			seen[p] = true
			h := d.parameter(p, s.Flow)
			facts = append(facts, Fact{At: h, Flow: s.Flow, Step: s, Name: p.Name, Other: s.Title(), Text: "any value is passed on",
				Sure: sureOf(s), Places: []Note{{s.At, does(s)}}})
		}
	}
	d.putOnce("free_scopes", facts)
}

func (d *Document) parameter(p *capabilities.Parameter, f *Flow) Handle {
	return d.handle(Place{At: p.At, Path: "flow " + f.ID + " input " + p.Name, Flow: f.ID})
}

// reaching returns the parameters whose values reach s, as far as the dialect
// can say: where it cannot, all of the document's.
func (d *Document) reaching(s *Step) []*capabilities.Parameter {
	if s.Entry != nil {
		return s.Entry.Inputs
	}
	if !d.binds() {
		return d.Model.Inputs
	}
	var out []*capabilities.Parameter
	for _, u := range s.uses {
		if u.origin.Input != nil && !slices.Contains(out, u.origin.Input) {
			out = append(out, u.origin.Input)
		}
	}
	return out
}

// findWildcards finds permissions that stand for all of them.
func (d *Document) findWildcards() {
	var facts []Fact
	for s := range d.acting {
		for _, b := range s.bindings() {
			if d.words.is("scope", b.Name) && wildcard(b.Value) {
				h := d.handle(Place{At: b.At, Path: d.places[s.At-1].Path + " value " + b.Name, Operation: s.Operation(), Flow: s.Flow.ID, Step: s.Label, About: s})
				facts = append(facts, Fact{At: h, Flow: s.Flow, Step: s, Name: b.Name, Kind: "value", Text: b.Value, Sure: sureOf(s)})
			}
		}
	}
	for _, c := range d.Model.Consumes {
		if c.Authentication == nil {
			continue
		}
		for _, scope := range c.Authentication.Scopes {
			if wildcard(scope) {
				h := d.handle(Place{At: c.Authentication.At, Path: "consumes " + c.Namespace + " scope " + scope})
				facts = append(facts, Fact{At: h, Name: c.Namespace, Kind: "scope", Text: scope, Sure: "certain"})
			}
		}
	}
	d.putOnce("wildcards", facts)
}

func (s *Step) bindings() []*capabilities.Binding {
	if s.Entry != nil {
		return s.Entry.Bindings
	}
	return s.Model.Bindings
}

func wildcard(value string) bool {
	v := strings.ToLower(strings.TrimSpace(value))
	switch v {
	case "*", "*:*", "*.*", ".*", "all", "full_access", "full-access", "superuser", "super_admin", "superadmin", "root":
		return true
	}
	return strings.HasSuffix(v, ":*") || strings.HasSuffix(v, ".*") || strings.HasSuffix(v, "/*") || strings.HasPrefix(v, "*:")
}

// findTenant finds acting on behalf of somebody without saying in which tenant,
// and steps that lose the tenant on the way.
func (d *Document) findTenant() {
	for s := range d.acting {
		if s.Entry != nil || s.Effect != effects.Credential && s.Effect != effects.Access || !d.onBehalf(s.Flow) {
			continue
		}
		if d.tenantless() {
			sure := "possible"
			if s.Flow.firstControl(effects.Authenticate) != nil || s.Flow.firstControl(effects.Authorize) != nil {
				sure = "likely"
			}
			d.put("no_tenant", Fact{At: d.At, Flow: s.Flow, Step: s, Name: s.Title(), Sure: sure,
				Places: []Note{{s.At, does(s) + ", in no tenant"}}})
		}
		break
	}
	for _, f := range d.Flows {
		if len(f.Steps) > 1 {
			d.findLost(f)
		}
	}
}

// onBehalf reports whether the flow acts for a user: it takes one as an input or
// decides about one.
func (d *Document) onBehalf(f *Flow) bool {
	if f.firstControl(effects.Authenticate) != nil || f.firstControl(effects.Authorize) != nil {
		return true
	}
	named := func(p *capabilities.Parameter) bool { return d.words.is("identity", p.Name) }
	return slices.ContainsFunc(f.Model.Inputs, named) || slices.ContainsFunc(d.Model.Inputs, named)
}

// tenantless reports whether nothing in the document names a tenant.
func (d *Document) tenantless() bool {
	named := func(p *capabilities.Parameter) bool { return d.words.is("tenant", p.Name) }
	if slices.ContainsFunc(d.Model.Inputs, named) {
		return false
	}
	for _, f := range d.Flows {
		if f.Model != nil && slices.ContainsFunc(f.Model.Inputs, named) {
			return false
		}
		for _, s := range f.Steps {
			if d.namesTenant(s) {
				return false
			}
		}
	}
	return true
}

func (d *Document) namesTenant(s *Step) bool {
	for name := range s.inputs {
		if d.words.is("tenant", name) {
			return true
		}
	}
	var op *capabilities.Operation
	if s.Entry != nil {
		op = s.Entry.Call.Operation
	} else {
		op = s.Model.Target.Operation
	}
	return d.words.is("tenant", s.Operation()) || op != nil && d.words.is("tenant", op.Path)
}

// findLost finds steps that act without the tenant which other steps of the flow
// are given.
func (d *Document) findLost(f *Flow) {
	carried := make([]bool, len(f.Steps))
	any := false
	for _, s := range f.Steps {
		carried[s.Index] = d.carriesTenant(s, carried)
		any = any || carried[s.Index]
	}
	if !any {
		return
	}
	var lost []Fact
	for _, s := range f.Steps {
		if !carried[s.Index] && s.Privileged() && s.Model != nil && len(s.uses) > 0 {
			lost = append(lost, Fact{At: s.At, Flow: f, Step: s, Name: s.Title(), Text: does(s), Sure: "possible"})
		}
	}
	d.putOnce("lost_tenants", lost)
}

// carriesTenant reports whether s is given a tenant: by name, or by a value that
// a step of the tenant returned, whose id belongs to it.
func (d *Document) carriesTenant(s *Step, carried []bool) bool {
	if d.namesTenant(s) {
		return true
	}
	for _, u := range s.uses {
		if u.origin.Input != nil && d.words.is("tenant", u.origin.Input.Name) {
			return true
		}
		if from := u.from; from != nil && from.Index < s.Index && carried[from.Index] {
			return true
		}
	}
	return false
}

// findBroad finds credentials for writing where every operation reads.
func (d *Document) findBroad() {
	for _, c := range d.Model.Consumes {
		if c.Authentication == nil || len(c.Authentication.Scopes) == 0 || len(c.Operations) == 0 || !d.onlyReads(c) {
			continue
		}
		for _, scope := range c.Authentication.Scopes {
			if writes(scope) {
				h := d.handle(Place{At: c.Authentication.At, Path: "consumes " + c.Namespace + " scope " + scope})
				d.put("broad_scopes", Fact{At: h, Name: c.Namespace, Text: scope, Sure: "likely"})
				break
			}
		}
	}
}

func (d *Document) onlyReads(c *capabilities.Consumed) bool {
	for _, op := range c.Operations {
		if op.Method != "GET" && op.Method != "HEAD" {
			return false
		}
	}
	return true
}

func writes(scope string) bool {
	for word := range strings.SplitSeq(split(scope), " ") {
		switch word {
		case "write", "admin", "manage", "delete", "full", "all", "edit", "modify", "create", "readwrite", "owner":
			return true
		}
	}
	return false
}
