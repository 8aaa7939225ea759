package effects

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"agentrisk/capabilities"
	"agentrisk/internal/source"
)

//go:embed builtins.yaml
var builtinsYAML []byte

// builtinStep is what a step does that the runtime itself offers.
type builtinStep struct {
	effect  Effect
	control Control
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
		s := builtinStep{Effect(item.Get("effect").Text()), Control(item.Get("control").Text())}
		id := item.Get("id").Text()
		if _, again := steps[id]; id == "" || again || !s.effect.Valid() || !s.control.Valid() || item.Get("source").Text() == "" {
			return nil, &source.Error{At: item.Location(), ID: "builtins", Message: fmt.Sprintf("entry %q is wrong or stands twice", id)}
		}
		steps[id] = s
	}
	return steps, nil
})

// ofBuiltin tells what a step does that the runtime itself offers.
func ofBuiltin(s *capabilities.Step) (Result, bool) {
	if s.Target.State != capabilities.Builtin {
		return Result{}, false
	}
	steps, err := builtinSteps()
	if err != nil {
		return Result{}, false // the tests find it
	}
	id := strings.TrimPrefix(s.Target.Text, "builtin.")
	rule := id
	known, ok := steps[id]
	if group, _, cut := strings.Cut(id, "."); !ok && cut {
		rule = group + ".*"
		known, ok = steps[rule]
	}
	if !ok {
		return Result{}, false
	}
	return Result{Effect: known.effect, Control: known.control, Basis: ByCatalogue, Confidence: Likely, Canonical: "builtin." + id,
		Evidence: []source.Evidence{{At: s.Location(), Quote: s.Target.Text, Rule: "builtins/" + rule}}}, true
}
