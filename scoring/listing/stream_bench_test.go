package listing

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// typicalLines generates the lines of the benchmarks: three quarters by the
// continuous formula on a bare base, a quarter by aivss-0.8 on a vector.
func typicalLines(count int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	continuous, _ := scoring.Lookup("aivss-0.8-continuous")
	strict, _ := scoring.Lookup("aivss-0.8")
	vectors := []string{
		"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
		"CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:P",
		"CVSS:4.0/AV:L/AC:L/AT:N/PR:L/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N/E:U",
	}
	var b bytes.Buffer
	for i := range count {
		fmt.Fprintf(&b, `{"name":"agent-%07d","provider":"provider %d",`, i, i%97)
		f := continuous
		if i%4 == 0 {
			f = strict
			fmt.Fprintf(&b, `"cvss":"%s","threat":"proof-of-concept","mitigation":"partial","factors":{`, vectors[rng.IntN(len(vectors))])
		} else {
			fmt.Fprintf(&b, `"cvss":%d.%d,"threat":%s,"mitigation":0.85,"factors":{`, rng.IntN(10), rng.IntN(10), []string{"1", "0.95", "1.05"}[rng.IntN(3)])
		}
		for k := range f.Factors {
			value := fmt.Sprintf("0.%d", rng.IntN(10))
			if f == strict {
				value = []string{"0", "0.5", "1"}[rng.IntN(3)]
			}
			sep := ","
			if k == len(f.Factors)-1 {
				sep = "}}\n"
			}
			fmt.Fprintf(&b, `"%s":%s%s`, f.Factors[k].Key, value, sep)
		}
	}
	return b.Bytes()
}

// plainAssessment is what a program without this package would decode into.
type plainAssessment struct {
	Name, Provider string
	CVSS           any `json:"cvss"`
	Threat         any `json:"threat"`
	Mitigation     any `json:"mitigation"`
	All            struct {
		Autonomy       float64 `json:"autonomy"`
		Tools          float64 `json:"tools"`
		Language       float64 `json:"language"`
		Context        float64 `json:"context"`
		NonDeterminism float64 `json:"non_determinism"`
		Opacity        float64 `json:"opacity"`
		Persistence    float64 `json:"persistence"`
		Identity       float64 `json:"identity"`
		MultiAgent     float64 `json:"multi_agent"`
		SelfMod        float64 `json:"self_mod"`
		Autonomy5      float64 `json:"autonomy_of_action"`
		Planning       float64 `json:"goal_driven_planning"`
		SelfMod5       float64 `json:"self_modification"`
		ToolUse        float64 `json:"dynamic_tool_use"`
		Memory         float64 `json:"persistent_memory"`
		Context5       float64 `json:"contextual_awareness"`
		Identity5      float64 `json:"dynamic_identity"`
		MultiAgent5    float64 `json:"multi_agent_interactions"`
		Opacity5       float64 `json:"opacity_and_reflexivity"`
	} `json:"factors"`
}

const benchLines = 100_000

func BenchmarkStreamNDJSON(b *testing.B) {
	text := typicalLines(benchLines)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		sum, err := Stream(bytes.NewReader(text), "bench.ndjson", StreamOptions{}, io.Discard, AppendCSV, func(e *source.Error) { b.Fatal(e) })
		if err != nil || sum.Rows != benchLines {
			b.Fatal(sum, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchLines, "ns/row")
}

// BenchmarkEncodingJSONFloor decodes the same bytes with encoding/json into a
// struct, the lines shared out over the same number of goroutines.
func BenchmarkEncodingJSONFloor(b *testing.B) {
	text := typicalLines(benchLines)
	rows := bytes.Split(bytes.TrimSpace(text), lineBreak)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	n := runtime.GOMAXPROCS(0)
	for b.Loop() {
		var wg sync.WaitGroup
		for w := range n {
			wg.Go(func() {
				for _, row := range rows[w*len(rows)/n : (w+1)*len(rows)/n] {
					var a plainAssessment
					if err := json.Unmarshal(row, &a); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchLines, "ns/row")
}

func BenchmarkFastRow(b *testing.B) {
	lines := bytes.Split(bytes.TrimSpace(typicalLines(1000)), lineBreak)
	var r fastJSON
	var row Row
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if !r.read(lines[i%len(lines)], &row) {
			b.Fatalf("not read: %s", lines[i%len(lines)])
		}
	}
}
