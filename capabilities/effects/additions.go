package effects

import (
	"strings"

	"agentrisk/internal/source"
)

// ReadEntries reads catalogue additions from a configuration: a list of maps with
// the keys id, provider, method, path, effect, control and denial. An entry needs
// an id, or a method and a path, and an effect or a control. The error is a
// *source.Error at the place of the fault.
func ReadEntries(n source.Node) ([]Entry, error) {
	if n.IsNull() {
		return nil, nil
	}
	if n.Kind() != source.Sequence {
		return nil, n.Wrong("the catalogue", "a list of operations")
	}
	entries := make([]Entry, 0, n.Len())
	for _, item := range n.Items() {
		e, err := readEntry(item)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func readEntry(n source.Node) (Entry, error) {
	var e Entry
	if n.Kind() != source.Mapping {
		return e, n.Wrong("an operation of the catalogue", "a map with an id and an effect or a control")
	}
	var effect, control string
	fields := map[string]*string{"id": &e.ID, "provider": &e.Provider, "method": &e.Method, "path": &e.Path,
		"effect": &effect, "control": &control, "denial": &e.Denial}
	for key, value := range n.Pairs() {
		field, ok := fields[key.Text()]
		if !ok {
			return e, &source.Error{At: key.Location(), ID: "unknown-key", Message: "an operation of the catalogue has no " + key.Text(),
				Expected: "id, provider, method, path, effect, control or denial",
				Hint:     source.DidYouMean(key.Text(), []string{"id", "provider", "method", "path", "effect", "control", "denial"})}
		}
		if value.Kind() != source.Scalar {
			return e, value.Wrong(key.Text(), "text")
		}
		*field = value.Text()
	}
	e.Effect, e.Control = Effect(effect), Control(control)
	return e, checkRead(n, e)
}

// checkRead checks what an entry says, each fault at its own place.
func checkRead(n source.Node, e Entry) error {
	switch {
	case e.Effect != "" && !e.Effect.Valid():
		return unknownName(n.Get("effect").Location(), "effect", e.Effect, AllEffects())
	case e.Control != "" && !e.Control.Valid():
		return unknownName(n.Get("control").Location(), "control", e.Control, AllControls())
	case e.Effect == "" && e.Control == "":
		return &source.Error{At: n.Location(), ID: "no-effect", Message: "an operation of the catalogue says neither effect nor control",
			Expected: "an effect, a control or both"}
	case e.Method != "" && methodClass(e.Method) == "":
		return &source.Error{At: n.Get("method").Location(), ID: "unknown-method", Message: "method " + e.Method + " is no HTTP method",
			Expected: "GET, HEAD, OPTIONS, POST, PUT, PATCH or DELETE"}
	case e.ID == "" && (e.Method == "" || e.Path == ""):
		return &source.Error{At: n.Location(), ID: "no-name", Message: "an operation of the catalogue is not named",
			Expected: "an id, or a method and a path"}
	}
	return nil
}

// unknownName is the error for a name that is none of all.
func unknownName[T ~string](at source.Location, what string, have T, all []T) error {
	names := make([]string, len(all))
	for i, one := range all {
		names[i] = string(one)
	}
	return &source.Error{At: at, ID: "unknown-" + what, Message: what + " " + string(have) + " is not known",
		Expected: "one of " + strings.Join(names, ", "), Hint: source.DidYouMean(string(have), names)}
}
