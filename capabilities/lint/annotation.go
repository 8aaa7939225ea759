package lint

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// readAnnotations reads what a rule's file says of the rule.
func readAnnotations(file, text string, allowed *ast.Capabilities) (*rule, error) {
	m, err := parseModule(file, text, allowed, true)
	if err != nil {
		return nil, err
	}
	var about *ast.Annotations
	for _, a := range m.Annotations {
		if a.Scope == "package" {
			about = a
		}
	}
	if about == nil {
		return nil, fmt.Errorf("%s: has no annotations of its package", file)
	}
	c := custom{file: file, fields: about.Custom}
	r := &rule{Rule: Rule{
		ID: c.text("id"), Name: path.Base(path.Dir(file)), Title: about.Title, Why: oneLine(about.Description),
		Group: c.text("group"), Severity: Severity(c.text("severity")), Confidence: Confidence(c.text("confidence")),
		Risk: c.text("risk"), Do: c.text("help"), False: c.text("false_positives"), Fix: c.optional("fix"), Frequency: c.optional("frequency"),
		Links: Links{MAESTRO: c.list("maestro"), OWASP: c.list("owasp"), CWE: c.list("cwe"), AIVSS: c.list("aivss")},
		File:  file,
	}, Over: c.list("over")}
	c.known()
	if err := c.valid(r, m); err != nil {
		return nil, err
	}
	return r, nil
}

// custom reads the custom part of annotations and keeps the first fault.
type custom struct {
	file   string
	fields map[string]any
	err    error
}

var customFields = []string{"id", "group", "severity", "confidence", "risk", "help", "false_positives", "fix", "frequency", "over", "maestro", "owasp", "cwe", "aivss"}

func (c *custom) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(c.file+": "+format, args...)
	}
}

func (c *custom) text(key string) string {
	text := c.optional(key)
	if text == "" {
		c.fail("the annotation custom.%s is missing", key)
	}
	return text
}

func (c *custom) optional(key string) string {
	value, there := c.fields[key]
	if !there {
		return ""
	}
	text, ok := value.(string)
	if !ok {
		c.fail("the annotation custom.%s is no text", key)
	}
	return oneLine(text)
}

func (c *custom) list(key string) []string {
	value, there := c.fields[key]
	if !there {
		return nil
	}
	items, ok := value.([]any)
	if !ok {
		c.fail("the annotation custom.%s is no list", key)
	}
	var out []string
	for _, item := range items {
		text, ok := item.(string)
		if !ok {
			c.fail("the annotation custom.%s holds %v, which is no text", key, item)
		}
		out = append(out, text)
	}
	return out
}

func (c *custom) known() {
	for key := range c.fields {
		if !slices.Contains(customFields, key) {
			c.fail("the annotation custom.%s means nothing; expected one of %s", key, strings.Join(customFields, ", "))
		}
	}
}

func (c *custom) valid(r *rule, m *ast.Module) error {
	if r.Title == "" {
		c.fail("the annotation title is missing")
	}
	if !slices.Contains(Severities(), r.Severity) {
		c.fail("the severity %q is none; expected error, warning or note", r.Severity)
	}
	if !slices.Contains(Confidences(), r.Confidence) {
		c.fail("the confidence %q is none; expected certain, likely or possible", r.Confidence)
	}
	if !slices.ContainsFunc(m.Rules, func(r *ast.Rule) bool { return r.Head.Ref().String() == "report" }) {
		c.fail("defines no report")
	}
	return c.err
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
