package tree

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"strings"
)

// ignore holds the rules of .gitignore files from the root of a repository down
// to one folder, as gitignore(5) describes them.
type ignore struct {
	above *ignore
	dir   string // the folder that the patterns begin at
	rules []ignoreRule
}

// ignoreRule is one line.
type ignoreRule struct {
	parts    []string // of the pattern, between slashes; "**" is any number of folders
	anywhere bool     // it has no slash: it means a name at any depth
	folders  bool     // it means folders alone
	keep     bool     // it begins with !: what it means is not ignored
}

// maxIgnoreFile bounds a .gitignore file; what is above is not read.
const maxIgnoreFile = 1 << 20

// rulesAbove are the rules that hold for a folder because of those above it.
func (f *finder) rulesAbove(dir string) *ignore {
	var above []string
	for d := dir; ; d = path.Dir(d) {
		above = append(above, d)
		if _, err := fs.Stat(f.tree.FS, path.Join(d, ".git")); err == nil || d == "." {
			break
		}
	}
	top := above[len(above)-1]
	rules := &ignore{dir: top, rules: readIgnore(f.tree.FS, path.Join(top, ".git/info/exclude"))}
	for i := len(above) - 1; i > 0; i-- {
		rules = rules.in(f.tree.FS, above[i])
	}
	return rules
}

// in adds the rules of the .gitignore in a folder.
func (g *ignore) in(fsys fs.FS, dir string) *ignore {
	rules := readIgnore(fsys, path.Join(dir, ".gitignore"))
	if len(rules) == 0 {
		return g
	}
	return &ignore{g, dir, rules}
}

// ignores reports whether the file or folder of that name is ignored; that its
// folder is not has been found out before. Of the rules that mean it the last
// one counts, those of deeper folders first.
func (g *ignore) ignores(name string, folder bool) bool {
	for ; g != nil; g = g.above {
		rel := name
		if g.dir != "." {
			rel = strings.TrimPrefix(name, g.dir+"/")
		}
		for i := len(g.rules) - 1; i >= 0; i-- {
			if r := &g.rules[i]; r.means(rel, folder) {
				return !r.keep
			}
		}
	}
	return false
}

func readIgnore(fsys fs.FS, name string) []ignoreRule {
	file, err := fsys.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxIgnoreFile))
	if err != nil {
		return nil
	}
	var rules []ignoreRule
	for line := range bytes.Lines(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))) {
		if r, ok := parseIgnore(strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r")); ok {
			rules = append(rules, r)
		}
	}
	return rules
}

// parseIgnore reads one line of a .gitignore file.
func parseIgnore(line string) (r ignoreRule, ok bool) {
	if strings.HasPrefix(line, "#") {
		return r, false
	}
	line = trimSpaces(line)
	if line, r.keep = strings.CutPrefix(line, "!"); line == "" {
		return r, false
	}
	line, r.folders = strings.CutSuffix(line, "/")
	r.anywhere = !strings.Contains(line, "/")
	if line = strings.TrimPrefix(line, "/"); line == "" {
		return r, false
	}
	r.parts = strings.Split(line, "/")
	for i, part := range r.parts {
		if part != "**" || r.anywhere {
			r.parts[i] = globOf(part)
		}
	}
	return r, true
}

// trimSpaces takes spaces off the end that no backslash protects.
func trimSpaces(line string) string {
	for strings.HasSuffix(line, " ") {
		slashes := 0
		for i := len(line) - 2; i >= 0 && line[i] == '\\'; i-- {
			slashes++
		}
		if slashes%2 == 1 {
			return line
		}
		line = line[:len(line)-1]
	}
	return line
}

// classes are the named classes of characters, as path.Match writes them.
var classes = strings.NewReplacer("[:alnum:]", "a-zA-Z0-9", "[:alpha:]", "a-zA-Z", "[:digit:]", "0-9", "[:lower:]", "a-z",
	"[:upper:]", "A-Z", "[:xdigit:]", "0-9a-fA-F", "[:space:]", " \t\n\r\v\f", "[:blank:]", " \t")

// globOf rewrites one part of a pattern for path.Match: [!x] is [^x] there, and a
// class may not begin with its own end.
func globOf(part string) string {
	part = classes.Replace(part)
	var b strings.Builder
	for i := 0; i < len(part); i++ {
		b.WriteByte(part[i])
		switch {
		case part[i] == '\\' && i+1 < len(part):
			i++
			b.WriteByte(part[i])
		case part[i] == '[':
			if i+1 < len(part) && (part[i+1] == '!' || part[i+1] == '^') {
				i++
				b.WriteByte('^')
			}
			if i+1 < len(part) && part[i+1] == ']' {
				i++
				b.WriteString(`\]`)
			}
			for i+1 < len(part) && part[i+1] != ']' {
				i++
				b.WriteByte(part[i])
				if part[i] == '\\' && i+1 < len(part) {
					i++
					b.WriteByte(part[i])
				}
			}
		}
	}
	return b.String()
}

// means reports whether the rule speaks of the file or folder, whose name is
// relative to the rule's own folder.
func (r *ignoreRule) means(name string, folder bool) bool {
	if r.folders && !folder {
		return false
	}
	if r.anywhere {
		ok, _ := path.Match(r.parts[0], path.Base(name))
		return ok
	}
	return matchParts(r.parts, strings.Split(name, "/"))
}

// matchParts matches folder by folder, in time bounded by the product of the
// lengths: reach[j] tells whether the pattern so far matches the first j parts.
func matchParts(pattern, name []string) bool {
	reach := make([]bool, len(name)+1)
	reach[0] = true
	for i, part := range pattern {
		next := make([]bool, len(name)+1)
		for j := range reach {
			switch {
			case part != "**":
				if j < len(name) && reach[j] {
					ok, _ := path.Match(part, name[j])
					next[j+1] = ok
				}
			case i == len(pattern)-1: // what lies inside, not the folder itself
				next[j] = j > 0 && (next[j-1] || reach[j-1])
			default:
				next[j] = reach[j] || j > 0 && next[j-1]
			}
		}
		reach = next
	}
	return reach[len(name)]
}
