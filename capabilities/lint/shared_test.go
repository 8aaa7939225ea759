package lint

import (
	"os"
	"path/filepath"
	"testing"

	"agentrisk/capabilities"
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

func readShared(t testing.TB, root, name string) []*capabilities.Document {
	t.Helper()
	docs, err := capabilities.NewReader(os.DirFS(root), capabilities.Options{}).Read(name)
	if err != nil {
		t.Fatal(err)
	}
	return docs
}
