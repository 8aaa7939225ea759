package lint

import (
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"agentrisk/capabilities"
	"agentrisk/capabilities/lint/facts"
)

// listTerm writes one list of the input.
func listTerm(d *facts.Document, list string) *ast.Term {
	switch list {
	case "document":
		return documentTerm(d)
	case "steps":
		return terms(d.AllSteps(), stepTerm)
	case "adapters":
		return terms(d.Adapters, adapterTerm)
	case "inputs":
		return terms(d.AllInputs(), inputTerm)
	case "outputs":
		return terms(d.AllOutputs(), outputTerm)
	}
	return factList(d.Lists[list])
}

func terms[T any](list []T, write func(T) *ast.Term) *ast.Term {
	out := make([]*ast.Term, len(list))
	for i, one := range list {
		out[i] = write(one)
	}
	return ast.NewTerm(ast.NewArray(out...))
}

func texts(list []string) *ast.Term {
	return terms(list, func(s string) *ast.Term { return ast.InternedTerm(s) })
}

func documentTerm(d *facts.Document) *ast.Term {
	m := d.Model
	o := &object{}
	o.number("at", int(d.At))
	o.text("name", m.Identity.Name)
	o.text("description", m.Identity.Description)
	o.text("provider", m.Identity.Provider)
	o.text("dialect", string(m.Dialect))
	o.text("version", m.Version)
	o.put("tags", texts(m.Tags))
	o.flag("decides", d.Decides)
	o.flag("incomplete", m.Incomplete)
	return o.term()
}

func stepTerm(s *facts.Step) *ast.Term {
	o := &object{}
	o.number("at", int(s.At))
	o.text("name", s.Title())
	o.text("flow", s.Flow.ID)
	o.number("index", s.Index+1)
	o.text("operation", s.Operation())
	o.text("effect", string(s.Effect))
	o.text("control", string(s.Control))
	o.text("basis", string(s.Basis))
	o.text("confidence", string(s.Confidence))
	o.text("canonical", s.Canonical)
	o.flag("privileged", s.Privileged())
	o.flag("exposed", s.Flow.Called)
	needs := &object{}
	needs.text("authentication", string(s.Authentication.State))
	needs.text("authorization", string(s.Authorization.State))
	needs.text("approval", string(s.Approval.State))
	needs.text("audit", string(s.Audit.State))
	o.put("needs", needs.term())
	kind, description, external := "call", "", false
	if m := s.Model; m != nil {
		kind, description, external = string(m.Kind), m.Description, m.External
	} else {
		description = s.Entry.Description
	}
	o.text("kind", kind)
	o.text("description", description)
	o.flag("external", external)
	op := s.Target().Operation
	if op == nil {
		op = &capabilities.Operation{Method: s.Target().Method, Path: s.Target().Path}
	}
	o.text("method", op.Method)
	o.text("path", op.Path)
	service := s.Target().Namespace
	base := ""
	if op.Service != nil {
		service, base = op.Service.Namespace, op.Service.BaseURI
	}
	o.text("service", service)
	o.text("base", base)
	o.put("values", terms(s.Values(), valueTerm))
	return o.term()
}

func valueTerm(b *capabilities.Binding) *ast.Term {
	o := &object{}
	o.text("name", b.Name)
	o.text("in", strings.ToLower(b.In))
	o.text("value", b.Value)
	return o.term()
}

func adapterTerm(a *facts.Adapter) *ast.Term {
	o := &object{}
	o.number("at", int(a.At))
	o.text("name", a.Model.Name)
	o.text("kind", string(a.Model.Kind))
	o.text("address", a.Model.Address)
	o.text("transport", a.Model.Transport)
	o.flag("authenticated", a.Auth)
	o.flag("local", a.Local)
	o.number("entries", len(a.Model.Entries))
	return o.term()
}

func inputTerm(i facts.Input) *ast.Term {
	o := &object{}
	o.number("at", int(i.At))
	o.text("name", i.Model.Name)
	o.text("flow", i.Flow)
	o.text("type", i.Model.Type)
	o.text("in", i.Model.In)
	o.text("description", i.Model.Description)
	o.flag("bounded", i.Model.Bounded)
	o.flag("required", i.Model.Required != nil && *i.Model.Required)
	return o.term()
}

func outputTerm(i facts.Output) *ast.Term {
	o := &object{}
	o.number("at", int(i.At))
	o.text("name", i.Model.Name)
	o.text("flow", i.Flow)
	o.text("type", i.Model.Type)
	o.text("source", i.Model.Source)
	return o.term()
}
