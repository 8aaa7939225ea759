package listing

import (
	"agentrisk/internal/source"
)

const (
	ruleCard     = "agent-card-field"
	ruleMCPTools = "mcp-tools-field"
)

// card reads an A2A agent card, or the tools of an MCP server. Neither says
// anything of factors or of a base: they stay unknown. Both forms are open, so
// fields that are not known here are let pass.
type card struct {
	collector
	agent *Agent
	rule  string
}

func newCard(form Form, doc *source.Document, rule string, opts Options) *card {
	r := &card{rule: rule, agent: blank(form, doc.File.Name, choose(nil, opts.Formula))}
	for _, p := range doc.Problems {
		r.add(p)
	}
	return r
}

func (r *card) done(root source.Node) (*Agent, error) {
	if err := r.err(); err != nil {
		return nil, err
	}
	if r.agent.Name.Value == "" {
		r.agent.warn(WarnNoName, "nothing names the agent", root.Location())
	}
	return r.agent, nil
}

// cited is a text whose evidence names the reader's own rule.
func (r *card) cited(t Text) Text {
	t.Evidence = withRule(t.Evidence, r.rule)
	return t
}

// readCard reads name, provider, description and skills of an agent card.
func readCard(doc *source.Document, opts Options) (*Agent, error) {
	r := newCard(FormAgentCard, doc, ruleCard, opts)
	root := doc.Root
	if root.Kind() != source.Mapping {
		r.add(root.Wrong("the agent card", "a map with name, description and skills"))
		return nil, r.err()
	}
	a := r.agent
	a.Name = r.cited(r.line("name", root.Get("name")))
	a.Description = r.cited(r.text("description", root.Get("description"), maxText))
	provider := root.Get("provider")
	if provider.Kind() == source.Mapping {
		provider = provider.Get("organization")
	} else if !provider.Exists() {
		provider = root.Get("author") // older cards
	}
	a.Provider = r.cited(r.line("provider", provider))
	if skills := root.Get("skills"); skills.Exists() {
		r.readTools("skills", skills)
	}
	// A2A has a map of protocol features under this name, older cards a list
	// of what the agent can do.
	if c := root.Get("capabilities"); c.Kind() == source.Sequence {
		r.readTools("capabilities", c)
	}
	return r.done(root)
}

// readMCPTools reads the answer to tools/list, its list alone, or one tool.
func readMCPTools(doc *source.Document, opts Options) (*Agent, error) {
	r := newCard(FormMCPTools, doc, ruleMCPTools, opts)
	root := doc.Root
	list := root
	if root.Kind() == source.Mapping {
		list = root.Get("tools")
		if result := root.Get("result"); result.Kind() == source.Mapping {
			list = result.Get("tools")
		}
	}
	switch {
	case list.Exists():
		if root.Kind() == source.Mapping {
			r.agent.Name = r.cited(r.line("name", root.Get("name")))
			r.agent.Description = r.cited(r.text("description", root.Get("description"), maxText))
		}
		r.readTools("tools", list)
	case root.Kind() == source.Mapping && root.Get("name").Exists():
		r.readTool(root)
	default:
		r.add(root.Wrong("the tools list", "a list of tools, or a map with tools"))
	}
	return r.done(root)
}

func (r *card) readTools(what string, n source.Node) {
	if n.Kind() != source.Sequence {
		r.add(n.Wrong(what, "a list"))
		return
	}
	for _, item := range n.Items() {
		r.readTool(item)
	}
}

// readTool reads a tool or a skill: a map with a name, or the name alone.
func (r *card) readTool(n source.Node) {
	name, description := n, source.Node{}
	if n.Kind() == source.Mapping {
		name, description = n.Get("name"), n.Get("description")
		if name.IsNull() {
			name = n.Get("id")
		}
	}
	if name.IsNull() {
		r.at(n, &source.Error{ID: "missing-field", Message: "a tool has no name", Expected: "name: text"})
		return
	}
	t, d := r.cited(r.line("name of a tool", name)), r.cited(r.text("description of a tool", description, maxText))
	r.agent.Tools = append(r.agent.Tools, Tool{Name: t.Value, Description: d.Value, Evidence: append(t.Evidence, d.Evidence...)})
}
