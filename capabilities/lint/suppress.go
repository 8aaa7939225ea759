package lint

import (
	"context"
	"strings"

	"agentrisk/capabilities/lint/facts"
	"agentrisk/internal/source"
)

// suppress marks the findings that comments of the document suppress, and adds
// what there is to say of the comments.
func (l *Linter) suppress(ctx context.Context, d *facts.Document, findings []Finding, incomplete *[]Incomplete) []Finding {
	text := d.Model.Root.Document()
	if l.config.NoIgnores || text == nil {
		return findings
	}
	comments, faults := text.Suppressions()
	if len(comments)+len(faults) == 0 {
		return findings
	}
	for _, fault := range faults {
		d.Comment("unreadable_suppressions", fault.At, facts.Fact{Text: fault.Message, Other: fault.Expected})
	}
	for _, c := range comments {
		l.apply(d, c, findings)
	}
	found, failed := l.find(ctx, d.Comments())
	for i := range failed {
		failed[i].File = d.Model.File.Name
	}
	*incomplete = append(*incomplete, failed...)
	return append(findings, found...)
}

// apply marks what one comment suppresses.
func (l *Linter) apply(d *facts.Document, c source.Suppression, findings []Finding) {
	names := strings.Join(c.Rules, ", ")
	for _, name := range c.Rules {
		if findRule(l.rules, name) == nil {
			d.Comment("unreadable_suppressions", c.At, facts.Fact{Name: names, Text: unknownRule(l.rules, name).Error()})
			return
		}
	}
	switch {
	case c.Reason == "":
		d.Comment("reasonless_suppressions", c.At, facts.Fact{Name: names})
		return
	case c.Until != "" && c.Until < l.today:
		d.Comment("expired_suppressions", c.At, facts.Fact{Name: names, Other: c.Until})
		return
	}
	used := map[string]bool{}
	about := &Suppression{Location: c.At, Rules: c.Rules, Until: c.Until, By: c.By, Reason: c.Reason}
	for i := range findings {
		f := &findings[i]
		if name := named(l.rules, c.Rules, f.Rule); name != "" && covers(c, f.Location) {
			f.Suppressed, f.Suppression = true, about
			used[name] = true
		}
	}
	for _, name := range c.Rules {
		if r := findRule(l.rules, name); !used[name] && !r.off {
			d.Comment("unused_suppressions", c.At, facts.Fact{Name: name})
		}
	}
}

// named returns the name among names that stands for the rule, "" for none.
func named(rules []*rule, names []string, id string) string {
	for _, name := range names {
		if r := findRule(rules, name); r != nil && r.ID == id {
			return name
		}
	}
	return ""
}

// covers reports whether a place begins inside of what the comment belongs to.
func covers(c source.Suppression, at source.Location) bool {
	scope := c.Scope()
	start := at.Range.Start
	return at.File == c.At.File && !start.Before(scope.Start) && start.Before(scope.End)
}
