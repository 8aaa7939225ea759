package faults_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/faults"
	"agentrisk/capabilities/enforce/provider/generic"
	"agentrisk/capabilities/enforce/provider/state"
	"agentrisk/capabilities/enforce/provider/workos"
	"agentrisk/capabilities/enforce/store/storetest"
	"agentrisk/capabilities/enforce/world"
	"agentrisk/internal/source"
)

var ctx = context.Background()

func open(t testing.TB, b storetest.Backend, id string, latency time.Duration, fault world.Fault) (provider.Provider, *state.State) {
	t.Helper()
	st, err := state.New(b.Open(t, storetest.NewClock()), storetest.Box(t))
	must(t, err)
	inner, err := generic.New("desk", []provider.Operation{{ID: "send", Effect: effects.Message, Control: effects.None}, {ID: "read", Effect: effects.Read, Control: effects.None}}, st)
	must(t, err)
	p, err := faults.New(inner, world.Provider{Name: "desk", Operations: []world.Operation{{ID: id, Latency: latency, Fault: fault}}}, st)
	must(t, err)
	return p, st
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func call(tenant, key string) provider.Call {
	return provider.Call{Tenant: tenant, User: "u", Key: key, At: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)}
}

func kindOf(err error) provider.Kind {
	if f := (*provider.Failure)(nil); errors.As(err, &f) {
		return f.Kind
	}
	return ""
}

func TestFaults(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		for name, tt := range map[string]struct {
			fault    world.Fault
			kind     provider.Kind
			happened bool
			denied   bool
		}{
			"none":       {fault: world.Fault{}, happened: true},
			"busy":       {fault: world.Fault{Kind: "status", Status: 429}, kind: provider.Busy},
			"down":       {fault: world.Fault{Kind: "status", Status: 503}, kind: provider.Busy},
			"refused":    {fault: world.Fault{Kind: "status", Status: 422}, kind: provider.Refused},
			"broken":     {fault: world.Fault{Kind: "status", Status: 500}, kind: provider.Uncertain},
			"forbidden":  {fault: world.Fault{Kind: "status", Status: 403}, denied: true},
			"timeout":    {fault: world.Fault{Kind: "timeout"}, kind: provider.Uncertain},
			"disconnect": {fault: world.Fault{Kind: "disconnect"}, kind: provider.Uncertain, happened: true},
			"malformed":  {fault: world.Fault{Kind: "malformed"}, kind: provider.Uncertain, happened: true},
		} {
			p, st := open(t, b, "send", time.Millisecond, tt.fault)
			tenant := "tenant " + name
			for range 2 { // and again, since there is no number of times
				r, err := p.Call(ctx, "send", call(tenant, "k"))
				if kindOf(err) != tt.kind || r.Denied != tt.denied {
					t.Errorf("%s: %+v %v", name, r, err)
				}
				if err == nil && r.Millis != 1 {
					t.Errorf("%s: %d ms", name, r.Millis)
				}
			}
			_, found, err := p.Lookup(ctx, "send", call(tenant, "k"))
			effects, err2 := st.Effects(ctx, state.Space{Provider: "desk", Tenant: tenant}, "k")
			if found != tt.happened || err != nil || err2 != nil || (effects == 1) != tt.happened || effects > 1 {
				t.Errorf("%s: found %t, %d effects, %v %v", name, found, effects, err, err2)
			}
			if r, err := p.Call(ctx, "read", provider.Call{Tenant: tenant}); err != nil || r.Millis != 0 {
				t.Errorf("%s: another operation: %+v %v", name, r, err)
			}
		}
	})
}

func TestReadsAreNeverUncertain(t *testing.T) {
	for _, fault := range []world.Fault{{Kind: "timeout"}, {Kind: "disconnect"}, {Kind: "malformed"}, {Kind: "status", Status: 500}} {
		p, _ := open(t, storetest.SQLite(t), "read", 0, fault)
		if _, err := p.Call(ctx, "read", call("t", "")); kindOf(err) != provider.Busy {
			t.Errorf("%+v: %v", fault, err)
		}
	}
}

// TestTimesOutliveARestart: a fault that strikes twice does so whoever opens the
// database in between, for each tenant.
func TestTimesOutliveARestart(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, b storetest.Backend) {
		fault := world.Fault{Kind: "disconnect", Times: 2}
		for i, want := range []provider.Kind{provider.Uncertain, provider.Uncertain, "", ""} {
			p, _ := open(t, b, "send", 0, fault)
			r, err := p.Call(ctx, "send", call("t", "k"))
			if kindOf(err) != want || err == nil && !r.Repeated {
				t.Errorf("call %d: %+v %v", i+1, r, err)
			}
		}
		p, _ := open(t, b, "send", 0, fault)
		if _, err := p.Call(ctx, "send", call("other", "k")); kindOf(err) != provider.Uncertain {
			t.Errorf("of another tenant: %v", err)
		}
		copied := call("t", "k2")
		copied.Scratch = "s"
		if _, err := p.Call(ctx, "send", copied); err != nil {
			t.Errorf("a copy begins where the state stands: %v", err)
		}
	})
}

func TestTimeoutEndsWithTheContext(t *testing.T) {
	p, _ := open(t, storetest.SQLite(t), "send", time.Hour, world.Fault{Kind: "timeout"})
	short, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := p.Call(short, "send", call("t", "k")); kindOf(err) != provider.Uncertain || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestUnknownOperation(t *testing.T) {
	p, st := open(t, storetest.SQLite(t), "send", 0, world.Fault{})
	place := source.Location{File: "world.yaml", Range: source.Range{Start: source.Position{Line: 7, Column: 3}}}
	for id, want := range map[string]string{
		"sent":                 `world.yaml:7:3: the provider desk has no operation "sent"; expected one that it has (did you mean "send"?)`,
		"quite_something_else": `world.yaml:7:3: the provider desk has no operation "quite_something_else"; expected one that it has, such as read, send`,
	} {
		_, err := faults.New(p, world.Provider{Operations: []world.Operation{{ID: id, At: place}}}, st)
		if at := (*source.Error)(nil); !errors.As(err, &at) || at.ID != world.FaultID || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestDemoWorld: what the demo world says of providers fits those that there are.
func TestDemoWorld(t *testing.T) {
	st, err := state.New(storetest.SQLite(t).Open(t, storetest.NewClock()), storetest.Box(t))
	must(t, err)
	w, err := world.Demo()
	must(t, err)
	never := func(context.Context, string, string, string, string) (bool, error) { return false, nil }
	service, err := workos.New(workos.Options{State: st, World: w, Related: never, Random: rand.Reader})
	must(t, err)
	for _, behaviour := range w.Providers {
		p, err := faults.New(service, behaviour, st)
		must(t, err)
		c := provider.Call{Tenant: "lakeside", User: "user_amara", Agent: "support-assistant", Key: "k", At: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)}
		if r, err := p.Call(ctx, "AuditLogEventsController_create", c); err != nil || r.Status != 200 || r.Millis != 5 {
			t.Errorf("%+v %v", r, err)
		}
	}
}
