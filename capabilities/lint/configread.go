package lint

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"agentrisk/capabilities/effects"
	"agentrisk/internal/source"
)

// ConfigName is the file that configures a tree.
const ConfigName = ".capcheck.yaml"

// RulesFolder holds the rules of the user's own, beside the configuration.
const RulesFolder = ".capcheck/rules"

// ConfigSchema is the JSON Schema of the configuration.
//
//go:embed config.schema.json
var ConfigSchema []byte

// FindConfig looks for the configuration in folder, a slash-separated path in
// fsys, and upwards to the root of fsys. It returns "" where there is none.
func FindConfig(fsys fs.FS, folder string) (name string, err error) {
	for dir := path.Clean(folder); ; dir = path.Dir(dir) {
		name := path.Join(dir, ConfigName)
		info, err := fs.Stat(fsys, name)
		switch {
		case err == nil && info.IsDir():
			return "", &source.Error{At: source.Location{File: name}, ID: "config", Message: "is a folder", Expected: "a file"}
		case err == nil:
			return name, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", &source.Error{At: source.Location{File: name}, ID: "unreadable", Message: err.Error(), Err: err}
		case dir == "." || dir == "/":
			return "", nil
		}
	}
}

// ReadConfig reads the configuration at name in fsys, and finds the rules of the
// user's own beside it. Today is left to the caller.
func ReadConfig(fsys fs.FS, name string) (Config, error) {
	f, err := source.ReadFile(fsys, name, source.Limits{})
	if err != nil {
		return Config{}, err
	}
	c, err := ParseConfig(f)
	if err != nil {
		return Config{}, err
	}
	folder := path.Join(path.Dir(name), RulesFolder)
	if info, err := fs.Stat(fsys, folder); err == nil && info.IsDir() {
		own, err := fs.Sub(fsys, folder)
		if err != nil {
			return Config{}, err
		}
		c.UserRules = append(c.UserRules, RuleDir{Name: folder, FS: own})
	}
	return c, nil
}

// ParseConfig reads a configuration. Every fault has its place; names that mean
// nothing are faults, with the nearest that does. Whether there is a rule of a
// name, New tells: the user's own are not known here.
func ParseConfig(f *source.File) (Config, error) {
	docs, err := source.Parse(f, source.Limits{Documents: 1})
	if err != nil {
		return Config{}, err
	}
	if len(docs) == 0 || docs[0].Root.IsNull() {
		return Config{}, nil // nothing is configured
	}
	if len(docs[0].Problems) > 0 {
		return Config{}, docs[0].Problems[0]
	}
	r := configReader{}
	c := r.config(docs[0].Root)
	return c, r.err
}

// configReader reads a configuration and keeps the first fault.
type configReader struct{ err error }

func (r *configReader) fail(at source.Node, message, expected, hint string) {
	if r.err == nil {
		r.err = &source.Error{At: at.Location(), ID: "config", Message: message, Expected: expected, Hint: hint}
	}
}

// fields calls the reader of every key of a map.
func (r *configReader) fields(n source.Node, what string, readers map[string]func(source.Node)) {
	if n.Kind() != source.Mapping {
		r.fail(n, what+" is "+n.Describe(), "a map", "")
		return
	}
	names := sortedNames(readers)
	for key, value := range n.Pairs() {
		if read := readers[key.Text()]; read != nil {
			read(value)
			continue
		}
		r.fail(key, fmt.Sprintf("%s has no field %q", what, key.Text()), "one of "+list(names), source.DidYouMean(key.Text(), names))
	}
}

func sortedNames[T any](m map[string]T) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (r *configReader) config(n source.Node) (c Config) {
	r.fields(n, "the configuration", map[string]func(source.Node){
		"version": func(v source.Node) {
			if v.Text() != "1" {
				r.fail(v, fmt.Sprintf("the version is %q", v.Text()), "1", "")
			}
		},
		"profile":   func(v source.Node) { c.Profile = Profile(r.word(v, "profile", words(Profiles()))) },
		"rules":     func(v source.Node) { c.Rules = r.rules(v) },
		"catalogue": func(v source.Node) { c.Catalogue = r.catalogue(v) },
		"paths": func(v source.Node) {
			r.fields(v, "paths", map[string]func(source.Node){
				"include": func(v source.Node) { c.Include = r.patterns(v, "paths.include") },
				"exclude": func(v source.Node) { c.Exclude = r.patterns(v, "paths.exclude") },
			})
		},
	})
	return c
}

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = string(one)
	}
	return out
}

// word reads one of several words.
func (r *configReader) word(n source.Node, what string, allowed []string) string {
	if n.Kind() != source.Scalar || n.IsNull() {
		r.fail(n, what+" is "+n.Describe(), "one of "+list(allowed), "")
		return ""
	}
	if !slices.Contains(allowed, n.Text()) {
		r.fail(n, fmt.Sprintf("there is no %s %q", what, n.Text()), "one of "+list(allowed), source.DidYouMean(n.Text(), allowed))
	}
	return n.Text()
}

func list(words []string) string {
	text := ""
	for i, w := range words {
		if i > 0 {
			text += ", "
		}
		text += w
	}
	return text
}

// rules reads settings by rule: a severity, off, or a map.
func (r *configReader) rules(n source.Node) map[string]RuleSetting {
	if n.Kind() != source.Mapping {
		r.fail(n, "rules is "+n.Describe(), "a map from rules to settings", "")
		return nil
	}
	out := map[string]RuleSetting{}
	for key, value := range n.Pairs() {
		out[key.Text()] = r.setting(value, "the setting of "+key.Text())
	}
	return out
}

func (r *configReader) setting(n source.Node, what string) RuleSetting {
	if n.Kind() == source.Scalar {
		word := n.Text()
		if b, ok := n.Bool(); ok && !b { // YAML 1.1 reads off as false
			word = "off"
		} else if ok {
			word = "on"
		}
		if word != "off" && word != "on" && !slices.Contains(words(Severities()), word) {
			known := append([]string{"on", "off"}, words(Severities())...)
			r.fail(n, what+" is "+source.Quote(n.Text()), "one of "+list(known), source.DidYouMean(n.Text(), known))
		}
		if word == "off" || word == "on" {
			return RuleSetting{Off: word == "off"}
		}
		return RuleSetting{Severity: Severity(word)}
	}
	var s RuleSetting
	r.fields(n, what, map[string]func(source.Node){
		"enabled": func(v source.Node) {
			on, ok := v.Bool()
			if !ok {
				r.fail(v, "enabled is "+v.Describe(), "true or false", "")
			}
			s.Off = !on
		},
		"severity": func(v source.Node) { s.Severity = Severity(r.word(v, "severity", words(Severities()))) },
	})
	return s
}

// catalogue reads what operations of the user's own do.
func (r *configReader) catalogue(n source.Node) []CatalogueEntry {
	if n.Kind() != source.Sequence {
		r.fail(n, "catalogue is "+n.Describe(), "a list of operations", "")
		return nil
	}
	var out []CatalogueEntry
	for _, item := range n.Items() {
		var e CatalogueEntry
		r.fields(item, "an entry of the catalogue", map[string]func(source.Node){
			"operation": func(v source.Node) { e.Operation = r.name(v, "operation") },
			"provider":  func(v source.Node) { e.Provider = r.name(v, "provider") },
			"effect":    func(v source.Node) { e.Effect = r.word(v, "effect", words(effects.AllEffects())) },
			"control":   func(v source.Node) { e.Control = r.word(v, "control", words(effects.AllControls())) },
		})
		if e.Operation == "" {
			r.fail(item, "an entry of the catalogue names no operation", "operation: namespace.name", "")
		}
		if e.Effect == "" && e.Control == "" {
			r.fail(item, "an entry of the catalogue says nothing of its operation", "effect or control", "")
		}
		out = append(out, e)
	}
	return out
}

// name reads a text that is not empty.
func (r *configReader) name(n source.Node, what string) string {
	if n.Kind() != source.Scalar || n.IsNull() || n.Text() == "" {
		r.fail(n, what+" is "+n.Describe(), "a name", "")
	}
	return n.Text()
}

func (r *configReader) patterns(n source.Node, what string) []string {
	if n.Kind() != source.Sequence {
		r.fail(n, what+" is "+n.Describe(), "a list of patterns", "")
		return nil
	}
	var out []string
	for _, item := range n.Items() {
		if !item.IsString() || item.Text() == "" {
			r.fail(item, what+" holds "+item.Describe(), "a pattern", "")
			continue
		}
		out = append(out, item.Text())
	}
	return out
}
