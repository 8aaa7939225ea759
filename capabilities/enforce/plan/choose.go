package plan

import (
	"fmt"
	"strconv"
	"strings"

	"agentrisk/capabilities/lint/facts"
	"agentrisk/internal/source"
)

// flowNames lists what the document's flows go by, in their order. Of several with
// one name, those of an adapter carry its name in front, and what is still the
// same its place.
func flowNames(list []*facts.Flow) []string {
	names := make([]string, len(list))
	count := map[string]int{}
	for i, f := range list {
		names[i] = f.ID
		count[f.ID]++
		if f.ID == "" {
			names[i] = "#" + strconv.Itoa(i+1)
		}
	}
	for i, f := range list {
		if f.ID != "" && count[f.ID] > 1 && f.Entry != nil && f.Entry.Adapter != nil && f.Entry.Adapter.Name != "" {
			names[i] = f.Entry.Adapter.Name + "/" + f.ID
		}
	}
	seen := map[string]int{}
	for i, name := range names {
		if seen[name]++; seen[name] > 1 {
			names[i] = name + "#" + strconv.Itoa(seen[name])
		}
	}
	return names
}

// choose finds the flow that is asked for, and the name it goes by.
func (c *compiler) choose(name string) (*facts.Flow, string) {
	flows := c.facts.Flows
	names := flowNames(flows)
	switch {
	case len(flows) == 0:
		c.fault(c.start(), "no-flow", "has nothing that could be run", "steps, or an entry that calls an operation", "")
	case name == "" && len(flows) == 1:
		return flows[0], names[0]
	case name == "":
		c.fault(c.start(), "which-flow", fmt.Sprintf("has %d flows", len(flows)), "the name of one: "+few(names), "name the flow to run")
	default:
		for i := range flows {
			if names[i] == name {
				return flows[i], name
			}
		}
		c.fault(c.start(), "which-flow", fmt.Sprintf("has no flow %q", source.Quote(name)), oneOf(names),
			source.DidYouMean(name, names))
	}
	return nil, ""
}

// few joins names, the first of them where they are many.
func few(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// oneOf says what was expected, "" where there is nothing to choose from.
func oneOf(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "one of " + few(names)
}
