package findings

import (
	"slices"
	"strings"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/report"
)

// taxonomy is a published catalogue that rules point into.
type taxonomy struct {
	name, organization, address, about string
}

// The catalogues, by their name in reports.
var catalogues = []taxonomy{
	{"CWE", "MITRE", "https://cwe.mitre.org/", "Common Weakness Enumeration"},
	{"MAESTRO", "Cloud Security Alliance", "https://cloudsecurityalliance.org/blog/2025/02/06/agentic-ai-threat-modeling-framework-maestro", "The seven layers of an agentic system and their threats; threat ids are ours"},
	{"OWASP-AGENTIC", "OWASP", "https://genai.owasp.org/", "OWASP lists for agentic applications"},
	{"OWASP-LLM", "OWASP", "https://genai.owasp.org/llm-top-10/", "OWASP Top 10 for LLM applications"},
}

// link points to one entry of a catalogue.
type link struct {
	catalogue, id string
}

func (l link) reference() report.SARIFReference {
	return report.SARIFReference{ID: l.id, ToolComponent: &report.SARIFComponentName{Name: l.catalogue}}
}

// tag is the link as code scanning filters by it: external/cwe/cwe-862.
func (l link) tag() string {
	return "external/" + strings.ToLower(l.catalogue) + "/" + strings.ToLower(l.id)
}

// links are the entries of catalogues that a rule names.
func links(r lint.Rule) []link {
	var out []link
	for _, id := range r.Links.CWE {
		out = append(out, link{"CWE", id})
	}
	for _, id := range r.Links.MAESTRO {
		out = append(out, link{"MAESTRO", id})
	}
	for _, id := range r.Links.OWASP {
		if strings.HasPrefix(id, "LLM") {
			out = append(out, link{"OWASP-LLM", id})
		} else {
			out = append(out, link{"OWASP-AGENTIC", id})
		}
	}
	return out
}

// taxonomies are the catalogues and entries that some rules name.
type taxonomies struct {
	entries map[string][]string // ids by catalogue, in order
}

func newTaxonomies(rules []lint.Rule) *taxonomies {
	t := &taxonomies{map[string][]string{}}
	for _, r := range rules {
		for _, l := range links(r) {
			if !slices.Contains(t.entries[l.catalogue], l.id) {
				t.entries[l.catalogue] = append(t.entries[l.catalogue], l.id)
			}
		}
	}
	for _, ids := range t.entries {
		slices.Sort(ids)
	}
	return t
}

func (t *taxonomies) names() []report.SARIFComponentName {
	var out []report.SARIFComponentName
	for _, c := range catalogues {
		if len(t.entries[c.name]) > 0 {
			out = append(out, report.SARIFComponentName{Name: c.name})
		}
	}
	return out
}

func (t *taxonomies) components() []report.SARIFComponent {
	var out []report.SARIFComponent
	for _, c := range catalogues {
		ids := t.entries[c.name]
		if len(ids) == 0 {
			continue
		}
		about := sarifText(c.about)
		one := report.SARIFComponent{Name: c.name, Organization: c.organization, InformationURI: c.address, ShortDescription: &about}
		for _, id := range ids {
			one.Taxa = append(one.Taxa, report.SARIFRule{ID: id})
		}
		out = append(out, one)
	}
	return out
}
