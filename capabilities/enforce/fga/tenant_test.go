package fga

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"agentrisk/capabilities/enforce/decision"
)

// TestTenantCrossing: whatever two tenants write and ask, in any order, nothing of
// one can be seen, used or written with the other's name, though both use the same
// ids for some of what they have.
func TestTenantCrossing(t *testing.T) {
	// Entities end in the first letter of their tenant, or in s: both have one.
	belongs := func(tenant, entity string) bool {
		return strings.HasSuffix(entity, tenant[:1]) || strings.HasSuffix(entity, "s")
	}
	bothWays(t, func(t *testing.T, location string) { crossing(t, location, belongs) })
}

func crossing(t *testing.T, location string, belongs func(tenant, entity string) bool) {
	e := open(t, location, Options{Guard: belongs})
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		tenants := []string{fmt.Sprintf("acme%d", round), fmt.Sprintf("globex%d", round)}
		ctx := context.Background()
		p, err := ParseModel(files)
		if err != nil {
			t.Fatal(err)
		}
		mine := map[string]map[Tuple]bool{}
		for _, tenant := range tenants {
			if err := e.Provision(ctx, tenant, p); err != nil {
				t.Fatal(err)
			}
			mine[tenant] = map[Tuple]bool{}
		}
		draw := func(kind string) string {
			return kind + ":1" + rapid.SampledFrom([]string{"a", "g", "s"}).Draw(t, kind)
		}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			tenant := rapid.SampledFrom(tenants).Draw(t, "tenant")
			tuple := Tuple{User: draw("user"), Relation: "viewer", Object: draw("file")}
			own := belongs(tenant, tuple.User) && belongs(tenant, tuple.Object)
			switch rapid.IntRange(0, 3).Draw(t, "act") {
			case 0:
				if err := e.Write(ctx, tenant, Change{Add: []Tuple{tuple}}); (err == nil) != own {
					t.Fatalf("%s writes %v: %v", tenant, tuple, err)
				}
				if own {
					mine[tenant][tuple] = true
				}
			case 1:
				if err := e.Write(ctx, tenant, Change{Remove: []Tuple{tuple}}); (err == nil) != own {
					t.Fatalf("%s removes %v: %v", tenant, tuple, err)
				}
				delete(mine[tenant], tuple)
			case 2:
				got, err := e.Query(ctx, Query{Tenant: tenant, User: tuple.User, Relation: tuple.Relation, Object: tuple.Object})
				if got != mine[tenant][tuple] || (err == nil) != own {
					t.Fatalf("%s asks %v: %t %v", tenant, tuple, got, err)
				}
			case 3:
				have, err := e.Read(ctx, tenant)
				if err != nil || len(have) != len(mine[tenant]) {
					t.Fatalf("%s reads %v, wrote %v: %v", tenant, have, mine[tenant], err)
				}
				for _, one := range have {
					if !mine[tenant][one] {
						t.Fatalf("%s reads %v", tenant, one)
					}
				}
			}
		}
	})
}

// TestForeignContext: a request that is right in one tenant is denied with the name
// of another, also where that one knows the same ids.
func TestForeignContext(t *testing.T) {
	e := open(t, Memory, Options{})
	setUp(t, e, "acme", acme)
	setUp(t, e, "globex", nil)
	for _, tenant := range []string{"globex", "Acme", "acme ", "acme\x00", "../acme", e.tenants["acme"].store, ""} {
		r := request()
		r.Tenant = tenant
		if d := e.Check(context.Background(), r); d.Verdict != decision.Deny {
			t.Errorf("%q: %+v", tenant, d)
		}
		if have, err := e.Read(context.Background(), tenant); len(have) != 0 {
			t.Errorf("%q reads %v %v", tenant, have, err)
		}
	}
	for _, bad := range []string{"", "-a", "a b", "a/b", strings.Repeat("a", 65), "ä"} {
		if err := e.Provision(context.Background(), bad, model(t, files)); err == nil {
			t.Errorf("%q was set up", bad)
		}
	}
}

// TestStoresDiffer: no two tenants share a store.
func TestStoresDiffer(t *testing.T) {
	seen := map[string]string{}
	for i := range 2000 {
		name := fmt.Sprintf("t%d", i)
		if other, again := seen[id("store", name)]; again {
			t.Fatalf("%s and %s", name, other)
		}
		seen[id("store", name)] = name
	}
}
