package source

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// The YAML library keeps where a node starts, not where it ends. An end is found
// in the text when it is asked for.

// Location returns the file and range of n; for an alias, of the alias.
func (n Node) Location() Location {
	if n.y == nil {
		return Location{}
	}
	f, at := n.doc.File, n.offset()
	start := n.placeAt(at)
	return Location{File: f.Name, Range: Range{Start: start, End: f.positionFrom(start.Line, n.end(at))}}
}

// begin is the location of n's first character alone.
func (n Node) begin() Location {
	at := n.place()
	return Location{File: n.doc.File.Name, Range: Range{Start: at, End: at}}
}

// Range returns the range of n in its file; for an alias, of the alias.
func (n Node) Range() Range { return n.Location().Range }

// place is the place of n's first character.
func (n Node) place() Position { return n.placeAt(n.offset()) }

func (n Node) placeAt(offset int) Position {
	f := n.doc.File
	return f.positionFrom(min(max(n.y.Line, 1), f.Lines()), offset)
}

// offset is where n's first character stands. The library places what is empty
// behind the end of the text: an offset never lies there.
func (n Node) offset() int { return n.doc.File.Offset(Position{n.y.Line, n.y.Column}) }

// end returns the offset behind n, which begins at at.
func (n Node) end(at int) int {
	text := n.doc.File.Text
	switch n.y.Kind {
	case yaml.AliasNode:
		return min(at+1+len(n.y.Value), len(text))
	case yaml.ScalarNode:
		return endOfScalar(text, skipProperties(text, at, n.y), n.y)
	}
	if len(n.y.Content) > 0 {
		last := Node{n.doc, n.y.Content[len(n.y.Content)-1]}
		at = last.end(last.offset())
	}
	if n.y.Style&yaml.FlowStyle == 0 {
		return at
	}
	// What may follow the last item: spaces, a comma, comments, the bracket.
	for ; at < len(text); at++ {
		switch text[at] {
		case ']', '}':
			return at + 1
		case '#':
			at = lineEnd(text, at)
		}
	}
	return at
}

// skipProperties passes over the anchor and the tag in front of a node.
func skipProperties(text []byte, at int, y *yaml.Node) int {
	for at < len(text) && (y.Anchor != "" && text[at] == '&' || y.Style&yaml.TaggedStyle != 0 && text[at] == '!') {
		for at < len(text) && !isSpace(text[at]) {
			at++
		}
		for at < len(text) && isSpace(text[at]) {
			at++
		}
	}
	return at
}

func endOfScalar(text []byte, at int, y *yaml.Node) int {
	switch {
	case y.Style&yaml.DoubleQuotedStyle != 0:
		return endOfQuoted(text, at, '"')
	case y.Style&yaml.SingleQuotedStyle != 0:
		return endOfQuoted(text, at, '\'')
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return endOfBlock(text, at)
	}
	return endOfPlain(text, at, y.Value)
}

func endOfQuoted(text []byte, at int, quote byte) int {
	for at++; at < len(text); at++ {
		switch {
		case text[at] == '\\' && quote == '"':
			at++
		case text[at] == quote && quote == '\'' && at+1 < len(text) && text[at+1] == quote:
			at++
		case text[at] == quote:
			return at + 1
		}
	}
	return min(at, len(text))
}

// endOfBlock passes over the header line and every line that is blank or deep
// enough: as deep as the first line with text, or as the header says. Trailing
// blank lines stay outside.
func endOfBlock(text []byte, at int) int {
	end := lineEnd(text, at)
	indent := statedIndent(text, at)
	for line := end + 1; line < len(text); {
		stop := lineEnd(text, line)
		content := bytes.TrimLeft(text[line:stop], " ")
		depth := stop - line - len(content)
		if len(bytes.TrimSpace(content)) > 0 {
			if indent < 0 {
				indent = depth
			}
			if depth < indent || indent == 0 {
				break
			}
			end = stop
		}
		line = stop + 1
	}
	return end
}

// statedIndent returns the depth of a block whose header states it, |2 or >+1,
// and -1 where the first line decides. It is stated relative to the key or dash
// in front of the block.
func statedIndent(text []byte, at int) int {
	stated := 0
	for i := at + 1; i < len(text) && i <= at+2; i++ {
		if text[i] >= '1' && text[i] <= '9' {
			stated = int(text[i] - '0')
		}
	}
	if stated == 0 {
		return -1
	}
	start := bytes.LastIndexByte(text[:at], '\n') + 1
	depth := 0
	for start+depth < at {
		switch rest := text[start+depth:]; {
		case rest[0] == ' ':
			depth++
		case rest[0] == '-' && len(bytes.TrimLeft(rest[1:], " ")) > 0 && !isBlockHeader(bytes.TrimLeft(rest[1:], " ")):
			depth++ // the key behind a dash stands deeper
		default:
			return depth + stated
		}
	}
	return depth + stated
}

func isBlockHeader(rest []byte) bool { return rest[0] == '|' || rest[0] == '>' }

// endOfPlain follows the words of value through the text: folding changes
// nothing but the space between them.
func endOfPlain(text []byte, at int, value string) int {
	if bytes.HasPrefix(text[at:], []byte(value)) {
		return at + len(value)
	}
	end := at
	for _, word := range strings.Fields(value) {
		next := end
		for next < len(text) && isSpace(text[next]) {
			next++
		}
		if !bytes.HasPrefix(text[next:], []byte(word)) {
			return end
		}
		end = next + len(word)
	}
	return end
}

func lineEnd(text []byte, at int) int {
	if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(text)
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

// Width returns the number of columns from start to end where both lie in one
// line, and to the end of the start's line otherwise.
func (f *File) Width(r Range) int {
	if r.Start.Line == r.End.Line {
		return max(r.End.Column-r.Start.Column, 0)
	}
	return max(utf8.RuneCountInString(f.Line(r.Start.Line))-r.Start.Column+1, 0)
}
