package secrets

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"testing"
	"text/template"

	"gopkg.in/yaml.v3"
)

const canary = "c4n4ry-Zq8Lw3"

// holder has a value wherever Go programs keep one.
type holder struct {
	Public  Value
	private Value
	Pointer *Value
	List    []Value
	Map     map[string]Value
	Any     any
}

func newHolder() holder {
	v := New(canary)
	return holder{Public: v, private: v, Pointer: &v, List: []Value{v}, Map: map[string]Value{"k": v}, Any: v}
}

// TestNothingPrintsAValue goes through every verb and encoder.
func TestNothingPrintsAValue(t *testing.T) {
	h := newHolder()
	var outputs []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T", "%p", "%08v", "%-20s", "%+q", "%#x", "%w"} {
		for _, x := range []any{h, &h, h.Public, h.Pointer, h.List, h.Map, h.Any, []any{h.private}} {
			outputs = append(outputs, fmt.Sprintf(verb, x))
		}
	}
	outputs = append(outputs, fmt.Sprint(h.private), h.Public.String(), h.Public.GoString(), fmt.Errorf("failed: %v", h.Public).Error())
	for name, encode := range map[string]func(any) ([]byte, error){
		"json": json.Marshal, "yaml": yaml.Marshal, "xml": func(v any) ([]byte, error) { return xml.Marshal(v.(holder).Public) },
	} {
		out, err := encode(h)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		outputs = append(outputs, string(out))
	}
	var buf bytes.Buffer
	log.New(&buf, "", 0).Print(h, h.Public)
	slog.New(slog.NewJSONHandler(&buf, nil)).Info("x", "v", h.Public, "h", h)
	slog.New(slog.NewTextHandler(&buf, nil)).Info("x", "v", h.Public, "h", h)
	if err := template.Must(template.New("t").Parse("{{.Public}} {{.}}")).Execute(&buf, h); err != nil {
		t.Error(err)
	}
	outputs = append(outputs, buf.String())
	m := NewMasker() // knows every encoding: the outputs must not change under it
	if err := m.Add(New(canary)); err != nil {
		t.Fatal(err)
	}
	for _, out := range outputs {
		if m.Text(out) != out {
			t.Errorf("the value shows in %q", out)
		}
	}
	if len(outputs) < 100 || !strings.Contains(strings.Join(outputs, ""), Mask) {
		t.Errorf("%d outputs", len(outputs))
	}
	if h.private.Expose() != canary {
		t.Error("the value is lost")
	}
}

func TestGobRefusesAValue(t *testing.T) {
	var buf bytes.Buffer
	err := gob.NewEncoder(&buf).Encode(New(canary))
	if !errors.Is(err, ErrSealed) || bytes.Contains(buf.Bytes(), []byte(canary)) {
		t.Errorf("got %v", err)
	}
}

func TestEqualAndZero(t *testing.T) {
	var zero Value
	if !zero.IsZero() || !New("").IsZero() || New("x").IsZero() || zero.Expose() != "" {
		t.Error("zero values")
	}
	if !New("abc").Equal(New("abc")) || New("abc").Equal(New("abd")) || New("abc").Equal(zero) {
		t.Error("comparison")
	}
	if fmt.Sprint(zero) != Mask {
		t.Error("the zero value tells that it is empty")
	}
}
