package maestro

import (
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shared opens a file of the shared material; without it, the test is skipped,
// and fails where CI is true.
func shared(t *testing.T, name string) *os.File {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the package")
		}
		dir = filepath.Dir(dir)
	}
	f, err := os.Open(filepath.Join(dir, "..", "shared", name))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the shared material is needed in CI: %v", err)
		}
		t.Skipf("needs the shared material beside the repository: %v", err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func sharedRows(t *testing.T, name string) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(shared(t, "data/maestro/"+name)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		entry := map[string]string{}
		for i, cell := range row {
			entry[rows[0][i]] = cell
		}
		out = append(out, entry)
	}
	return out
}

func TestThreatsAreThePublishedOnes(t *testing.T) {
	want := map[string][2]string{}
	for _, row := range sharedRows(t, "threats.csv") {
		want[row["id"]] = [2]string{row["layer"], row["threat"]}
	}
	for _, threat := range Threats() {
		layer := threat.Layer
		if layer == "X" {
			layer = "Cross-layer"
		}
		if want[threat.ID] != [2]string{layer, threat.Name} {
			t.Errorf("%s is %s %q, published as %v", threat.ID, threat.Layer, threat.Name, want[threat.ID])
		}
		delete(want, threat.ID)
	}
	for id := range want {
		t.Errorf("%s is missing", id)
	}
}

func TestReferencesAreThePublishedOnes(t *testing.T) {
	published := map[string]string{}
	for _, file := range []string{"owasp-threats.csv", "owasp-agentic-top10-2026.csv", "mitre-atlas-5.6.0.csv"} {
		for _, row := range sharedRows(t, file) {
			published[row["id"]] = row["name"]
		}
	}
	for id, name := range references(t) {
		if strings.HasPrefix(id, "CWE-") || strings.HasPrefix(id, "aivss:") {
			continue
		}
		if published[id] != name {
			t.Errorf("%s is %q, published as %q", id, name, published[id])
		}
	}
}

func TestLayersAreThePublishedOnes(t *testing.T) {
	names := map[string]string{}
	for _, row := range sharedRows(t, "threats.csv") {
		names[row["layer"]] = row["layer_name"]
	}
	for _, l := range Layers() {
		if names[l.ID] != l.Name {
			t.Errorf("%s is %q, published as %q", l.ID, l.Name, names[l.ID])
		}
	}
}

func TestCatalogueCounts(t *testing.T) {
	count := map[string]int{}
	ids := map[string]bool{}
	for _, threat := range Threats() {
		count[threat.Layer]++
		if ids[threat.ID] {
			t.Errorf("%s stands twice", threat.ID)
		}
		ids[threat.ID] = true
		if len(threat.References) == 0 || len(threat.Description) < 40 || len(threat.Advice) < 40 {
			t.Errorf("%s is thin", threat.ID)
		}
	}
	want := map[string]int{"L1": 7, "L2": 5, "L3": 6, "L4": 6, "L5": 6, "L6": 7, "L7": 13, "X": 5}
	for layer, n := range want {
		if count[layer] != n {
			t.Errorf("%s has %d threats, want %d", layer, count[layer], n)
		}
	}
	if len(Layers()) != 7 || len(ids) != 55 {
		t.Errorf("%d layers, %d threats", len(Layers()), len(ids))
	}
}

// T16 and T17 mean one thing in the agentic threats and another in the guide.
func TestNamespaces(t *testing.T) {
	names := references(t)
	if names["owasp-asi-1.1:T16"] == names["owasp-mas-1.0:T16"] || names["owasp-asi-1.1:T17"] != "Supply Chain Compromise" {
		t.Error("the namespaces of OWASP's threats are mixed up")
	}
	for id := range names {
		if id[0] == 'T' {
			t.Errorf("%s has no namespace", id)
		}
	}
}

// The layers' core risks are AIVSS v0.8's own mapping.
func TestCoreRisks(t *testing.T) {
	want := map[string]string{
		"L1": "aivss:goal aivss:untraceability", "L2": "aivss:memory aivss:supply-chain",
		"L3": "aivss:orchestration aivss:cascading", "L4": "aivss:critical-systems aivss:access",
		"L5": "aivss:untraceability aivss:cascading", "L6": "aivss:impersonation aivss:access",
		"L7": "aivss:tool-misuse aivss:supply-chain",
	}
	for _, l := range Layers() {
		var ids []string
		for _, r := range l.CoreRisks {
			ids = append(ids, r.ID)
		}
		if got := strings.Join(ids, " "); got != want[l.ID] {
			t.Errorf("%s has %s", l.ID, got)
		}
	}
}

func TestLookup(t *testing.T) {
	for key, want := range map[string]string{
		"L3-03": "L3-03", "l3-03": "L3-03", "L1 Backdoor Attacks": "L1-03", "L3: backdoor attacks": "L3-02",
		"X-02": "X-02", "L4 Lateral Movement": "L4-06", "Agent Tool Misuse": "L7-04",
		"L2 Model Inversion/Extraction": "L2-05", "model inversion / extraction": "L2-05",
		"L1 Denial of Service (DoS) Attacks": "L1-07",
	} {
		got, err := Lookup(key)
		if err != nil || got.ID != want {
			t.Errorf("%q gives %s, %v; want %s", key, got.ID, err, want)
		}
	}
	for key, want := range map[string]string{
		"Backdoor Attacks":  `threat name "Backdoor Attacks" stands in several layers (write the layer too, or one of L1-03, L3-02)`,
		"L3-07":             `no threat "L3-07" (did you mean "L1-07"?)`,
		"Agent Tool Missus": `no threat "Agent Tool Missus" (did you mean "Agent Tool Misuse"?)`,
		"weather":           `no threat "weather" (use an id such as L3-03, or a layer and a name)`,
		"":                  `no threat "" (use an id such as L3-03, or a layer and a name)`,
	} {
		_, err := Lookup(key)
		var missing *NotFoundError
		if !errors.As(err, &missing) || err.Error() != want {
			t.Errorf("%q gives %v", key, err)
		}
	}
}

func TestNotDetectable(t *testing.T) {
	got := strings.Join(Assess(nil).NotDetectable, " ")
	if want := "L1-03 L1-04 L1-05 L3-02 L6-05"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
