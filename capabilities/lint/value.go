package lint

import (
	"github.com/open-policy-agent/opa/v1/ast"

	"agentrisk/capabilities/lint/facts"
)

// object builds an object whose keys are text.
type object struct{ pairs [][2]*ast.Term }

func (o *object) put(key string, value *ast.Term) { o.set(ast.InternedTerm(key), value) }
func (o *object) set(key, value *ast.Term)        { o.pairs = append(o.pairs, [2]*ast.Term{key, value}) }

func (o *object) text(key, value string)   { o.put(key, ast.InternedTerm(value)) }
func (o *object) number(key string, n int) { o.put(key, ast.InternedTerm(n)) }
func (o *object) flag(key string, b bool)  { o.put(key, ast.InternedTerm(b)) }
func (o *object) term() *ast.Term          { return ast.NewTerm(ast.NewObject(o.pairs...)) }

// input is what the rules see of a document: the lists that any of the rules in
// question looks at.
func input(d *facts.Document, active []*rule) ast.Value {
	root := &object{}
	names := make([]*ast.Term, 0, len(active))
	seen := map[string]bool{}
	for _, r := range active {
		names = append(names, ast.InternedTerm(r.Name))
		for _, list := range r.Over {
			if !seen[list] {
				seen[list] = true
				root.put(list, listTerm(d, list))
			}
		}
	}
	root.put("active", ast.NewTerm(ast.NewArray(names...)))
	return ast.NewObject(root.pairs...)
}

func factList(list []facts.Fact) *ast.Term {
	terms := make([]*ast.Term, len(list))
	for i := range list {
		terms[i] = factTerm(&list[i])
	}
	return ast.NewTerm(ast.NewArray(terms...))
}

// The fields of a fact. There are as many facts as all documents have, so that their
// names are made once.
var field = struct{ at, name, kind, text, other, sure, count, flow, step, effect, control, basis *ast.Term }{
	at: ast.StringTerm("at"), name: ast.StringTerm("name"), kind: ast.StringTerm("kind"), text: ast.StringTerm("text"),
	other: ast.StringTerm("other"), sure: ast.StringTerm("sure"), count: ast.StringTerm("count"), flow: ast.StringTerm("flow"),
	step: ast.StringTerm("step"), effect: ast.StringTerm("effect"), control: ast.StringTerm("control"), basis: ast.StringTerm("basis"),
}

// factTerm writes a fact with every field, empty ones too: a rule never looks at
// what is not there. Its places are added to the finding afterwards.
func factTerm(f *facts.Fact) *ast.Term {
	o := &object{pairs: make([][2]*ast.Term, 0, 12)}
	o.set(field.at, ast.InternedTerm(int(f.At)))
	o.set(field.name, ast.StringTerm(f.Name))
	o.set(field.kind, ast.InternedTerm(f.Kind))
	o.set(field.text, ast.StringTerm(f.Text))
	o.set(field.other, ast.StringTerm(f.Other))
	o.set(field.sure, ast.InternedTerm(f.Sure))
	o.set(field.count, ast.InternedTerm(max(f.Count, 1)))
	flow := ""
	if f.Flow != nil {
		flow = f.Flow.ID
	}
	o.set(field.flow, ast.StringTerm(flow))
	step, effect, control, basis := "", "", "", ""
	if s := f.Step; s != nil {
		step, effect, control, basis = s.Title(), string(s.Effect), string(s.Control), string(s.Basis)
	}
	o.set(field.step, ast.StringTerm(step))
	o.set(field.effect, ast.InternedTerm(effect))
	o.set(field.control, ast.InternedTerm(control))
	o.set(field.basis, ast.InternedTerm(basis))
	return o.term()
}
