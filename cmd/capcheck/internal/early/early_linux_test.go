package early

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// What is prepared takes no memory before it is used: neither the ballast nor what was
// advised was touched.
func TestNothingIsTaken(t *testing.T) {
	text, err := os.ReadFile("/proc/self/statm") // proc(5): size and resident pages
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		t.Fatal(err)
	}
	const most = 64 << 20 // half of what was advised; the race detector takes 20 MB
	if held := pages * os.Getpagesize(); held > most {
		t.Errorf("%d MB are held before anything was done", held>>20)
	}
	if len(Ballast) != ballast {
		t.Errorf("%d bytes of ballast", len(Ballast))
	}
}
