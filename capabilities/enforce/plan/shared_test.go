package plan

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/lint/facts"
)

// shared returns the folder of the shared material, which lies beside the
// repository. Without it a test is skipped, and fails where CI is true.
func shared(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
	}
	dir = filepath.Join(filepath.Dir(dir), "shared")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the shared material is absent: %v", err)
		}
		t.Skipf("the shared material is absent: %v", err)
	}
	return dir
}

// TestSeed: the capability that the project began with compiles, and a person is
// told what of it is not what it says.
func TestSeed(t *testing.T) {
	doc := read(t, shared(t), "seeds/002_b6e3f7c8a7d52d31.txt")[0]
	p, err := Compile(doc, "", Options{Operations: service()})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range p.Steps {
		got = append(got, s.ID+" "+s.Operation.ID)
		for _, a := range s.Arguments {
			got = append(got, "  "+a.Param.Name+" "+string(a.How)+" "+a.Value.String())
		}
	}
	for _, o := range p.Outputs {
		got = append(got, o.Name+" "+o.Value.String()+secretly(o.Secret))
	}
	want := []string{
		"authenticate-user UserlandSessionsController_authenticate[0]",
		"  grant_type default \"refresh_token\"",
		"  refresh_token sealed context session",
		"create-pipe DataIntegrationsController_getUserlandUserToken",
		"  slug default \"notes\"",
		"  user_id named input user_id",
		"  organization_id sealed context tenant",
		"  scopes matched input requested_scopes",
		"validate-api-key ApiKeysController_validateApiKey",
		"  value matched step create-pipe.access_token.access_token",
		"authorize-action AuthorizationController_check",
		"  organization_membership_id sealed context membership",
		"  permission_slug matched input target_relation",
		"  resource_external_id matched after-colon(input target_resource)",
		"  resource_type_slug matched before-colon(input target_resource)",
		"emit-audit-event AuditLogEventsController_create",
		"  organization_id sealed context tenant",
		"  action unbound null",
		"  actor unbound null",
		"  targets unbound null",
		"pipe_id null",
		"api_key step create-pipe.access_token.access_token (secret)",
		"authorized step authorize-action.authorized",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	for _, about := range []string{"UserManagementController_authenticate", "PipesController_create", "AuditLogsController_createEvent", `no "id"`, `no "api_key"`} {
		if !slices.ContainsFunc(p.Warnings, func(w Warning) bool { return strings.Contains(w.Text, about) }) {
			t.Errorf("nothing warns of %s: %v", about, p.Warnings)
		}
	}
	again, err := Compile(doc, "-", Options{Operations: service()})
	if err != nil || again.Digest() != p.Digest() || dump(again) != dump(p) {
		t.Errorf("compiled again, the plan is another: %v", err)
	}
}

// corpus yields the documents of the shared corpus.
func corpus(t testing.TB, yield func(name string, doc *capabilities.Document)) {
	t.Helper()
	for _, dir := range []string{"capabilities", "arazzo"} {
		tree := os.DirFS(filepath.Join(shared(t), "data", dir))
		reader := capabilities.NewReader(tree, capabilities.Options{})
		err := fs.WalkDir(tree, ".", func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(name, ".yaml") && !strings.HasSuffix(name, ".yml") {
				return err
			}
			docs, err := reader.Read(name)
			if err != nil {
				return nil //nolint:nilerr // a file that is no text is no document
			}
			for _, doc := range docs {
				yield(dir+"/"+name, doc)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestCorpus: every flow of every real document becomes a plan or is refused with
// a place and a reason. It prints how many, and why.
func TestCorpus(t *testing.T) {
	known, err := effects.New()
	if err != nil {
		t.Fatal(err)
	}
	count, why, first := map[string]int{}, map[string]int{}, map[string]string{}
	corpus(t, func(name string, doc *capabilities.Document) {
		flows := flowNames(facts.Of(doc, classifier{known.In(doc)}).Flows)
		if len(flows) == 0 {
			flows = []string{""}
		}
		for _, flow := range flows {
			dialect := string(doc.Dialect)
			p, err := Compile(doc, flow, Options{Operations: service(), Classify: known})
			var refusal *Refusal
			switch {
			case err == nil:
				count[dialect+" compiled"]++
				check(t, name, p)
				if flow != "" && p.Flow != flow { // a run goes on with the flow that the plan names
					t.Errorf("%s: the plan of %q says that it is %q", name, flow, p.Flow)
				}
			case errors.As(err, &refusal):
				count[dialect+" refused"]++
				seen := map[string]bool{}
				for _, fault := range refusal.Faults {
					if fault.At.File == "" || fault.Message == "" {
						t.Errorf("%s %s: no place or message: %+v", name, flow, fault)
					}
					if !seen[fault.ID] {
						seen[fault.ID] = true
						why[dialect+" "+fault.ID]++
						if first[dialect+" "+fault.ID] == "" {
							first[dialect+" "+fault.ID] = flow + ": " + fault.Error()
						}
					}
				}
			default:
				t.Errorf("%s %s: %v is no refusal", name, flow, err)
			}
		}
	})
	report(t, count, nil)
	for dialect, least := range map[string]int{"composition": 3, "arazzo": 210, "ad-hoc": 350, "kubernetes": 30, "ikanos": 200, "naftiko": 3700} {
		if n := count[dialect+" compiled"]; n < least {
			t.Errorf("%s: %d flows compile, fewer than %d", dialect, n, least)
		}
	}
	report(t, why, first)
}

func report(t *testing.T, count map[string]int, first map[string]string) {
	keys := make([]string, 0, len(count))
	for key := range count {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		t.Logf("%5d %-32s %s", count[key], key, first[key])
	}
}

// check holds what is true of every plan.
func check(t *testing.T, name string, p *Plan) {
	t.Helper()
	ids := map[string]bool{}
	for i, s := range p.Steps {
		if s.Index != i || s.ID == "" || ids[s.ID] || s.MaxTries < 1 || s.MaxTries > maxTries || len(s.OnSuccess) == 0 {
			t.Errorf("%s: step %d %q stands wrong", name, i, s.ID)
		}
		ids[s.ID] = true
		if s.Kind == Call && (s.Operation.ID == "" || s.Operation.Provider == "" || !s.Operation.Effect.Valid() || !s.Operation.Control.Valid()) {
			t.Errorf("%s: %s is not bound: %+v", name, s.ID, s.Operation)
		}
		for _, e := range append(slices.Clone(s.OnSuccess), s.OnFailure...) {
			if e.To < -1 || e.To >= len(p.Steps) || e.Action == "end" != (e.To == -1) || e.Limit > maxTries {
				t.Errorf("%s: %s leads to %+v", name, s.ID, e)
			}
		}
		for _, e := range s.OnFailure {
			if e.To == -1 {
				t.Errorf("%s: a failure of %s may end the run as if it had not failed", name, s.ID)
			}
		}
		for _, a := range s.Arguments {
			if a.How == Unbound != a.Value.IsZero() && a.How == Unbound || a.How == "" {
				t.Errorf("%s: %s.%s is bound as %q to %s", name, s.ID, a.Param.Name, a.How, a.Value)
			}
		}
	}
	for _, s := range p.Steps {
		for _, n := range []Need{s.Needs.Authentication, s.Needs.Authorization, s.Needs.Approval, s.Needs.Audit} {
			if n.State == "" || n.By != "" && !ids[n.By] {
				t.Errorf("%s: %s needs %+v", name, s.ID, n)
			}
		}
	}
	if p.Digest() == "" {
		t.Errorf("%s: no digest", name)
	}
}
