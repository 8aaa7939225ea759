package scoring

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	gocvss40 "github.com/pandatix/go-cvss/40"
)

var update = flag.Bool("update", false, "write golden files anew")

// eachBase40 calls do with every vector of base metrics, in table order.
func eachBase40(do func(vector string)) {
	var walk func(i int, prefix string)
	walk = func(i int, prefix string) {
		if i == base40Metrics {
			do(prefix)
			return
		}
		for value := range strings.SplitSeq(metrics40[i].values, " ") {
			walk(i+1, prefix+"/"+metrics40[i].name+":"+value)
		}
	}
	walk(0, "CVSS:4.0")
}

func TestBaseTable(t *testing.T) {
	want := make([]byte, 0, len(base40))
	eachBase40(func(vector string) {
		v, err := gocvss40.ParseVector(vector)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, byte(fromFloat(v.Score())/tenth))
	})
	if *update {
		if err := os.WriteFile("cvss40base.bin", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(want, []byte(base40)) {
		t.Fatal("cvss40base.bin differs from what the CVSS library computes: run go test -run TestBaseTable -update")
	}
	n := 0
	eachBase40(func(vector string) {
		got, ok := baseScore40(vector)
		if !ok || got != Tenths(int(want[n])) {
			t.Fatalf("%s: looked up %s, the library gives %d tenths", vector, got, want[n])
		}
		n++
	})
}
