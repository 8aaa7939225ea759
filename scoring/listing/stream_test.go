package listing

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// streamed is what a stream gave.
type streamed struct {
	out  string
	errs []string
	sum  Summary
	err  error
}

func stream(r io.Reader, name string, opts StreamOptions) streamed {
	var s streamed
	var out bytes.Buffer
	s.sum, s.err = Stream(r, name, opts, &out, AppendCSV, func(e *source.Error) { s.errs = append(s.errs, e.Error()) })
	s.out = out.String()
	return s
}

func TestStreamScoresGoodRowsAndReportsBadOnes(t *testing.T) {
	f, err := os.Open("../../testdata/streams/agents.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := stream(f, "agents.ndjson", StreamOptions{})
	want := `berth-booker,aivss-0.8-continuous,4.6,4.6,1.472,1.472,7.4,7.4,High,High
"say ""hi"", twice",aivss-0.8,8,8,1.0088,1.0088,9.7,9.7,Critical,Critical
nothing known,aivss-0.8,0,10,0,10,0,10,None,Critical
stated,aivss-0.8-floor,3,4,1.5,2,6,6.3,Medium,Medium
`
	if got.out != want || got.err != nil || got.sum.Rows != 4 || got.sum.Bad != 1 {
		t.Errorf("got %+v (%v)\n%s", got.sum, got.err, got.out)
	}
	if len(got.errs) != 2 || !strings.HasPrefix(got.errs[0], "agents.ndjson:5:22: cvss is 11") || !strings.HasPrefix(got.errs[1], "agents.ndjson:5:47: factor autonomy is 0.3") {
		t.Errorf("errors %q", got.errs)
	}
}

func TestStreamOfCSV(t *testing.T) {
	f, err := os.Open("../../testdata/streams/agents.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := stream(f, "agents.csv", StreamOptions{})
	want := `berth-booker,aivss-0.8-continuous,4.6,4.6,1.472,1.472,7.4,7.4,High,High
"half, known",aivss-0.8-continuous,9,10,0,1.3,0,10,None,Critical
last,aivss-0.8-continuous,10,10,0,0,5,5,Medium,Medium
`
	if got.out != want || got.err != nil || got.sum.Rows != 3 || got.sum.Bad != 1 {
		t.Errorf("got %+v (%v)\n%s", got.sum, got.err, got.out)
	}
	if len(got.errs) != 2 || !strings.HasPrefix(got.errs[0], "agents.csv:4:31: factor persistent_memory is 1.5") || !strings.HasPrefix(got.errs[1], "agents.csv:4:51: factor opacity_and_reflexivity is \"much\"") {
		t.Errorf("errors %q", got.errs)
	}
}

// A stream and a file of the same rows are read the same, by either form.
func TestStreamAndLoadAgree(t *testing.T) {
	for _, path := range append(fixtures(t, "streams"), "../../testdata/bad/rows.csv", "../../testdata/bad/rows.ndjson") {
		file := open(t, path)
		agents, loadErr := Load(file, Options{})
		var want bytes.Buffer
		for _, a := range agents {
			row, fault := a.row(0)
			if fault != nil {
				continue // a decision: a file may hold one, a stream of scores may not
			}
			want.Write(AppendCSV(nil, &row))
			checkEvidence(t, file, a)
		}
		got := stream(bytes.NewReader(file.Text), file.Name, StreamOptions{})
		if got.out != want.String() {
			t.Errorf("%s: the stream gives\n%s, the file\n%s", path, got.out, want.String())
		}
		for _, line := range strings.Split(loadErr.Error(), "\n") {
			if !strings.Contains(strings.Join(got.errs, "\n"), line) {
				t.Errorf("%s: the stream does not report %s", path, line)
			}
		}
	}
}

// Order and result do not depend on how the work is shared out, nor on how the
// input arrives.
func TestStreamKeepsOrder(t *testing.T) {
	text := typicalLines(4000)
	want := stream(bytes.NewReader(text), "-", StreamOptions{Workers: 1})
	if want.sum.Rows != 4000 || strings.Count(want.out, "\n") != 4000 || !strings.HasPrefix(want.out, "agent-0000000,") {
		t.Fatalf("%+v %v", want.sum, want.errs)
	}
	for n := range 5 {
		for what, r := range map[string]io.Reader{"at once": bytes.NewReader(text), "in halves": iotest.HalfReader(bytes.NewReader(text)), "with an early end": iotest.DataErrReader(bytes.NewReader(text))} {
			if got := stream(r, "-", StreamOptions{Workers: n + 1}); got.out != want.out || got.sum.Rows != 4000 {
				t.Errorf("%d workers, %s: %+v", n+1, what, got.sum)
			}
		}
	}
	one := text[:bytes.IndexByte(text, '\n')]
	if got := stream(iotest.OneByteReader(bytes.NewReader(one)), "-", StreamOptions{}); got.sum.Rows != 1 {
		t.Errorf("a last line without a break: %+v", got.sum)
	}
}

func TestStreamBounds(t *testing.T) {
	good := `{"name":"x","cvss":5}` + "\n"
	long := `{"name":"` + strings.Repeat("a", 3*MaxLine) + `"}` + "\n"
	wide := `{"name":"x","description":"` + strings.Repeat("é", maxText/2) + `"}` + "\n"
	fits := `{"name":"x","cvss":5` + strings.Repeat(" ", MaxLine-30) + `}` + "\n"
	tests := []struct {
		name, text string
		rows, bad  int
		want       string
	}{
		{"too long", good + long + good, 2, 1, "-:2:1: the line is longer than 1048576 bytes"},
		{"too long at the end", good + strings.TrimSuffix(long, "\n"), 1, 1, "-:2:1: the line is longer"},
		{"as long as allowed", good + fits + good, 3, 0, ""},
		{"long text", wide + good, 2, 0, ""},
		{"blank lines", "\n\n" + good + "\r\n  \n" + good, 2, 0, ""},
		{"byte order mark", "\xef\xbb\xbf" + good, 1, 0, ""},
		{"nothing", "", 0, 0, ""},
		{"not UTF-8", good + `{"name":"` + "\xff" + `"}` + "\n" + good, 2, 1, "-:2:10: byte 0xff is not valid UTF-8"},
		{"zero byte", "{\"name\":\"\x00\"}\n" + good, 1, 1, "-:1:10: holds a zero byte"},
		{"deep", `{"name":"x","tools":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}\n" + good, 1, 1, "-:1:52: nested more than 32 levels deep"},
		{"a decision", `{"name":"x","formula":"aivss-ssvc"}` + "\n" + good, 1, 1, "-:1:1: aivss-ssvc gives no score"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := stream(strings.NewReader(tt.text), "-", StreamOptions{Form: FormNDJSON})
			if got.err != nil || got.sum.Rows != tt.rows || got.sum.Bad != tt.bad {
				t.Fatalf("%+v %v %q", got.sum, got.err, got.errs)
			}
			if len(got.errs) != tt.bad || tt.bad > 0 && !strings.HasPrefix(got.errs[0], tt.want) {
				t.Errorf("errors %q, want %q", got.errs, tt.want)
			}
		})
	}
}

func TestStreamHeader(t *testing.T) {
	tests := []struct{ name, header, want string }{
		{"empty", "", "is empty"},
		{"unknown", "name,cvss,autonmy", "did you mean \"autonomy\"?"},
		{"twice", "name,name", "stands here again"},
		{"quote", "name,\"cvss", "not closed"},
		{"no score", "name,execution_autonomy,tool_authority", "gives no score"},
	}
	for _, tt := range tests {
		got := stream(strings.NewReader(tt.header+"\nx,5,1\n"), "a.csv", StreamOptions{})
		if tt.header == "" {
			got = stream(strings.NewReader("\n \n"), "a.csv", StreamOptions{})
		}
		if got.err == nil || !strings.Contains(got.err.Error(), tt.want) || got.out != "" {
			t.Errorf("%s: %v", tt.name, got.err)
		}
	}
}

func TestStreamFormula(t *testing.T) {
	floor := formula(t, "aivss-0.8-floor")
	row := `{"cvss":5,"threat":"attacked","mitigation":"strong","factors":{"autonomy":1,"tools":1}}` + "\n"
	for want, opts := range map[string]StreamOptions{"aivss-0.8": {}, floor.ID: {Formula: floor}} {
		if got := stream(strings.NewReader(row), "-", opts); !strings.HasPrefix(got.out, ","+want+",") {
			t.Errorf("want %s, got %s %q", want, got.out, got.errs)
		}
		csv := "cvss,autonomy,tools\n5,1,1\n"
		if got := stream(strings.NewReader(csv), "-", opts); !strings.HasPrefix(got.out, ","+want+",") {
			t.Errorf("want %s, got %s %q", want, got.out, got.errs)
		}
	}
	listing := "cvss,dynamic_tool_use\n5,0.3\n"
	got := stream(strings.NewReader(listing), "-", StreamOptions{Formula: floor})
	if !strings.HasPrefix(got.out, ",aivss-0.8-continuous,") || len(got.sum.Warnings) != 1 || got.sum.Warnings[0].ID != WarnFormulaOption {
		t.Errorf("%s %v", got.out, got.sum.Warnings)
	}
}

func TestStreamCountsOldVectors(t *testing.T) {
	text := `{"cvss":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}` + "\n" + `{"cvss":"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H"}` + "\n"
	if got := stream(strings.NewReader(text), "-", StreamOptions{}); got.sum.OldVectors != 1 || got.sum.Rows != 2 {
		t.Errorf("%+v", got.sum)
	}
}

// failing is a writer that fails once it has taken some bytes.
type failing struct{ left int }

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestStreamEndsWhereItMust(t *testing.T) {
	text := typicalLines(20000)
	ignore := func(*source.Error) {}
	if _, err := Stream(bytes.NewReader(text), "-", StreamOptions{}, &failing{left: 100_000}, AppendCSV, ignore); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a failing writer: %v", err)
	}
	broken := io.MultiReader(bytes.NewReader(text[:1<<20]), iotest.ErrReader(errors.New("the cable is out")))
	sum, err := Stream(broken, "in", StreamOptions{}, io.Discard, AppendCSV, ignore)
	var e *source.Error
	if !errors.As(err, &e) || e.ID != "unreadable" || !strings.Contains(e.Message, "the cable is out") || sum.Rows == 0 {
		t.Errorf("a failing reader: %v after %d rows", err, sum.Rows)
	}
	// A writer that fails while the reader waits for more does not hang.
	r, w := io.Pipe()
	defer w.Close()
	go func() { _, _ = w.Write(text) }()
	if _, err := Stream(r, "-", StreamOptions{}, &failing{}, AppendCSV, ignore); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a waiting reader: %v", err)
	}
	if _, err := Stream(bytes.NewReader(text), "-", StreamOptions{Form: FormListing}, io.Discard, AppendCSV, ignore); err == nil {
		t.Error("a listing page is streamed")
	}
}

func TestAPanicInRenderReachesTheCaller(t *testing.T) {
	defer func() {
		if r := recover(); fmt.Sprint(r) != "no such row" {
			t.Errorf("recovered %v", r)
		}
	}()
	_, _ = Stream(bytes.NewReader(typicalLines(5000)), "-", StreamOptions{}, io.Discard, func(dst []byte, row *Row) []byte {
		if row.Line == 3000 {
			panic("no such row")
		}
		return dst
	}, func(*source.Error) {})
	t.Error("the stream went on")
}

// The fast reader takes the ordinary lines, so that the benchmark measures it.
func TestFastReaderTakesOrdinaryLines(t *testing.T) {
	var r fastJSON
	var row Row
	for _, line := range bytes.Split(bytes.TrimSpace(typicalLines(500)), lineBreak) {
		if !r.read(line, &row) {
			t.Fatalf("left to the full reader: %s", line)
		}
		compareWithFull(t, &r, line, &row)
	}
	if n := testing.AllocsPerRun(100, func() { r.read(typicalLine, &row) }); n != 0 {
		t.Errorf("%v allocations a line", n)
	}
}

var typicalLine = bytes.TrimSpace(typicalLines(2)[len(typicalLines(1)):])

// compareWithFull checks a line that the fast reader has accepted.
func compareWithFull(t *testing.T, r *fastJSON, line []byte, row *Row) {
	t.Helper()
	a, err := readJSONRow("-", line, 1, Options{Formula: r.option})
	if err != nil {
		t.Fatalf("accepted by the fast reader only: %s\n%v", line, err)
	}
	full, fault := a.row(1)
	if fault != nil {
		t.Fatalf("accepted by the fast reader only: %s\n%v", line, fault)
	}
	if string(full.Name) != string(row.Name) || full.Formula != row.Formula || full.Input != row.Input || (full.CVSS == nil) != (row.CVSS == nil) || full.CVSS != nil && *full.CVSS != *row.CVSS {
		t.Fatalf("%s\nfast: %s %s %+v\nfull: %s %s %+v", line, row.Name, row.Formula.ID, row.Input, full.Name, full.Formula.ID, full.Input)
	}
}

func TestPlainDecimalAgreesWithParseDecimal(t *testing.T) {
	for _, text := range []string{"0", "1", "9.9", "10", "0.5", "0.1234", "999.9999", "0.12345", "1000", "00", "01", "1.", ".5", "-1", "1e1", "", "x", "1.5x"} {
		d, n := plainDecimal([]byte(text))
		want, err := scoring.ParseDecimal(text)
		if n == len(text) && n > 0 && (err != nil || d != want) {
			t.Errorf("%q reads %v, want %v (%v)", text, d, want, err)
		}
		if plain := err == nil && want < 1000*scoring.One && !strings.ContainsAny(text, "e-"); plain && n != len(text) {
			t.Errorf("%q is not read", text)
		}
	}
}

// What a stream allocates does not grow with its length.
func TestStreamNeedsConstantMemory(t *testing.T) {
	text := typicalLines(5000)
	allocated := func(times int) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var readers []io.Reader
		for range times {
			readers = append(readers, bytes.NewReader(text))
		}
		sum, err := Stream(io.MultiReader(readers...), "-", StreamOptions{Workers: 2}, io.Discard, AppendCSV, func(e *source.Error) { t.Error(e) })
		if err != nil || sum.Rows != 5000*times {
			t.Fatal(sum, err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	short, long := allocated(4), allocated(40)
	t.Logf("measured: %d KiB for 20,000 rows, %d KiB for 200,000", short>>10, long>>10)
	if long > short+1<<20 {
		t.Errorf("%d bytes for ten times what takes %d", long, short)
	}
}
