package lint

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const pagesDir = "../../docs/rules"

// byHand begins the part of a page that people write; what stands above it is
// made of the rule's annotations and fixtures.
const byHand = "<!-- below: written by hand -->\n"

// TestPages: every rule has a page, which says what its annotations say and shows
// what its fixture brings out; and no page is left over.
func TestPages(t *testing.T) {
	annotated, err := annotated(builtin, "rules")
	if err != nil {
		t.Fatal(err)
	}
	rules := plain(annotated)
	l := newLinter(t, Config{Profile: Audit})
	wanted := map[string]bool{"README.md": true, "facts.md": true}
	for _, r := range rules {
		file := filepath.Join(pagesDir, r.ID+".md")
		wanted[r.ID+".md"] = true
		golden(t, file, []byte(page(t, l, r)+byHand+notes(t, file)))
	}
	golden(t, filepath.Join(pagesDir, "README.md"), []byte(index(rules)))
	entries, err := os.ReadDir(pagesDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !wanted[e.Name()] {
			t.Errorf("%s belongs to no rule", e.Name())
		}
	}
}

// notes returns the part of a page that was written by hand.
func notes(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	_, notes, _ := strings.Cut(string(text), byHand)
	return notes
}

func page(t *testing.T, l *Linter, r Rule) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s\n\n", r.ID, r.Title)
	fmt.Fprintf(&b, "`%s` · %s · %s · %s\n\n", r.Name, r.Group, r.Severity, r.Confidence)
	fmt.Fprintf(&b, "## Why it matters\n\n%s\n\nRisk: %s.\n\n", r.Why, r.Risk)
	fmt.Fprintf(&b, "## What to do\n\n%s.\n\n", capital(r.Do))
	if r.Fix != "" {
		fmt.Fprintf(&b, "Mechanically: %s\n\n", r.Fix)
	}
	fmt.Fprintf(&b, "## False positives\n\n%s\n\n", r.False)
	if r.Frequency != "" {
		fmt.Fprintf(&b, "## How often it fires\n\n%s\n\n", r.Frequency)
	}
	name := r.Name + ".yaml"
	fmt.Fprintf(&b, "## Example\n\n%s", fenced("yaml", fixture(t, "err", name)))
	b.WriteString("gives\n\n" + fenced("text", ownLines(l.Lint(t.Context(), readFixture(t, "err", name)), r.ID)))
	fmt.Fprintf(&b, "and this does not:\n\n%s", fenced("yaml", fixture(t, "ok", name)))
	b.WriteString("## Links\n\n")
	for _, link := range []struct {
		what string
		ids  []string
	}{{"MAESTRO layers and threats", r.Links.MAESTRO}, {"OWASP", r.Links.OWASP}, {"CWE", r.Links.CWE}, {"AIVSS factors", r.Links.AIVSS}} {
		if len(link.ids) > 0 {
			fmt.Fprintf(&b, "- %s: %s\n", link.what, strings.Join(link.ids, ", "))
		}
	}
	b.WriteString("\n")
	return b.String()
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func fenced(language, text string) string {
	return "```" + language + "\n" + strings.TrimRight(text, "\n") + "\n```\n\n"
}

// fixture returns a fixture as it can be shown: without what no page may hold.
func fixture(t *testing.T, folder, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\x00", "␀")
}

// ownLines renders the findings of one rule.
func ownLines(r Result, id string) string {
	own := r
	own.Findings = nil
	for _, f := range r.Findings {
		if f.Rule == id {
			own.Findings = append(own.Findings, f)
		}
	}
	return render(own)
}

func index(rules []Rule) string {
	var b strings.Builder
	b.WriteString(`# Rules

What ` + "`capcheck lint`" + ` looks for. The pages are made of the annotations of the rules
(capabilities/lint/rules) and of the files that show them; what stands at their
end is written by hand. [facts.md](facts.md) says what rules of your own can look at.

| group | ids |
|---|---|
| document | CAP0xx: what cannot be read, or not be relied on |
| controls | CAP1xx: authentication, authorization, approval, audit |
| scope | CAP2xx: how much, for how long, in which tenant |
| secrets | CAP3xx: where secrets stand and flow |
| containment | CAP4xx: what lets a mistake grow |
| input | CAP5xx: what reaches effects unchecked |
| suppressions | CAP9xx: comments that hide findings |

| id | rule | severity | confidence |
|---|---|---|---|
`)
	for _, r := range rules {
		fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s | %s |\n", r.ID, r.ID, r.Title, r.Severity, r.Confidence)
	}
	return b.String()
}

// TestFactsPage: the page that says what rules can look at names every list.
func TestFactsPage(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(pagesDir, "facts.md"))
	if err != nil {
		t.Fatal(err)
	}
	rules, err := builtinRules()
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range listNames(rules) {
		if !strings.Contains(string(text), "`"+list+"`") {
			t.Errorf("docs/rules/facts.md does not name the list %s", list)
		}
	}
}
