package maestro

import (
	"fmt"
	"slices"
	"strings"

	"agentrisk/internal/source"
)

// Layer is one of the seven.
type Layer struct {
	ID        string      `json:"id"` // L1 to L7
	Name      string      `json:"name"`
	Meaning   string      `json:"meaning"`
	CoreRisks []Reference `json:"core_risks"` // OWASP AIVSS core risks, by AIVSS v0.8's own mapping
}

// Threat is a published threat. MAESTRO gives threats no ids: these are ours.
// Names recur across layers, so that only layer and name, or the id, say which
// threat is meant.
type Threat struct {
	ID          string      `json:"id"`    // L1-01 to L7-13, X-01 to X-05
	Layer       string      `json:"layer"` // L1 to L7, or X across layers
	Name        string      `json:"name"`
	Aliases     []string    `json:"aliases"`
	Description string      `json:"description"`
	Advice      string      `json:"advice"`
	References  []Reference `json:"references"`
	Detectable  bool        `json:"detectable"` // whether a listing can show exposure to it
	Source      string      `json:"source"`
}

// Reference points at an entry of another catalogue, by an id with its
// namespace: T16 of OWASP's agentic threats is not T16 of its multi-agent guide.
type Reference struct {
	ID   string `json:"id"` // such as owasp-asi-1.1:T6, ASI01, AML.T0051, CWE-1427, aivss:tool-misuse
	Name string `json:"name"`
}

// Layers returns the seven layers in order.
func Layers() []Layer { return slices.Clone(builtin().layers) }

// Threats returns the catalogue in order: by layer, those across layers last.
func Threats() []Threat { return slices.Clone(builtin().threats) }

// NotFoundError reports a threat that the catalogue does not have, or a name
// that several layers have.
type NotFoundError struct {
	Key     string
	Several []string // ids of the threats that share the name
	Nearest string   // the id or name that may have been meant
}

func (e *NotFoundError) Error() string {
	switch {
	case len(e.Several) > 0:
		return fmt.Sprintf("threat name %q stands in several layers (write the layer too, or one of %s)",
			e.Key, strings.Join(e.Several, ", "))
	case e.Nearest != "":
		return fmt.Sprintf("no threat %q (did you mean %q?)", e.Key, e.Nearest)
	}
	return fmt.Sprintf("no threat %q (use an id such as L3-03, or a layer and a name)", e.Key)
}

// Lookup finds a threat by id ("L3-03"), by layer and name ("L1 Backdoor
// Attacks"), or by a name or alias that only one layer has. Case and punctuation
// do not count.
// Its error is a *[NotFoundError].
func Lookup(key string) (Threat, error) {
	want := bare(key)
	var named []Threat
	var known []string
	for _, t := range builtin().threats {
		known = append(known, t.ID, t.Layer+" "+t.Name, t.Name)
		if bare(t.ID) == want {
			return t, nil
		}
		for _, name := range append([]string{t.Name}, t.Aliases...) {
			switch want {
			case bare(t.Layer + name):
				return t, nil
			case bare(name):
				named = append(named, t)
			}
		}
	}
	if len(named) == 1 {
		return named[0], nil
	}
	e := &NotFoundError{Key: key, Nearest: source.Nearest(key, known)}
	for _, t := range named {
		e.Several = append(e.Several, t.ID)
	}
	return Threat{}, e
}

// bare keeps the letters and digits of a name, in lower case.
func bare(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if isWordRune(r) {
			return r
		}
		return -1
	}, name))
}

// threat returns the threat with id, which the data are checked to name rightly.
func (m *model) threat(id string) Threat {
	for _, t := range m.threats {
		if t.ID == id {
			return t
		}
	}
	return Threat{}
}

// Source is a publication that entries of the data rest on.
type Source struct {
	Title string `json:"title"`
	By    string `json:"by"`
	Date  string `json:"date"`
	Note  string `json:"note"`
}

type catalogueFile struct {
	Sources map[string]Source `json:"sources"`
	Layers  []struct {
		ID        string   `json:"id"`
		Name      string   `json:"name"`
		Meaning   string   `json:"meaning"`
		CoreRisks []string `json:"core-risks"`
	} `json:"layers"`
	Threats []struct {
		ID      string   `json:"id"`
		Name    string   `json:"name"`
		Aliases []string `json:"aliases"`
		What    string   `json:"what"`
		Do      string   `json:"do"`
		Refs    []string `json:"refs"`
		Seen    string   `json:"seen"`
		Source  string   `json:"source"`
	} `json:"threats"`
}

func (m *model) takeCatalogue(d *document) error {
	for _, l := range d.Threats.Layers {
		refs, err := m.references(l.CoreRisks)
		if err != nil {
			return fmt.Errorf("%s: %w", l.ID, err)
		}
		m.layers = append(m.layers, Layer{l.ID, l.Name, l.Meaning, refs})
	}
	for _, t := range d.Threats.Threats {
		if err := m.entry(t.ID, t.Source); err != nil {
			return err
		}
		refs, err := m.references(t.Refs)
		if err != nil {
			return fmt.Errorf("%s: %w", t.ID, err)
		}
		if t.Seen != "listing" && t.Seen != "no" {
			return fmt.Errorf("%s: seen is %q", t.ID, t.Seen)
		}
		layer, _, _ := strings.Cut(t.ID, "-")
		m.threats = append(m.threats, Threat{
			ID: t.ID, Layer: layer, Name: t.Name, Aliases: append([]string{}, t.Aliases...),
			Description: t.What, Advice: t.Do, References: refs,
			Detectable: t.Seen == "listing", Source: t.Source,
		})
	}
	return nil
}

func (m *model) references(ids []string) ([]Reference, error) {
	refs := make([]Reference, 0, len(ids))
	for _, id := range ids {
		if m.names[id] == "" {
			return nil, fmt.Errorf("reference %q is not in references.csv", id)
		}
		refs = append(refs, Reference{ID: id, Name: m.names[id]})
	}
	return refs, nil
}
