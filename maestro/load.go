package maestro

import (
	"bytes"
	_ "embed" // for model.json
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// The files in data/ are written by people, in YAML with comments. model.json is
// the same data, made from them by `go test ./maestro -run TestModel -update` and
// kept equal by that test: it is read at every start, and JSON is read in a
// fraction of the time.
//
//go:embed model.json
var embedded []byte

// model is all embedded data, read once. Nothing changes it afterwards.
type model struct {
	sources    map[string]Source
	names      map[string]string // names of references
	layers     []Layer
	threats    []Threat
	traits     []trait
	lexicon    *lexicon
	grammar    grammar
	rules      []rule
	rulings    []ruling
	exclusions []exclusion
	chains     []chain
}

// builtin returns the embedded model. Data that cannot be read are a fault of
// the build, which the tests of this package find.
var builtin = sync.OnceValue(func() *model {
	m, err := load(embedded)
	if err != nil {
		panic(err)
	}
	return m
})

// document is the shape of model.json: one member a file of data/.
type document struct {
	References map[string]string `json:"references"`
	Threats    catalogueFile     `json:"threats"`
	Lexicon    lexiconFile       `json:"lexicon"`
	Traits     traitsFile        `json:"traits"`
	Rules      rulesFile         `json:"rules"`
	Chains     chainsFile        `json:"chains"`
}

func load(text []byte) (*model, error) {
	var d document
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return nil, fmt.Errorf("embedded data: %w", err)
	}
	m := &model{sources: d.Threats.Sources, names: d.References, lexicon: newLexicon()}
	for _, take := range []func(*document) error{
		m.takeCatalogue, m.takeLexicon, m.takeTraits, m.takeRules, m.takeChains,
	} {
		if err := take(&d); err != nil {
			return nil, fmt.Errorf("embedded data: %w", err)
		}
	}
	return m, nil
}

// known reports whether a source is listed: a key of `sources` or the id of a
// reference, and after a space a place in it.
func (m *model) known(cited string) bool {
	key, _, _ := strings.Cut(cited, " ")
	return m.sources[key].Title != "" || m.names[key] != ""
}

// entry checks what every entry must have.
func (m *model) entry(id, source string) error {
	if id == "" {
		return fmt.Errorf("an entry without id")
	}
	if !m.known(source) {
		return fmt.Errorf("%s: source %q is not listed", id, source)
	}
	return nil
}
