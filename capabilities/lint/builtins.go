package lint

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
	"agentrisk/internal/source"
)

//go:embed builtins.yaml
var builtinsYAML []byte

// builtinStep is what a step does that the runtime itself offers.
type builtinStep struct {
	effect  effects.Effect
	control effects.Control
}

// builtinSteps reads builtins.yaml once, by id.
var builtinSteps = sync.OnceValues(func() (map[string]builtinStep, error) {
	f, err := source.NewFile("builtins.yaml", builtinsYAML, source.Limits{})
	if err != nil {
		return nil, err
	}
	doc, err := source.ParseOne(f, source.Limits{})
	if err != nil {
		return nil, err
	}
	steps := map[string]builtinStep{}
	for _, item := range doc.Root.Items() {
		s := builtinStep{effects.Effect(item.Get("effect").Text()), effects.Control(item.Get("control").Text())}
		id := item.Get("id").Text()
		if _, again := steps[id]; id == "" || again || !s.effect.Valid() || !s.control.Valid() || item.Get("source").Text() == "" {
			return nil, &source.Error{At: item.Location(), ID: "builtins", Message: fmt.Sprintf("entry %q is wrong or stands twice", id)}
		}
		steps[id] = s
	}
	return steps, nil
})

// ofBuiltin tells what a step does that the runtime itself offers.
func ofBuiltin(s *capabilities.Step) (effects.Result, bool) {
	steps, err := builtinSteps()
	if err != nil {
		return effects.Result{}, false // the tests find it
	}
	id := strings.TrimPrefix(s.Target.Text, "builtin.")
	rule := id
	known, ok := steps[id]
	if group, _, cut := strings.Cut(id, "."); !ok && cut {
		rule = group + ".*"
		known, ok = steps[rule]
	}
	if !ok {
		return effects.Result{}, false
	}
	return effects.Result{Effect: known.effect, Control: known.control, Basis: effects.ByCatalogue, Confidence: effects.Likely, Canonical: "builtin." + id,
		Evidence: []source.Evidence{{At: s.Location(), Quote: s.Target.Text, Rule: "builtins/" + rule}}}, true
}
