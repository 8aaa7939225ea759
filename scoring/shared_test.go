package scoring

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"
)

// sharedRows reads a file of published scores from the shared material beside
// the repository, a map per row. Without the material the test is skipped;
// under CI it fails, so that a run that proves nothing is not taken for one
// that does.
func sharedRows(t *testing.T, name string) []map[string]string {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(root) == root {
			t.Fatal("no go.mod above the package")
		}
		root = filepath.Dir(root)
	}
	path := filepath.Join(filepath.Dir(root), "shared", "data", "aivss", name)
	file, err := os.Open(path)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the shared material is needed under CI: %v", err)
		}
		t.Skipf("needs the shared material: %v", err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		t.Fatalf("%s has no rows", path)
	}
	return rows
}
