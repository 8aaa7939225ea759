package lint

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// column reads one column of a table of the shared material.
func column(t *testing.T, file string, n int) []string {
	t.Helper()
	f, err := os.Open(filepath.Join(shared(t), "data/maestro", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, row := range rows[1:] {
		out = append(out, row[n])
	}
	return out
}

// TestLinksExist: the layers, threats and ids that rules are linked to are those
// that were published.
func TestLinksExist(t *testing.T) {
	rules, err := Rules()
	if err != nil {
		t.Fatal(err)
	}
	layers := []string{"L1", "L2", "L3", "L4", "L5", "L6", "L7"}
	maestro := append(column(t, "threats.csv", 0), layers...)
	owasp := append(column(t, "owasp-threats.csv", 0), column(t, "owasp-agentic-top10-2026.csv", 0)...)
	for i := range 10 {
		owasp = append(owasp, "LLM"+string([]byte{'0' + byte((i+1)/10), '0' + byte((i+1)%10)})) // the ten of 2025
	}
	factors := []string{"autonomy", "tools", "language", "context", "non_determinism", "opacity", "persistence", "identity", "multi_agent", "self_mod"}
	cwe := regexp.MustCompile(`^CWE-[1-9][0-9]{0,3}$`)
	for _, r := range rules {
		check := func(what string, ids, known []string) {
			for _, id := range ids {
				if !slices.Contains(known, id) {
					t.Errorf("%s: there is no %s %s", r.ID, what, id)
				}
			}
		}
		check("MAESTRO threat", r.Links.MAESTRO, maestro)
		check("OWASP id", r.Links.OWASP, owasp)
		check("AIVSS factor", r.Links.AIVSS, factors)
		for _, id := range r.Links.CWE {
			if !cwe.MatchString(id) {
				t.Errorf("%s: %s is no CWE", r.ID, id)
			}
		}
		if len(r.Links.MAESTRO) == 0 || len(r.Links.CWE) == 0 {
			t.Errorf("%s is linked to no threat or no weakness", r.ID)
		}
	}
}
