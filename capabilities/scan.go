package capabilities

import "strings"

// scanner finds references in one pass over a text.
type scanner struct {
	text  string
	found []Reference

	unclosed string // closing marks that stand nowhere further on, in a row
}

// templates finds what is marked as a reference by a brace or a dollar sign.
func (s *scanner) templates() {
	for at := 0; at < len(s.text); {
		next := strings.IndexAny(s.text[at:], "${")
		if next < 0 {
			return
		}
		at = s.template(at + next)
	}
}

// template reads what begins at offset at, and returns where to go on.
func (s *scanner) template(at int) int {
	rest := s.text[at:]
	for _, form := range [...]struct {
		open, close string
		syntax      Syntax
	}{{"${{", "}}", Actions}, {"{{{", "}}}", Mustache}, {"{{", "}}", Mustache}, {"${", "}", Shell}} {
		if !strings.HasPrefix(rest, form.open) {
			continue
		}
		inner := len(form.open)
		length := s.closing(at+inner, form.close)
		if length < 0 {
			return at + inner
		}
		end := inner + length + len(form.close)
		s.expression(at, at+inner, at+inner+length, form.syntax, rest[:end])
		return at + end
	}
	if rest[0] != '$' || len(rest) < 2 {
		return at + 1
	}
	if rest[1] == '.' || rest[1] == '[' {
		return s.jsonPath(at)
	}
	if isLetter(rest[1]) {
		return s.runtime(at)
	}
	return at + 1
}

// closing returns how far behind at the mark stands, -1 where it does not. A mark
// that was not found once is not looked for again, which keeps a text of nothing
// but openings linear.
func (s *scanner) closing(at int, mark string) int {
	if strings.Contains(s.unclosed, "|"+mark+"|") {
		return -1
	}
	length := strings.Index(s.text[at:], mark)
	if length < 0 {
		s.unclosed += "|" + mark + "|"
	}
	return length
}

// expression finds the paths between start and end: not the words in quotes, nor
// the names of functions and filters. text is the whole, which begins at whole;
// where text is "", each path stands for itself.
func (s *scanner) expression(whole, start, end int, syntax Syntax, text string) {
	filter := false
	for at := start; at < end; {
		c := s.text[at]
		switch {
		case c == '"' || c == '\'':
			closing := strings.IndexByte(s.text[at+1:end], c)
			if closing < 0 {
				return
			}
			at += closing + 2
		case isLetter(c) || c == '$' && at+1 < end:
			path, stop := s.path(at, end)
			if !filter && !isKeyword(path) && (stop >= end || s.text[stop] != '(') {
				ref := Reference{Text: text, Start: whole, Syntax: syntax}
				if text == "" {
					ref.Text, ref.Start = s.text[at:stop], at
				}
				s.add(ref, path)
			}
			at, filter = max(stop, at+1), false
		case isDigit(c):
			for at < end && (isWord(s.text[at]) || s.text[at] == '.') {
				at++
			}
		default:
			filter = c == '|' && (at+1 >= end || s.text[at+1] != '|') && (at == start || s.text[at-1] != '|') || filter && isBlank(c)
			at++
		}
	}
}

// maxIndex bounds the bytes of an index or filter in brackets.
const maxIndex = 1024

// path reads names joined by dots and indices from at, and returns them and
// where they end.
func (s *scanner) path(at, end int) (names []string, stop int) {
	start := at
	pointer := false // behind #, a slash separates names
	if at < end && s.text[at] == '$' {
		at++
	}
	for at < end {
		switch c := s.text[at]; {
		case isWord(c):
			at++
		case c == '.' || c == '#' || c == '/' && pointer:
			pointer = pointer || c == '#'
			names = appendName(names, s.text[start:at])
			at++
			start = at
		case c == '[':
			names = appendName(names, s.text[start:at])
			closing := strings.IndexByte(s.text[at:min(end, at+maxIndex)], ']')
			if closing < 0 {
				return names, at
			}
			names = appendName(names, strings.Trim(s.text[at+1:at+closing], `'"`))
			at += closing + 1
			start = at
		default:
			return appendName(names, s.text[start:at]), at
		}
	}
	return appendName(names, s.text[start:at]), at
}

func appendName(names []string, name string) []string {
	if name = strings.TrimPrefix(name, "$"); name != "" {
		names = append(names, name)
	}
	return names
}

// jsonPath reads $.a.b[0]; the names in a filter are left to the next round.
func (s *scanner) jsonPath(at int) int {
	path, stop := s.path(at, len(s.text))
	ref := Reference{Text: s.text[at:stop], Start: at, Syntax: JSONPath, Root: FromResponse, Path: path}
	s.found = append(s.found, ref)
	if open := strings.IndexByte(ref.Text, '['); open >= 0 && strings.Contains(ref.Text[open:], "$") {
		return at + open + 1
	}
	return max(stop, at+2)
}

// runtime reads an Arazzo runtime expression, or the engine's $this.
func (s *scanner) runtime(at int) int {
	path, stop := s.path(at+1, len(s.text))
	// A full stop that ends a sentence is not part of the expression.
	if stop > at && s.text[stop-1] == '.' {
		stop--
	}
	ref := Reference{Text: s.text[at:stop], Start: at, Syntax: Runtime}
	if len(path) > 0 && isRuntimeRoot(path[0]) {
		s.add(ref, path)
	}
	return stop
}

func isRuntimeRoot(name string) bool {
	switch name {
	case "inputs", "outputs", "steps", "workflows", "sourceDescriptions", "components", "this",
		"request", "response", "statusCode", "url", "method", "self", "message":
		return true
	}
	return false
}

// whole takes the text for one dotted path, if it is nothing else.
func (s *scanner) whole() {
	text := strings.TrimSpace(s.text)
	if text == "" || !isLetter(text[0]) || !strings.ContainsAny(text, ".[") {
		return
	}
	start := strings.Index(s.text, text)
	path, stop := s.path(start, start+len(text))
	if stop == start+len(text) && len(path) > 1 && text[len(text)-1] != '.' {
		s.add(Reference{Text: text, Start: start, Syntax: Dotted}, path)
	}
}

// comparisons finds the paths of a condition that marks none: those with a dot,
// and names that something is compared with.
func (s *scanner) comparisons() {
	all := scanner{text: s.text}
	all.expression(0, 0, len(s.text), Dotted, "")
	for _, ref := range all.found {
		if len(ref.Path) > 0 || ref.Root != FromName || isCompared(s.text, ref) {
			s.found = append(s.found, ref)
		}
	}
}

// isCompared reports whether a name is all of the text, or stands beside an
// operator.
func isCompared(text string, ref Reference) bool {
	before := strings.TrimRight(text[:ref.Start], " ")
	after := strings.TrimLeft(text[ref.Start+len(ref.Text):], " ")
	return before == "" && after == "" || strings.HasSuffix(before, "!") || strings.HasSuffix(before, "=") ||
		after != "" && strings.IndexByte("=!<>", after[0]) >= 0
}

// add finds the root of a path and keeps the reference.
func (s *scanner) add(ref Reference, path []string) {
	if len(path) == 0 {
		return
	}
	ref.Root, ref.Name, ref.Path = rootOf(path)
	s.found = append(s.found, ref)
}

func rootOf(path []string) (root Root, name string, rest []string) {
	first := path[0]
	switch strings.ToLower(first) {
	case "inputs", "input", "params", "parameters", "args", "arguments":
		root = FromInput
	case "steps", "step":
		root = FromStep
	case "workflows":
		root = FromWorkflow
	case "secrets", "secret":
		root = FromSecret
	case "env", "context", "config", "vars", "environment":
		root = FromEnv
	case "response", "message":
		root = FromResponse
	case "request":
		root = FromRequest
	case "item":
		return FromItem, "item", path[1:]
	case "statuscode":
		return FromResponse, first, path[1:]
	case "url", "method":
		return FromRequest, first, path[1:]
	case "this": // $this.<adapter>.<parameter>
		if len(path) > 2 {
			return FromInput, path[2], path[3:]
		}
		return FromInput, path[len(path)-1], nil
	default:
		return FromName, first, path[1:]
	}
	if len(path) == 1 {
		return root, "", nil
	}
	return root, path[1], path[2:]
}

func isKeyword(path []string) bool {
	if len(path) != 1 {
		return len(path) == 0
	}
	switch strings.ToLower(path[0]) {
	case "true", "false", "null", "nil", "none", "and", "or", "not", "in", "is", "if", "else", "contains":
		return true
	}
	return false
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) || c == '-' }
func isBlank(c byte) bool  { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
