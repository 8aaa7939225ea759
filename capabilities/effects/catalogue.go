package effects

import (
	"embed"
	"fmt"
	"strings"
	"sync"

	"agentrisk/internal/source"
)

// Entry is one operation of the catalogue, or one that a caller adds:
// {ID: "hr.ask_manager", Control: Approve}.
type Entry struct {
	Provider string // "" fits every provider
	ID       string
	Method   string
	Path     string // parameters in braces, their names do not matter
	Effect   Effect
	Control  Control
	Denial   string // how a refusal arrives as success, "" where it does not
	Alias    string // the id that was meant where ID does not exist
	Note     string
}

// nothing is the alias of an id that nothing real stands behind.
const nothing = "none"

type matched uint8

const (
	notFound matched = iota
	byID
	byPath
)

// catalogue finds operations by provider and id, or by method and path.
type catalogue struct {
	entries   []Entry
	providers map[string]string // an alias or host to the provider's name
	byID      map[string]*Entry // provider/id, and /id where only one has it
	byPath    map[string]*Entry // provider/METHOD path
	known     map[string]bool   // the providers' names
	last      *catalogue        // asked where this one knows nothing
}

//go:embed catalogue.tsv
var compact embed.FS

// loadCatalogue reads the compact form, which a test holds to the YAML files.
var loadCatalogue = sync.OnceValues(readCatalogue)

func readCatalogue() (*catalogue, error) {
	file, err := source.ReadFile(compact, "catalogue.tsv", source.Limits{})
	if err != nil {
		return nil, err
	}
	return readCompact(string(file.Text))
}

// readCompact reads lines of nine fields parted by tabs. Lines of two give a
// provider other names.
func readCompact(text string) (*catalogue, error) {
	c := &catalogue{providers: map[string]string{}, known: map[string]bool{}}
	c.entries = make([]Entry, 0, strings.Count(text, "\n"))
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n++
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		switch len(f) {
		case 2:
			c.known[f[0]] = true
			for alias := range strings.FieldsSeq(f[1]) {
				c.providers[alias] = f[0]
			}
		case 8:
			c.entries = append(c.entries, Entry{Provider: f[0], ID: f[1], Method: f[2], Path: f[3],
				Effect: Effect(f[4]), Control: Control(f[5]), Denial: f[6], Alias: f[7]})
		default:
			return nil, fmt.Errorf("catalogue.tsv:%d: %d fields, expected 2 or 8", n, len(f))
		}
	}
	c.index()
	return c, nil
}

func (c *catalogue) index() {
	c.byID = make(map[string]*Entry, 2*len(c.entries))
	c.byPath = make(map[string]*Entry, len(c.entries))
	for i := range c.entries {
		e := &c.entries[i]
		if e.ID != "" {
			c.byID[e.Provider+"/"+foldID(e.ID)] = e
			if distinctive(e.ID) {
				c.byID["/"+foldID(e.ID)] = e
			}
		}
		if e.Method != "" && e.Path != "" && e.Alias == "" {
			c.byPath[e.Provider+"/"+e.Method+" "+foldPath(e.Path)] = e
		}
	}
}

// distinctive reports whether an id is so much of one provider's own that it may
// be known without the provider's name.
func distinctive(id string) bool {
	return strings.Contains(id, "Controller_") || strings.Contains(id, "Controller.")
}

// with returns a catalogue that asks extra entries first.
func (c *catalogue) with(extra []Entry) (*catalogue, error) {
	if len(extra) == 0 {
		return c, nil
	}
	own := &catalogue{entries: append([]Entry(nil), extra...), providers: c.providers, known: c.known, last: c}
	for i := range own.entries {
		e := &own.entries[i]
		if e.Control == "" {
			e.Control = None
		}
		if e.Effect == "" {
			e.Effect = usual(e.Control)
		}
		e.Provider = c.provider(e.Provider)
		e.Method = strings.ToUpper(e.Method)
		if err := e.check(); err != nil {
			return nil, err
		}
	}
	own.index()
	for i := range own.entries {
		if e := &own.entries[i]; e.Provider == "" && e.ID != "" {
			own.byID["/"+foldID(e.ID)] = e
		}
	}
	return own, nil
}

// usual is the effect of an operation that serves only as a control.
func usual(c Control) Effect {
	switch c {
	case Authenticate:
		return Credential
	case Approve, Audit, None, Rollback:
		return Write
	}
	return Read
}

func (e Entry) check() error {
	at := e.ID
	if at == "" {
		at = strings.TrimSpace(e.Method + " " + e.Path)
	}
	switch {
	case at == "":
		return fmt.Errorf("catalogue addition names no operation (give an id, or a method and a path)")
	case e.ID == "" && (e.Method == "" || e.Path == ""):
		return fmt.Errorf("catalogue addition %q has no id, so it needs a method and a path", at)
	case !e.Effect.Valid():
		return fmt.Errorf("catalogue addition %q has the effect %q, which is none; %s", at, e.Effect, oneOf(e.Effect, AllEffects()))
	case !e.Control.Valid():
		return fmt.Errorf("catalogue addition %q has the control %q, which is none; %s", at, e.Control, oneOf(e.Control, AllControls()))
	}
	return nil
}

func oneOf[T ~string](have T, all []T) string {
	names := make([]string, len(all))
	for i, one := range all {
		names[i] = string(one)
	}
	if hint := source.DidYouMean(string(have), names); hint != "" {
		return hint
	}
	return "expected one of " + strings.Join(names, ", ")
}

// find looks an operation up by id, then by method and path.
func (c *catalogue) find(op Operation) (*Entry, matched) {
	if c.byID == nil && c.last == nil {
		return nil, notFound
	}
	provider := c.provider(op.Provider)
	for _, id := range [...]string{op.ID, op.Name} {
		if id == "" {
			continue
		}
		id = foldID(id)
		if e := c.byID[provider+"/"+id]; e != nil && e.methodFits(op.Method) && e.pathFits(op.Path) {
			return e, byID
		}
		if e := c.byID["/"+id]; e != nil && e.methodFits(op.Method) && (e.Provider == "" || op.Provider == "" || e.Provider == provider) {
			return e, byID
		}
	}
	if op.Method != "" && op.Path != "" && len(c.byPath) > 0 {
		path := foldPath(op.Path)
		for _, p := range [...]string{provider, c.host(op.Path), ""} {
			if e := c.byPath[p+"/"+op.Method+" "+path]; e != nil {
				return e, byPath
			}
		}
	}
	if c.last != nil {
		return c.last.find(op)
	}
	return nil, notFound
}

func (e *Entry) methodFits(method string) bool {
	return method == "" || e.Method == "" || e.Method == method
}

// pathFits keeps an entry without a path of its own, or with another, from
// standing for an operation whose path is known to differ.
func (e *Entry) pathFits(path string) bool {
	return path == "" || e.Path == "" || foldPath(path) == foldPath(e.Path)
}

// provider returns the catalogue's name for a provider: "clerk-com", "Clerk" and
// "api-evangelist__clerk-com" are "clerk".
func (c *catalogue) provider(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	if _, after, ok := strings.Cut(name, "__"); ok {
		name = after
	}
	name = strings.ReplaceAll(name, " ", "-")
	if known, ok := c.providers[name]; ok {
		return known
	}
	return name
}

// begins returns the provider whose name, of one or two words, text begins with.
func (c *catalogue) begins(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ' ' || r == '-' || r == '_' || r == '/' })
	for n := min(2, len(words)); n > 0; n-- {
		name := strings.Join(words[:n], "-")
		if p := c.provider(name); p != name || c.known[p] {
			return p
		}
	}
	return ""
}

func (c *catalogue) host(path string) string {
	_, after, ok := strings.Cut(path, "://")
	if !ok {
		return ""
	}
	host, _, _ := strings.Cut(after, "/")
	for host != "" {
		if p := c.providers[host]; p != "" {
			return p
		}
		_, host, _ = strings.Cut(host, ".")
	}
	return ""
}

// foldID makes ids comparable: PipesController_create[0] and pipescontroller-create.
func foldID(id string) string {
	if i := strings.IndexByte(id, '['); i > 0 {
		id = id[:i]
	}
	return squash(id)
}

// foldPath makes paths comparable: no host, no prefix of version or "api", no
// parameter names, lower case.
func foldPath(path string) string {
	if i := strings.Index(path, "://"); i >= 0 {
		_, path, _ = strings.Cut(path[i+3:], "/")
	}
	path, _, _ = strings.Cut(path, "?")
	var b strings.Builder
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || b.Len() == 0 && (part == "api" || isVersion(part)) {
			continue
		}
		b.WriteByte('/')
		if isParameter(part) {
			b.WriteString("{}")
		} else {
			b.WriteString(strings.ToLower(part))
		}
	}
	return b.String()
}
