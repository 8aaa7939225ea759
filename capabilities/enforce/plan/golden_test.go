package plan

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agentrisk/capabilities"
)

var update = flag.Bool("update", false, "write the golden files")

func read(t testing.TB, root, name string) []*capabilities.Document {
	t.Helper()
	docs, err := capabilities.NewReader(os.DirFS(root), capabilities.Options{}).Read(name)
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// written is a plan as text, or the faults for which there is none.
func written(p *Plan, err error) string {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		var b strings.Builder
		b.WriteString("refused\n")
		for _, fault := range refusal.Faults {
			b.WriteString(fault.Error() + "\n")
		}
		return b.String()
	}
	return dump(p)
}

// TestPlans holds the plan, or the refusal, of every document of testdata. A file
// x@flow.txt is the plan of that flow of x.yaml.
func TestPlans(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	for _, name := range files {
		base := strings.TrimSuffix(name, ".yaml")
		doc := read(t, "testdata", filepath.Base(name))[0]
		flows := map[string]string{base + ".txt": ""}
		others, _ := filepath.Glob(base + "@*.txt")
		for _, other := range others {
			flows[other] = strings.TrimSuffix(strings.TrimPrefix(other, base+"@"), ".txt")
		}
		for golden, flow := range flows {
			t.Run(filepath.Base(golden), func(t *testing.T) {
				got := written(Compile(doc, flow, Options{Operations: service()}))
				if *update {
					if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("%s (-want +got)\n%s", golden, diff)
				}
			})
		}
	}
}
