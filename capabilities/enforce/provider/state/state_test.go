package state_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/state"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/storetest"
)

var ctx = context.Background()

var at = time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, b storetest.Backend) *state.State {
	t.Helper()
	s, err := state.New(b.Open(t, storetest.NewClock()), storetest.Box(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func space(tenant, scratch string) state.Space {
	return state.Space{Provider: "p", Tenant: tenant, Scratch: scratch}
}

func call(tenant, scratch, key string) provider.Call {
	return provider.Call{Tenant: tenant, Scratch: scratch, Key: key, User: "u", At: at, Arguments: map[string]any{"a": "b"}}
}

// put is an effect that writes one row and answers with a secret.
func put(id, value string) func(*state.Tx) (provider.Response, error) {
	return func(tx *state.Tx) (provider.Response, error) {
		return provider.Response{Status: 201, Body: map[string]any{"id": id, "n": 7}, Undo: map[string]any{"id": id}}, tx.Put("thing", id, "", value)
	}
}

func get(t *testing.T, s *state.State, in state.Space, id string) (value string, found bool) {
	t.Helper()
	if err := s.View(ctx, in, func(tx *state.Tx) (err error) {
		found, err = tx.Get("thing", id, &value)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return value, found
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func kindOf(err error) provider.Kind {
	if f := (*provider.Failure)(nil); errors.As(err, &f) {
		return f.Kind
	}
	return ""
}

func TestOnceAndAnsweredAsBefore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		s := open(t, b)
		c := call("t", "", "k")
		first, err := s.Do(ctx, space("t", ""), "op", c, put("x", "1"))
		must(t, err)
		for range 3 {
			again, err := s.Do(ctx, space("t", ""), "op", c, put("y", "2"))
			must(t, err)
			if !again.Repeated {
				t.Error("not marked as repeated")
			}
			again.Repeated = false
			if diff := cmp.Diff(first, again); diff != "" {
				t.Error(diff)
			}
		}
		if _, found := get(t, s, space("t", ""), "y"); found {
			t.Error("the second effect happened")
		}
		if n, err := s.Effects(ctx, space("t", ""), "k"); n != 1 || err != nil {
			t.Errorf("%d effects, %v", n, err)
		}
		found, ok, err := s.Lookup(ctx, space("t", ""), "op", c)
		if !ok || err != nil || found.Status != 201 {
			t.Errorf("%+v %t %v", found, ok, err)
		}
	})
}

func TestKeyStandsForOneCall(t *testing.T) {
	s := open(t, storetest.SQLite(t))
	c := call("t", "", "k")
	_, err := s.Do(ctx, space("t", ""), "op", c, put("x", "1"))
	must(t, err)
	other, user, none, timeless, foreign := c, c, c, c, c
	other.Arguments = map[string]any{"a": "c"}
	user.User = "v"
	none.Key = ""
	timeless.At = time.Time{}
	foreign.Tenant = "u"
	for name, one := range map[string]struct {
		operation string
		call      provider.Call
	}{
		"arguments": {"op", other}, "user": {"op", user}, "operation": {"po", c}, "no key": {"op", none}, "no time": {"op", timeless}, "tenant": {"op", foreign},
	} {
		if _, err := s.Do(ctx, space("t", ""), one.operation, one.call, put("x", "2")); kindOf(err) != provider.Refused {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := s.Lookup(ctx, space("t", ""), one.operation, one.call); kindOf(err) != provider.Refused {
			t.Errorf("look up, %s: %v", name, err)
		}
	}
	if value, _ := get(t, s, space("t", ""), "x"); value != "1" {
		t.Errorf("changed to %q", value)
	}
}

func TestErrorsAndDenialsLeaveNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		s := open(t, b)
		c := call("t", "", "k")
		want := errors.New("broken")
		_, err := s.Do(ctx, space("t", ""), "op", c, func(tx *state.Tx) (provider.Response, error) {
			must(t, tx.Put("thing", "x", "", "1"))
			return provider.Response{}, want
		})
		if !errors.Is(err, want) {
			t.Errorf("%v", err)
		}
		r, err := s.Do(ctx, space("t", ""), "op", c, func(tx *state.Tx) (provider.Response, error) {
			return provider.Response{Status: 200, Denied: true, Reason: "no"}, tx.Put("thing", "x", "", "1")
		})
		if err != nil || !r.Denied || r.Reason != "no" {
			t.Errorf("%+v %v", r, err)
		}
		if _, found := get(t, s, space("t", ""), "x"); found {
			t.Error("something is left")
		}
		if _, found, err := s.Lookup(ctx, space("t", ""), "op", c); found || err != nil {
			t.Errorf("%t %v", found, err)
		}
	})
}

// TestNewerWorkerShutsOut: after a newer worker was told that nothing happened,
// nothing does by the older one.
func TestNewerWorkerShutsOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		s := open(t, b)
		older, newer := call("t", "", "k"), call("t", "", "k")
		older.Fence, newer.Fence = 1, 2
		if _, found, err := s.Lookup(ctx, space("t", ""), "op", newer); found || err != nil {
			t.Fatalf("%t %v", found, err)
		}
		if _, err := s.Do(ctx, space("t", ""), "op", older, put("x", "1")); kindOf(err) != provider.Refused {
			t.Errorf("the older worker: %v", err)
		}
		if _, err := s.Do(ctx, space("t", ""), "op", newer, put("x", "1")); err != nil {
			t.Error(err)
		}
		if r, err := s.Do(ctx, space("t", ""), "op", older, put("x", "1")); err != nil || !r.Repeated {
			t.Errorf("the older worker, of what happened: %+v %v", r, err)
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		s := open(t, b)
		var all sync.WaitGroup
		for i := range 16 {
			all.Go(func() {
				r, err := s.Do(ctx, space("t", ""), "op", call("t", "", "k"), put("x", fmt.Sprint(i)))
				if err != nil || r.Status != 201 {
					t.Errorf("%+v %v", r, err)
				}
			})
		}
		all.Wait()
		if n, err := s.Effects(ctx, space("t", ""), "k"); n != 1 || err != nil {
			t.Errorf("%d effects, %v", n, err)
		}
	})
}

const childEnv = "AGENTRISK_TEST_CHILD_STATE"

// TestOtherProcess: the call of another process is answered as it was there.
func TestOtherProcess(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, b storetest.Backend) {
		s := open(t, b)
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				child := exec.Command(os.Args[0], "-test.run=^TestChildCalls$")
				child.Env = append(os.Environ(), childEnv+"="+b.Location)
				if out, err := child.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS") {
					t.Errorf("child: %v\n%s", err, out)
				}
			})
		}
		_, err := s.Do(ctx, space("t", ""), "op", call("t", "", "k"), put("x", "1"))
		must(t, err)
		all.Wait()
		if n, err := s.Effects(ctx, space("t", ""), "k"); n != 1 || err != nil {
			t.Errorf("%d effects, %v", n, err)
		}
	})
}

// TestChildCalls is what the other processes run; alone it has nothing to do.
func TestChildCalls(t *testing.T) {
	location := os.Getenv(childEnv)
	if location == "" {
		return
	}
	db, err := store.Open(ctx, location, store.Options{Clock: storetest.NewClock().Now})
	must(t, err)
	s, err := state.New(db, storetest.Box(t))
	must(t, err)
	_, err = s.Do(ctx, space("t", ""), "op", call("t", "", "k"), put("x", "1"))
	must(t, err)
	must(t, db.Close())
}

func ids(t *testing.T, s *state.State, in state.Space, page state.Page) (list []string, more bool) {
	t.Helper()
	must(t, s.View(ctx, in, func(tx *state.Tx) error {
		rows, rest, err := tx.List("thing", "", page, func(state.Row) (bool, error) { return true, nil })
		for _, row := range rows {
			list = append(list, row.ID)
		}
		more = rest
		return err
	}))
	return list, more
}

func TestScratchIsACopy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		s := open(t, b)
		base, copied, other := space("t", ""), space("t", "s"), space("t", "r")
		for i, id := range []string{"a", "b", "c"} {
			c := call("t", "", "base "+id)
			c.At = at.Add(time.Duration(i) * time.Second)
			_, err := s.Do(ctx, base, "op", c, put(id, "base"))
			must(t, err)
		}
		_, err := s.Do(ctx, copied, "op", call("t", "s", "1"), func(tx *state.Tx) (provider.Response, error) {
			return provider.Response{Status: 200}, errors.Join(tx.Put("thing", "a", "", "copy"), tx.Delete("thing", "b"), tx.Put("thing", "d", "", "copy"))
		})
		must(t, err)
		for _, one := range []struct {
			in   state.Space
			id   string
			want string
		}{
			{base, "a", "base"}, {base, "b", "base"}, {base, "d", ""}, {copied, "a", "copy"}, {copied, "b", ""},
			{copied, "c", "base"}, {copied, "d", "copy"}, {other, "a", "base"}, {other, "d", ""},
		} {
			if value, _ := get(t, s, one.in, one.id); value != one.want {
				t.Errorf("%+v %s: %q, want %q", one.in, one.id, value, one.want)
			}
		}
		if list, _ := ids(t, s, copied, state.Page{Limit: 9}); cmp.Diff(list, []string{"c", "d", "a"}) != "" {
			t.Errorf("%v", list)
		}
		if r, err := s.Do(ctx, copied, "op", call("t", "s", "base a"), put("a", "again")); err != nil || !r.Repeated {
			t.Errorf("the copy forgot a call: %+v %v", r, err)
		}
		must(t, s.DropScratch(ctx, "other", "s"))
		if value, _ := get(t, s, copied, "a"); value != "copy" {
			t.Error("another tenant dropped it")
		}
		must(t, s.DropScratch(ctx, "t", "s"))
		if value, _ := get(t, s, copied, "a"); value != "base" {
			t.Errorf("dropped, and still %q", value)
		}
		if err := s.DropScratch(ctx, "t", ""); err == nil {
			t.Error("the state itself was dropped")
		}
	})
}

func TestPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		s := open(t, b)
		must(t, s.Change(ctx, space("t", ""), at, func(tx *state.Tx) error {
			for i := range 250 {
				if err := tx.Put("thing", fmt.Sprintf("%03d", i), "", i); err != nil {
					return err
				}
			}
			return nil
		}))
		for _, one := range []struct {
			page state.Page
			want []string
			more bool
		}{
			{state.Page{Limit: 2}, []string{"249", "248"}, true},
			{state.Page{Limit: 2, Oldest: true}, []string{"000", "001"}, true},
			{state.Page{Limit: 2, After: "002"}, []string{"001", "000"}, false},
			{state.Page{Limit: 2, Before: "002"}, []string{"004", "003"}, true},
			{state.Page{Limit: 2, Before: "002", Oldest: true}, []string{"000", "001"}, false},
			{state.Page{Limit: 2, After: "247", Oldest: true}, []string{"248", "249"}, false},
		} {
			if list, more := ids(t, s, space("t", ""), one.page); cmp.Diff(list, one.want) != "" || more != one.more {
				t.Errorf("%+v: %v %t", one.page, list, more)
			}
		}
		if list, more := ids(t, s, space("t", ""), state.Page{Limit: 1000}); len(list) != 250 || more {
			t.Errorf("%d %t", len(list), more)
		}
		err := s.View(ctx, space("t", ""), func(tx *state.Tx) error {
			_, _, err := tx.List("thing", "", state.Page{After: "none", Limit: 1}, func(state.Row) (bool, error) { return true, nil })
			return err
		})
		if !errors.Is(err, state.ErrCursor) {
			t.Errorf("%v", err)
		}
	})
}

func TestBounds(t *testing.T) {
	s := open(t, storetest.SQLite(t))
	long := strings.Repeat("x", state.MaxBody)
	for name, effect := range map[string]func(*state.Tx) (provider.Response, error){
		"body":  put("x", long),
		"id":    put(long, "x"),
		"empty": put("", "x"),
		"answer": func(*state.Tx) (provider.Response, error) {
			return provider.Response{Body: strings.Repeat(long, 5)}, nil
		},
	} {
		_, err := s.Do(ctx, space("t", ""), "op", call("t", "", "k"), effect)
		if kindOf(state.Failure("op", err)) != provider.Refused {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Do(ctx, space("", ""), "op", call("", "", "k"), put("x", "1")); kindOf(err) != provider.Refused {
		t.Errorf("no tenant: %v", err)
	}
}

// TestNothingIsLegible: neither bodies nor answers can be read in the file.
func TestNothingIsLegible(t *testing.T) {
	b := storetest.SQLite(t)
	s := open(t, b)
	_, err := s.Do(ctx, space("t", ""), "op", call("t", "", "k"), func(tx *state.Tx) (provider.Response, error) {
		return provider.Response{Body: "word-of-the-answer"}, tx.Put("thing", "x", "", "word-of-the-row")
	})
	must(t, err)
	files, err := filepath.Glob(b.Location + "*")
	must(t, err)
	for _, name := range files {
		text, err := os.ReadFile(name)
		must(t, err)
		if strings.Contains(string(text), "word-of-the") {
			t.Errorf("%s holds it in the clear", name)
		}
	}
}

// TestTenantsNeverMeet: whatever two tenants do, neither sees, changes or repeats
// what the other did.
func TestTenantsNeverMeet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		s := open(t, b)
		round := 0
		rapid.Check(t, func(r *rapid.T) {
			round++
			model := map[string]string{}
			tenants := []string{fmt.Sprintf("one %d", round), fmt.Sprintf("two %d", round)}
			for i := range rapid.IntRange(1, 8).Draw(r, "calls") {
				tenant := rapid.SampledFrom(tenants).Draw(r, "tenant")
				scratch := rapid.SampledFrom([]string{"", "s"}).Draw(r, "scratch")
				id := rapid.SampledFrom([]string{"a", "b"}).Draw(r, "id")
				value := tenant + scratch + fmt.Sprint(i)
				if _, err := s.Do(ctx, space(tenant, scratch), "op", call(tenant, scratch, fmt.Sprintf("%d", i)), put(id, value)); err != nil {
					r.Fatal(err)
				}
				model[tenant+"/"+scratch+"/"+id] = value
				for _, tenant := range tenants {
					for _, id := range []string{"a", "b"} {
						want := model[tenant+"//"+id]
						if got, _ := get(t, s, space(tenant, ""), id); got != want {
							r.Fatalf("%s %s: %q, want %q", tenant, id, got, want)
						}
						if copied, ok := model[tenant+"/s/"+id]; ok {
							want = copied
						}
						if got, _ := get(t, s, space(tenant, "s"), id); got != want {
							r.Fatalf("%s copy %s: %q, want %q", tenant, id, got, want)
						}
					}
				}
			}
		})
	})
}

// TestRowsCannotBeMoved: a row put under another tenant, id or copy does not open.
func TestRowsCannotBeMoved(t *testing.T) {
	for _, change := range []string{
		`UPDATE provider_rows SET tenant = 'u'`, `UPDATE provider_rows SET id = 'y'`,
		`UPDATE provider_rows SET kind = 'key'`, `UPDATE provider_rows SET provider = 'q'`,
		`UPDATE provider_rows SET scratch = 's'`,
	} {
		b := storetest.SQLite(t)
		db := b.Open(t, storetest.NewClock())
		s, err := state.New(db, storetest.Box(t))
		must(t, err)
		_, err = s.Do(ctx, space("t", ""), "op", call("t", "", "k"), put("x", "1"))
		must(t, err)
		storetest.Write(t, db, func(tx *store.Tx) error { _, err := tx.Exec(change); return err })
		for _, in := range []state.Space{space("t", ""), space("u", ""), space("t", "s"), {Provider: "q", Tenant: "t"}} {
			for _, kind := range []string{"thing", "key"} {
				for _, id := range []string{"x", "y"} {
					var value string
					err := s.View(ctx, in, func(tx *state.Tx) error { _, err := tx.Get(kind, id, &value); return err })
					if value != "" {
						t.Errorf("%s: read %q, %v", change, value, err)
					}
				}
			}
		}
	}
}
