package listing

import (
	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// Form is a form of input that describes agents.
type Form string

// The forms. The empty form means: find out by the content.
const (
	FormAssessment Form = "assessment" // our own file, YAML or JSON
	FormAppendixA  Form = "appendix-a" // the JSON report of AIVSS v0.8
	FormListing    Form = "listing"    // a page of an agent listing: text, Markdown or HTML
	FormAgentCard  Form = "agent-card" // an A2A agent card
	FormMCPTools   Form = "mcp-tools"  // the tools of an MCP server
	FormNDJSON     Form = "ndjson"     // one assessment a line
	FormCSV        Form = "csv"        // one assessment a row
	FormVector     Form = "vector"     // an AIVSS vector
)

// Forms returns every form.
func Forms() []Form {
	return []Form{FormAssessment, FormAppendixA, FormListing, FormAgentCard, FormMCPTools, FormNDJSON, FormCSV, FormVector}
}

// Options say how to read. The zero value is fine.
type Options struct {
	Form Form // what the file is; empty: see by the content
	// Formula decides where the input leaves the formula open; nil for none.
	Formula *scoring.Formula
	Limits  source.Limits // zero fields: the limits of this package
}

// limits bound a structured document; assessments are small.
func (o Options) limits() source.Limits {
	l := o.Limits
	if l.Depth == 0 {
		l.Depth = 32
	}
	if l.Nodes == 0 {
		l.Nodes = 200_000
	}
	if l.Documents == 0 {
		l.Documents = 8
	}
	return l
}

// Load reads the agents that a file describes. Where it has faults the error is
// of type [Errors], and the agents are those that can be relied on: none for a
// file of one agent, the good rows of a stream.
func Load(file *source.File, opts Options) ([]*Agent, error) {
	form := opts.Form
	var doc *source.Document
	if form == "" || form.structured() {
		var err error
		if form, doc, err = detect(file, form, opts); err != nil {
			return nil, err
		}
	}
	switch form {
	case FormNDJSON:
		return loadNDJSON(file, opts)
	case FormCSV:
		return loadCSV(file, opts)
	case FormVector:
		return one(readVector(file))
	case FormListing:
		return one(readListing(file, opts))
	case FormAppendixA:
		return readAppendixA(doc, opts)
	case FormAgentCard:
		return one(readCard(doc, opts))
	case FormMCPTools:
		return one(readMCPTools(doc, opts))
	}
	return one(readAssessment(doc.Root, opts))
}

func (f Form) structured() bool {
	switch f {
	case FormAssessment, FormAppendixA, FormAgentCard, FormMCPTools:
		return true
	}
	return false
}

func one(a *Agent, err error) ([]*Agent, error) {
	if err != nil {
		return nil, err
	}
	return []*Agent{a}, nil
}
