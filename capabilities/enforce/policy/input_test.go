package policy

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"agentrisk/capabilities/enforce/decision"
)

// TestInputIsTheOneInTheDocs: policies see what docs/runtime/policy.md shows.
func TestInputIsTheOneInTheDocs(t *testing.T) {
	page, err := os.ReadFile("../../../docs/runtime/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```json\n")
	block, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the page shows no input")
	}
	in := step()
	in.Hours.Days = []time.Weekday{time.Monday}
	if got, want := seen(t, in), parsed(t, block); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}

	in.User, in.Agent, in.Hours, in.Arguments, in.Chain = decision.Actor{}, decision.Actor{}, nil, nil, nil
	in.Zone = time.FixedZone("far", -13*60*60)
	got, _ := seen(t, in).(map[string]any)
	for name, want := range map[string]string{"user": "null", "agent": "null", "hours": "null", "arguments": "{}", "chain": "[]",
		"time": `{"at": "2026-03-04T12:00:00Z", "day": "tuesday", "yesterday": "monday", "minute": 1380}`} {
		if !reflect.DeepEqual(got[name], parsed(t, want)) {
			t.Errorf("%s is %v, want %s", name, got[name], want)
		}
	}
}

// seen is the input as a policy sees it.
func seen(t *testing.T, in Input) any {
	t.Helper()
	value, err := in.value()
	if err != nil {
		t.Fatal(err)
	}
	out, err := ast.JSON(value)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func parsed(t *testing.T, text string) any {
	t.Helper()
	value, err := decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return value
}
