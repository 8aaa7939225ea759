package maestro

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"agentrisk/internal/source"
)

// docs/lexicon.md is made of the data: go test ./maestro -run TestLexiconPage -update.
func TestLexiconPage(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(`# The lexicon of traits

This page is made from ` + "`maestro/data`" + ` by ` + "`go test ./maestro -update`" + `; do not edit it.
[How a layer is decided](maestro.md) tells what the traits are used for.

## How a pattern reads

A pattern is words in order. ` + "`a|b`" + ` is one or the other, ` + "`<send>`" + ` any word of a class (see the end of
this page), ` + "`..`" + ` up to three words in between. Case, hyphens and the form of the apostrophe do not count;
whole words only, and inflections are listed. Articles and the like may stand anywhere in a pattern.

`)
	writeTraits(&b, readYAML(t, "data/traits.yaml").Get("traits"))
	writeGrammar(&b, readYAML(t, "data/lexicon.yaml"))
	golden(t, "../docs/lexicon.md", b.Bytes())
}

func writeTraits(b *bytes.Buffer, traits source.Node) {
	b.WriteString("## Traits\n\n")
	for _, n := range traits.Items() {
		fmt.Fprintf(b, "### %s\n\nThe agent %s.", n.Get("id").Text(), n.Get("means").Text())
		if layers := texts(n.Get("layers")); len(layers) > 0 {
			fmt.Fprintf(b, " Maps %s.", strings.Join(layers, ", "))
		} else {
			b.WriteString(" Maps no layer by itself.")
		}
		if n.Get("kind").Text() == "control" {
			b.WriteString(" A control.")
		}
		fmt.Fprintf(b, " Rests on %s.\n\n", n.Get("source").Text())
		writeList(b, "shown by", texts(n.Get("words")))
		writeList(b, "denied by", texts(n.Get("denied")))
		writeList(b, "denied, and not shown, by a denial of", texts(n.Get("without")))
		writeList(b, "first verbs of a tool's name", texts(n.Get("verbs")))
		writeList(b, "implies", texts(n.Get("implies")))
		writeList(b, "supported by the factors", factorBounds(n.Get("factors")))
		writeList(b, "denied by the factors", factorBounds(n.Get("denied-factors")))
		fmt.Fprintf(b, "- for example: %s\n- not: %s\n\n", strings.Join(texts(n.Get("shows")), " "), strings.Join(texts(n.Get("spares")), " "))
	}
}

func factorBounds(n source.Node) []string {
	var out []string
	for _, item := range n.Items() {
		text := item.Get("key").Text()
		if item.Get("from").Exists() {
			text += " ≥ " + item.Get("from").Text()
		} else {
			text += " ≤ " + item.Get("to").Text()
		}
		out = append(out, text)
	}
	return out
}

func writeList(b *bytes.Buffer, title string, items []string) {
	if len(items) > 0 {
		fmt.Fprintf(b, "- %s: `%s`\n", title, strings.Join(items, "`, `"))
	}
}

func writeGrammar(b *bytes.Buffer, n source.Node) {
	b.WriteString("## Denials and hedges\n\n")
	denial, hedges := n.Get("denial"), n.Get("hedges")
	writeList(b, "deny an act that follows in the clause", texts(denial.Get("acts")))
	writeList(b, "deny a thing that follows in the clause", texts(denial.Get("things")))
	writeList(b, "deny what stands before in the clause", texts(denial.Get("backward")))
	writeList(b, "only look like denials", texts(denial.Get("pseudo")))
	writeList(b, "end a denial or a hedge", texts(denial.Get("breakers")))
	writeList(b, "undo a denial before them", append(texts(denial.Get("undone-by")), texts(denial.Get("acts-undone-by"))...))
	writeList(b, "begin a new statement after `and`", texts(denial.Get("verbs")))
	writeList(b, "hedges: what follows is no statement", texts(hedges.Get("always")))
	writeList(b, "hedges in notes on layers", texts(hedges.Get("notes")))
	b.WriteString("\n## Idioms, in which nothing is read\n\n")
	writeList(b, "idioms", texts(n.Get("idioms")))
	writeList(b, "first verbs of tools that change nothing", texts(n.Get("looking")))
	writeList(b, "words that may stand anywhere in a pattern", texts(n.Get("skip")))
	b.WriteString("\n## Word classes\n\n")
	for key, words := range n.Get("classes").Pairs() {
		fmt.Fprintf(b, "- `<%s>`: %s\n", key.Text(), strings.Join(texts(words), ", "))
	}
}
