package canonical_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"agentrisk/capabilities/enforce/journal/canonical"
)

func TestSecretNeverShows(t *testing.T) {
	const canary = "canary-4f1c"
	s := canonical.Hide(canary)
	holder := struct{ A, B any }{s, &s}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, v := range []any{s, &s, holder, []any{s}, map[string]any{"k": s}} {
			if out := fmt.Sprintf(format, v); strings.Contains(out, canary) || strings.Contains(out, fmt.Sprintf("%x", canary)) {
				t.Errorf("%s shows the secret: %s", format, out)
			}
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "s", s, "p", &s)
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "s", s, "h", holder)
	if strings.Contains(log.String(), canary) {
		t.Errorf("a log shows the secret: %s", log.String())
	}
	if s.Reveal() != canary {
		t.Error("the value is lost")
	}
	if (canonical.Secret{}).Reveal() != "" {
		t.Error("the zero secret holds something")
	}
}

func TestSecretRefusesToBeWritten(t *testing.T) {
	s := canonical.Hide("x")
	if _, err := json.Marshal(map[string]any{"s": s}); !errors.Is(err, canonical.ErrSecret) {
		t.Errorf("json: %v", err)
	}
	if err := gob.NewEncoder(&bytes.Buffer{}).Encode(s); !errors.Is(err, canonical.ErrSecret) {
		t.Errorf("gob: %v", err)
	}
	if _, err := s.Value(); !errors.Is(err, canonical.ErrSecret) {
		t.Errorf("sql: %v", err)
	}
	if _, err := s.MarshalText(); !errors.Is(err, canonical.ErrSecret) {
		t.Errorf("text: %v", err)
	}
	if _, err := s.MarshalBinary(); !errors.Is(err, canonical.ErrSecret) {
		t.Errorf("binary: %v", err)
	}
	if _, err := s.MarshalYAML(); !errors.Is(err, canonical.ErrSecret) {
		t.Errorf("yaml: %v", err)
	}
	if _, err := canonical.Marshal(s); err == nil {
		t.Error("canonical json took it")
	}
}
