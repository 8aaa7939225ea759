package capabilities

import (
	"bytes"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"agentrisk/internal/source"
)

// parseOnly is the floor: the YAML library, and nothing made of what it finds.
func parseOnly(text []byte) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var n yaml.Node
		if dec.Decode(&n) != nil {
			return
		}
	}
}

// BenchmarkRead compares reading the corpus into the model with what the YAML
// library alone needs for the same files.
func BenchmarkRead(b *testing.B) {
	dir := sharedData(b, "capabilities")
	files := tree(b, dir)
	names := corpusFiles(b, dir)
	var bytes int64
	for _, name := range names {
		f, err := source.ReadFile(files, name, source.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		bytes += int64(len(f.Text))
	}
	b.SetBytes(bytes)
	b.ReportAllocs()
	var parse, read time.Duration
	for b.Loop() {
		start := time.Now()
		for _, name := range names {
			if f, err := source.ReadFile(files, name, source.Limits{}); err == nil {
				parseOnly(f.Text)
			}
		}
		middle := time.Now()
		r := NewReader(files, Options{})
		for _, name := range names {
			if _, err := r.Read(name); err != nil {
				b.Fatal(err)
			}
		}
		parse += middle.Sub(start)
		read += time.Since(middle)
	}
	b.ReportMetric(float64(read)/float64(parse), "model/parse")
	b.ReportMetric(float64(parse.Milliseconds())/float64(b.N), "parse-ms")
	b.ReportMetric(float64(read.Milliseconds())/float64(b.N), "model-ms")
}

// BenchmarkConform is what judging the corpus costs on top of reading it.
func BenchmarkConform(b *testing.B) {
	dir := sharedData(b, "capabilities")
	r := NewReader(tree(b, dir), Options{})
	var docs []*Document
	for _, name := range corpusFiles(b, dir) {
		read, err := r.Read(name)
		if err != nil {
			b.Fatal(err)
		}
		docs = append(docs, read...)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, d := range docs {
			Conform(d)
		}
	}
}
