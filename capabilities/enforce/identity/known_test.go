package identity

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"testing"
)

// TestKnown: what is kept of a token is nobody else's to change, another token is
// another's, and their number is bounded.
func TestKnown(t *testing.T) {
	var k known
	c := Claims{Subject: "ada", Details: []Detail{{"resource", "a:1"}}, Lineage: []Parent{{"p", "c"}},
		Act: &Act{Subject: "one", Act: &Act{Subject: "two"}}, MayAct: &MayAct{"one"}}
	want := c.clone()
	if !reflect.DeepEqual(c, want) {
		t.Fatalf("the copy %+v is not %+v", want, c)
	}
	k.put("token", c)
	c.Details[0].Identifier, c.Lineage[0].ID, c.Act.Act.Subject, c.MayAct.Subject = "x", "x", "x", "x"
	got, found := k.get("token")
	if !found || !reflect.DeepEqual(got, want) {
		t.Errorf("%v %+v", found, got)
	}
	got.Act.Act.Subject, got.Details[0].Type = "y", "y"
	if again, _ := k.get("token"); !reflect.DeepEqual(again, want) {
		t.Errorf("changed to %+v", again)
	}
	if _, found := k.get("token "); found {
		t.Error("another token is known")
	}
	for i := range 2 * maxKnown {
		k.put(fmt.Sprint(i), c)
	}
	if len(k.claims) > maxKnown {
		t.Errorf("%d tokens are kept", len(k.claims))
	}
	if _, kept := k.claims[sha256.Sum256([]byte("token"))]; kept {
		t.Error("the oldest is kept")
	}
}
