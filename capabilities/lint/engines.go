package lint

import (
	"slices"
	"sync"
)

// engines holds the compiled rules of the program. Compiling all of them takes
// longer than judging a file, so that the first file has those compiled that it
// needs. Rules do not see each other: it makes no difference to what they find.
type engines struct {
	mutex sync.Mutex
	first *engine
	names []string // the rules that first holds
	all   *engine
	many  bool // more files are to come
}

// of returns an engine that holds the rules.
func (e *engines) of(rules []*rule) (*engine, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.all != nil {
		return e.all, nil
	}
	var err error
	if e.first == nil && !e.many {
		for _, r := range rules {
			e.names = append(e.names, r.Name)
		}
		e.first, err = compileBuiltin(func(rule string) bool { return slices.Contains(e.names, rule) })
		return e.first, err
	}
	for _, r := range rules {
		if e.first == nil || !slices.Contains(e.names, r.Name) {
			e.all, err = compileBuiltin(func(string) bool { return true })
			return e.all, err
		}
	}
	return e.first, nil
}

// expectMany says that more than one file is to come, and compiles all rules in the
// background. An error comes back when the rules are asked for.
func (e *engines) expectMany(rules []*rule) {
	e.mutex.Lock()
	before := e.many
	e.many = true
	e.mutex.Unlock()
	if !before {
		go func() { _, _ = e.of(rules) }()
	}
}

// compileBuiltin compiles the library and the rules that are wanted.
func compileBuiltin(wanted func(rule string) bool) (*engine, error) {
	modules, err := readModules(builtin, "rules")
	if err != nil {
		return nil, err
	}
	for file := range modules {
		if name := ruleOfFile(file); name != "lib" && !wanted(name) {
			delete(modules, file)
		}
	}
	return compile(modules, builtinRoot, nil)
}
