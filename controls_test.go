package agentrisk_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	controlRow = regexp.MustCompile(`^\| (C\d+) \|(.*)\|$`)
	namedTest  = regexp.MustCompile("`([a-z/]+)\\.(Test[A-Za-z0-9]+)`")
)

// TestControlsNameRealTests: every row of the table of controls says whether it is
// enforced, and names tests that exist or the reason why it is not.
func TestControlsNameRealTests(t *testing.T) {
	text, err := os.ReadFile("docs/controls.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, line := range strings.Split(string(text), "\n") {
		m := controlRow.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		rows++
		if want := fmt.Sprintf("C%02d", rows); m[1] != want {
			t.Errorf("row %s stands where %s is expected", m[1], want)
		}
		cells := strings.Split(m[2], "|")
		if len(cells) != 5 {
			t.Errorf("%s has %d cells", m[1], len(cells))
			continue
		}
		for i := range cells {
			if cells[i] = strings.TrimSpace(cells[i]); cells[i] == "" {
				t.Errorf("%s: cell %d is empty", m[1], i+1)
			}
		}
		checkControl(t, m[1], cells[2], cells[4])
	}
	if rows < 70 {
		t.Errorf("only %d controls were read", rows)
	}
}

func checkControl(t *testing.T, id, enforced, tests string) {
	t.Helper()
	if enforced == "no" {
		if tests != "not enforced" {
			t.Errorf("%s is not enforced and names a test: %s", id, tests)
		}
		return
	}
	if enforced != "yes" && enforced != "partly" {
		t.Errorf("%s: enforced is %q", id, enforced)
	}
	names := namedTest.FindAllStringSubmatch(tests, -1)
	if len(names) == 0 || len(strings.Fields(tests)) != len(names) {
		t.Errorf("%s names no tests, or something else too: %s", id, tests)
	}
	for _, name := range names {
		dir := filepath.Join("capabilities/enforce", name[1])
		switch name[1] {
		case "root":
			dir = "."
		case "enforce":
			dir = "capabilities/enforce"
		}
		if !hasTest(t, dir, name[2]) {
			t.Errorf("%s: there is no %s in %s", id, name[2], dir)
		}
	}
}

func hasTest(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(t *testing.T)") {
			return true
		}
	}
	return false
}

// TestIdentityApartFromPolicy: who somebody is and what they may do are decided by
// packages that do not know each other.
func TestIdentityApartFromPolicy(t *testing.T) {
	const enforce = module + "/capabilities/enforce/"
	deciders := []string{"policy", "fga", "limits", "approval"}
	apart := func(from string, banned ...string) {
		deps := list(t, "-deps", "./capabilities/enforce/"+from)
		if len(deps) < 10 {
			t.Fatalf("only %d packages seen", len(deps))
		}
		for _, p := range deps {
			for _, name := range banned {
				if p.ImportPath == enforce+name || strings.HasPrefix(p.ImportPath, enforce+name+"/") {
					t.Errorf("%s links %s", from, name)
				}
			}
		}
	}
	apart("identity", deciders...)
	for _, from := range deciders {
		apart(from, "identity")
	}
}
