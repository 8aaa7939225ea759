package lint

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var today = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

func newLinter(t testing.TB, c Config) *Linter {
	t.Helper()
	if c.Today.IsZero() {
		c.Today = today
	}
	l, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// What a reviewer should be told of the capability that the project began with:
// the rule, the line and the words there, and nothing else at warning or above.
var seedFindings = []string{
	"CAP205 14 Agent-Scoped Authentication",           // no tenant or organization anywhere
	"CAP502 29 user_id",                               // no input reaches any step
	"CAP202 35 requested_scopes",                      // requested scopes are unbounded
	"CAP011 48 UserManagementController_authenticate", // ids that do not exist
	"CAP105 50 create-pipe",                           // issued before authorization is checked
	"CAP201 50 create-pipe",                           // nothing expires
	"CAP402 50 create-pipe",                           // nothing revokes it when a later step fails
	"CAP011 52 PipesController_create",                //
	"CAP109 53 Create a Pipe binding",                 // approval stands in a description alone
	"CAP110 58 authorize-action",                      // nothing gates on the decision
	"CAP111 62 emit-audit-event",                      // a denial or failure leaves no record
	"CAP011 64 AuditLogsController_createEvent",       //
	"CAP301 69 api_key",                               // a secret among the outputs
}

func TestSeed(t *testing.T) {
	for _, profile := range Profiles() {
		docs := readShared(t, shared(t), "seeds/002_b6e3f7c8a7d52d31.txt")
		r := newLinter(t, Config{Profile: profile}).Lint(context.Background(), docs)
		var got []string
		for _, f := range r.Findings {
			if !f.Severity.AtLeast(Warning) {
				continue
			}
			text := docs[0].File.Text[docs[0].File.Offset(f.Location.Range.Start):docs[0].File.Offset(f.Location.Range.End)]
			got = append(got, fmt.Sprintf("%s %d %s", f.Rule, f.Location.Range.Start.Line, text))
		}
		want := append([]string(nil), seedFindings...)
		for i, line := range want {
			if i < len(got) && strings.HasPrefix(got[i], line) {
				got[i] = line // a description is long
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("profile %s: %s", profile, diff)
		}
		if len(r.Incomplete) > 0 {
			t.Error(r.Incomplete)
		}
	}
}

// TestSeedMatrix: of the steps of the seed one acts. It has two of its four
// controls.
func TestSeedMatrix(t *testing.T) {
	r := newLinter(t, Config{}).Lint(context.Background(), readShared(t, shared(t), "seeds/002_b6e3f7c8a7d52d31.txt"))
	rows := r.Matrix()
	if len(rows) != 1 || len(r.Steps) != 5 {
		t.Fatalf("%d rows of %d steps", len(rows), len(r.Steps))
	}
	want := Needs{Authentication: Present, Authorization: Late, Approval: Missing, Audit: Present}
	where := Where{Authentication: "authenticate-user", Authorization: "authorize-action", Audit: "emit-audit-event"}
	if rows[0].Step != "create-pipe" || rows[0].Flow != "-" || rows[0].Needs != want || rows[0].Where != where {
		t.Errorf("got %+v", rows[0])
	}
	if sums := CoverageByControl(rows); sums != [4]Coverage{{Present: 1}, {Late: 1}, {Missing: 1}, {Present: 1}} {
		t.Errorf("sums %+v", sums)
	}
}
