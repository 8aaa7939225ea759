package plan

import (
	"cmp"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/lint/facts"
)

// unnamed is a service that nothing tells the name of.
const unnamed = "unnamed"

// services tells under which one name each service of a document goes, whichever
// flow is run: a scope that is asked for under two names would be granted twice, and
// half of it forgotten.
type services struct {
	name  map[string]string          // by the document's own name for it
	ids   map[[2]string][]string     // by name and id of an operation: the document's own names for its service
	host  map[string]string          // by namespace: the host of a service that the document consumes under several
	seen  map[string]map[string]bool // by the document's own name: the catalogue's, of its operations
	asked map[string]bool            // the names that steps use
	// address is where the document consumes each namespace; "" where at several.
	address map[string]string
}

// servicesOf reads the whole document.
func (c *compiler) servicesOf() *services {
	s := &services{name: map[string]string{}, ids: map[[2]string][]string{}, host: map[string]string{}, seen: map[string]map[string]bool{}, asked: map[string]bool{}, address: map[string]string{}}
	s.consumed(c)
	c.eachStep(func(f *facts.Step, t *capabilities.Target) {
		s.asked[c.ownName(t)] = true
		own := s.grouped(c.ownName(t))
		if known := providerOf(f.Result); known != "" {
			if s.seen[own] == nil {
				s.seen[own] = map[string]bool{}
			}
			s.seen[own][known] = true
		}
	})
	c.eachStep(func(f *facts.Step, t *capabilities.Target) { // now that every name is known
		own := c.ownName(t)
		name := s.of(c, own)
		s.name[own] = name
		if f.Result.Canonical != "" { // the catalogue's ids are its own
			return
		}
		key := [2]string{name, cmp.Or(t.Name, t.Text)}
		if !slices.Contains(s.ids[key], own) {
			s.ids[key] = append(s.ids[key], own)
		}
	})
	return s
}

// eachStep goes through the steps of every flow that name an operation.
func (c *compiler) eachStep(do func(*facts.Step, *capabilities.Target)) {
	for _, flow := range c.facts.Flows {
		for _, f := range flow.Steps {
			if t := lastTarget(targetOf(f)); t.Text != "" {
				do(f, t)
			}
		}
	}
}

// consumed finds services that the document consumes under several namespaces: those
// of one address. The version in an address is no service of its own. Where the host
// cannot be told, two namespaces stay two.
func (s *services) consumed(c *compiler) {
	namespaces, hosts, on := map[string][]string{}, map[string]string{}, map[string]int{}
	var addresses []string
	for _, one := range c.doc.Consumes {
		u, err := url.Parse(one.BaseURI)
		if one.Own || one.Namespace == "" || err != nil || u.Hostname() == "" || strings.ContainsAny(one.BaseURI, "{}$") {
			continue
		}
		host := strings.ToLower(u.Host)
		address := host + "/" + strings.Join(parts(u.Path), "/")
		if at, twice := s.address[one.Namespace]; twice && at != address { // which of the two is meant cannot be told
			s.address[one.Namespace] = ""
			continue
		}
		s.address[one.Namespace] = address
		if hosts[address] == "" {
			addresses, hosts[address] = append(addresses, address), host
			on[host]++
		}
		if !slices.Contains(namespaces[address], one.Namespace) {
			namespaces[address] = append(namespaces[address], one.Namespace)
		}
	}
	for _, address := range addresses {
		list := slices.DeleteFunc(namespaces[address], func(namespace string) bool { return s.address[namespace] != address })
		if len(list) < 2 {
			continue
		}
		name := hosts[address]
		if on[name] > 1 { // another service of that host keeps its own name
			name = strings.TrimSuffix(address, "/")
		}
		for _, namespace := range list {
			s.host[namespace] = name
		}
		c.warn(c.start(), "", fmt.Sprintf("%s are one service, at %s: it is asked for under one name", strings.Join(list, ", "), hosts[address]))
	}
}

// ownName is what the document calls the service of an operation, "" where it does not.
func (c *compiler) ownName(t *capabilities.Target) string {
	name := ""
	if t.Operation != nil && t.Operation.Service != nil && !t.Operation.Service.Own {
		name = t.Operation.Service.Namespace
	}
	if name = cmp.Or(name, t.Namespace, c.doc.Identity.Provider, c.doc.Identity.API); name != "" {
		return name
	}
	return c.described()
}

func (s *services) grouped(own string) string { return cmp.Or(s.host[own], own) }

// of is the name that a service is asked for under. What the catalogue knows some of
// its operations by holds for all of them. A part of the provider that the document
// states, such as acme-mail of acme, is the provider where the document also asks for
// the provider as such.
func (s *services) of(c *compiler, own string) string {
	name := s.grouped(own)
	if known := s.seen[name]; len(known) == 1 {
		for one := range known {
			return one
		}
	}
	stated := c.doc.Identity.Provider
	if rest, part := strings.CutPrefix(own, stated); part && stated != "" && rest != "" && strings.ContainsRune("-._/:", rune(rest[0])) && s.asked[stated] {
		return s.of(c, stated)
	}
	return name
}

// service names the service of an operation that nobody modelled, and the operation
// where two that the document keeps apart would go by one name.
func (c *compiler) service(b *building, op *provider.Operation) {
	if c.services == nil {
		c.services = c.servicesOf()
	}
	own := c.ownName(b.target)
	name := cmp.Or(c.services.name[own], own)
	if known := providerOf(b.facts.Result); known != "" {
		name = known
	}
	if owns := c.services.ids[[2]string{name, op.ID}]; len(owns) > 1 && b.facts.Result.Canonical == "" && own != "" {
		op.ID = own + "." + op.ID
	}
	if name == "" {
		name = c.better(b, op)
	}
	op.Provider = providerName(name)
	if op.Provider == "" {
		op.Provider = unnamed
	}
	if op.Provider != unnamed {
		return
	}
	c.warn(b.at(), b.step.ID, fmt.Sprintf("nothing tells which service offers %s: it is asked for as %q, and whoever grants that grants it for every such operation", op.ID, unnamed))
}

// better is the next best name of a service that the document does not name: its
// host, the adapter that it is offered by, what the names of all descriptions that the
// document takes operations from begin with, or where its paths begin.
func (c *compiler) better(b *building, op *provider.Operation) string {
	if op.Host != "" && !strings.ContainsAny(op.Host, "{}$/") { // a host, and no address with a hole in it
		return op.Host
	}
	if e := b.facts.Entry; e != nil && e.Adapter != nil && e.Adapter.Name != "" {
		return e.Adapter.Name
	}
	if e := b.scope.flow.Entry; e != nil && e.Adapter != nil && e.Adapter.Name != "" {
		return e.Adapter.Name
	}
	if name := c.alike(); name != "" {
		return name
	}
	if found := parts(addressOf(*op)); len(found) > 0 {
		return found[0]
	}
	return ""
}

// alike are the words that the files of all imported descriptions begin with, "" where
// they share none: acme of acme-orders.yml and acme-billing.yml.
func (c *compiler) alike() string {
	var common []string
	first := true
	for _, i := range c.doc.Imports {
		if i.Kind != "openapi" {
			continue
		}
		words := strings.Split(path.Base(i.Location), "-")
		words = words[:len(words)-1] // the last has the file's ending
		if first {
			common, first = words, false
		}
		n := 0
		for n < min(len(common), len(words)) && common[n] == words[n] {
			n++
		}
		common = common[:n]
	}
	return strings.Join(common, "-")
}

// parts are the parts of a path that name something, up to the first parameter:
// neither a version nor the word api does.
func parts(way string) []string {
	var out []string
	for part := range strings.SplitSeq(way, "/") {
		if strings.ContainsAny(part, "{}$:") {
			break
		}
		if part != "" && !isVersion(part) && !strings.EqualFold(part, "api") {
			out = append(out, part)
		}
	}
	return out
}

// isVersion: v1, v2.0, 2024-01.
func isVersion(part string) bool {
	rest := strings.TrimLeft(part, "vV")
	return rest != "" && strings.Trim(rest, "0123456789.-") == "" && len(part)-len(rest) <= 1
}
