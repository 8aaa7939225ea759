package agentrisk_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "agentrisk"

// chains list the rooms from the top down: a package may import what stands
// below its own line, never what stands on it or above.
var chains = [][]string{
	{"cmd/aivss", "internal/report/scorecard", "maestro", "scoring/listing", "scoring"},
	{"cmd/aivss", "internal/report/scorecard", "internal/report", "internal/source"},
	{"cmd/capcheck", "internal/report/findings", "internal/report", "internal/source"},
	{"cmd/capcheck", "internal/report/findings", "capabilities/lint", "capabilities/effects", "capabilities", "internal/source"},
	{"cmd/capcheck", "internal/report/runs", "capabilities/enforce", "capabilities/enforce/plan", "capabilities/enforce/provider"},
	{"capabilities/enforce", "capabilities/enforce/provider/faults", "capabilities/enforce/provider/state", "capabilities/enforce/provider"},
	{"capabilities/enforce", "capabilities/enforce/provider/generic", "capabilities/enforce/provider/state", "capabilities/enforce/store"},
	{"capabilities/enforce", "capabilities/enforce/provider/workos", "capabilities/enforce/provider/state", "capabilities/enforce/store"},
	{"capabilities/enforce", "capabilities/enforce/approval", "capabilities/enforce/journal", "capabilities/enforce/store"},
	{"capabilities/enforce/plan", "capabilities/lint/facts", "capabilities/effects", "capabilities"},
	{"scoring/listing", "internal/source"},
}

// only says who may import a library that is likely to be replaced; nobody, where
// the list is empty and the library is for tests.
var only = map[string][]string{
	"gopkg.in/yaml.v3":                      {"internal/source"},
	"github.com/pandatix/go-cvss":           {"scoring"},
	"golang.org/x/net":                      {"scoring/listing"},
	"github.com/olekukonko/tablewriter":     {"internal/report"},
	"github.com/spf13/cobra":                {"cmd"},
	"github.com/open-policy-agent/opa":      {"capabilities/lint", "capabilities/enforce/policy"},
	"github.com/openfga":                    {"capabilities/enforce/fga"},
	"modernc.org/sqlite":                    {"capabilities/enforce/store"},
	"github.com/jackc/pgx":                  {"capabilities/enforce/store", "capabilities/enforce/fga"},
	"github.com/transparency-dev":           {"capabilities/enforce/audit"},
	"k8s.io/klog":                           {"capabilities/enforce/audit"},
	"golang.org/x/mod":                      {"capabilities/enforce/audit"},
	"github.com/lestrrat-go/jwx":            {"capabilities/enforce/identity"},
	"filippo.io/age":                        {"capabilities/enforce/secrets"},
	"github.com/rogpeppe/go-internal":       {"capabilities/enforce/safefile"},
	"github.com/santhosh-tekuri/jsonschema": {},
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports"}, args...)...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

// TestHouse holds the arrows of the house: imports go down only.
func TestHouse(t *testing.T) {
	pkgs := list(t, "./...")
	if len(pkgs) < 5 {
		t.Fatalf("only %d packages seen", len(pkgs))
	}
	for _, p := range pkgs {
		from := strings.TrimPrefix(p.ImportPath, module+"/")
		for _, path := range p.Imports {
			if to, ours := strings.CutPrefix(path, module+"/"); ours {
				checkArrow(t, from, to)
			} else {
				checkLibrary(t, from, path)
			}
		}
	}
}

func checkArrow(t *testing.T, from, to string) {
	t.Helper()
	// A program's own internal packages are its own business.
	if strings.HasPrefix(to, "cmd/") && program(from) != program(to) {
		t.Errorf("%s imports the program %s", from, to)
	}
	for _, chain := range chains {
		i, j := room(chain, from), room(chain, to)
		if i >= 0 && j >= 0 && j <= i {
			t.Errorf("%s imports %s, which stands above it", from, to)
		}
	}
	if from == "scoring" {
		t.Errorf("scoring imports %s; it may import the standard library and the CVSS library alone", to)
	}
}

// program is the program that a package belongs to: "aivss" for
// cmd/aivss/internal/x.
func program(path string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, "cmd/"), "/")
	return name
}

func room(chain []string, name string) int {
	for i, room := range chain {
		if room == name {
			return i
		}
	}
	return -1
}

func checkLibrary(t *testing.T, from, path string) {
	t.Helper()
	for library, rooms := range only {
		if path != library && !strings.HasPrefix(path, library+"/") {
			continue
		}
		allowed := false
		for _, room := range rooms {
			allowed = allowed || from == room || strings.HasPrefix(from, room+"/")
		}
		if !allowed {
			t.Errorf("%s imports %s, which only %v may", from, path, rooms)
		}
	}
}

// TestAivssStaysSmall: the reviewer's program links no policy engine, no
// runtime and no network server.
func TestAivssStaysSmall(t *testing.T) {
	deps := list(t, "-deps", "./cmd/aivss")
	if len(deps) < 50 {
		t.Fatalf("only %d packages seen", len(deps))
	}
	for _, p := range deps {
		for _, banned := range []string{"github.com/open-policy-agent", "github.com/openfga", "modernc.org/sqlite", "github.com/transparency-dev", "github.com/santhosh-tekuri/jsonschema", "net/http", module + "/capabilities/lint", module + "/capabilities/enforce"} {
			if p.ImportPath == banned || strings.HasPrefix(p.ImportPath, banned+"/") {
				t.Errorf("aivss links %s", p.ImportPath)
			}
		}
	}
}
