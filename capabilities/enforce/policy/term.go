package policy

import "github.com/open-policy-agent/opa/v1/ast"

// What policies see is made of terms at once: to make it of maps and turn those into
// terms took as long as a quarter of the policies of the runtime's own.

func field(name string, value *ast.Term) [2]*ast.Term { return ast.Item(ast.InternedTerm(name), value) }

func text(name, value string) [2]*ast.Term { return field(name, ast.InternedTerm(value)) }

func number(name string, value int) [2]*ast.Term { return field(name, ast.InternedTerm(value)) }

func truth(name string, value bool) [2]*ast.Term { return field(name, ast.InternedTerm(value)) }
