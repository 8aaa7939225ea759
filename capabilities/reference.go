package capabilities

import "strings"

// Root is what an expression takes its value from.
type Root string

// The roots.
const (
	FromInput    Root = "input"    // an input of the flow or the document
	FromStep     Root = "step"     // the result of an earlier step, named by Name
	FromSecret   Root = "secret"   // a bound secret
	FromEnv      Root = "env"      // the environment or the context of the run
	FromItem     Root = "item"     // the current item of a loop
	FromResponse Root = "response" // what this step received
	FromRequest  Root = "request"  // what this step sent
	FromWorkflow Root = "workflow" // the inputs or outputs of a workflow named by Name
	FromName     Root = "name"     // a bare name: whose it is, the document must tell
)

// Syntax is how an expression is written.
type Syntax string

// The syntaxes.
const (
	Mustache Syntax = "{{x}}"
	Shell    Syntax = "${x}"
	Actions  Syntax = "${{x}}"
	JSONPath Syntax = "$.x"
	Runtime  Syntax = "$x"  // Arazzo runtime expression
	Dotted   Syntax = "a.b" // step.path[0].x or ns.param, the whole of a value
)

// Reference is one place in a text where a value is taken from elsewhere.
type Reference struct {
	Text   string // as written, with its braces
	Start  int    // offset in bytes of Text in the text given
	Syntax Syntax
	Root   Root
	Name   string   // the step, workflow, namespace, or for a bare name the name itself
	Path   []string // what follows, dots and indices taken apart
}

// References returns the references in text, in their order. A text that is one
// dotted path and nothing else counts as a reference too: whether its first
// name is a step, a namespace or no more than a word, Document.Origin tells.
func References(text string) []Reference {
	if !strings.ContainsAny(text, "${.[") {
		return nil
	}
	s := scanner{text: text}
	s.templates()
	if len(s.found) == 0 {
		s.whole()
	}
	return s.found
}
