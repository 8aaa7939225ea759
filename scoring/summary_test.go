package scoring

import (
	"encoding/json"
	"testing"
)

func TestSummary(t *testing.T) {
	var s Summary
	for _, vector := range []string{
		"AIVSS:0.8/BS:0/AU:0/TO:0/LA:0/CX:0/ND:0/OP:0/PE:0/ID:0/MA:0/SM:0/TM:P/MF:N",
		"AIVSS:0.8/BS:2/AU:0/TO:0/LA:0/CX:0/ND:0/OP:0/PE:0/ID:0/MA:0/SM:0/TM:P/MF:N",
		"AIVSS:0.8/BS:5/AU:0/TO:0/LA:0/CX:0/ND:0/OP:0/PE:0/ID:0/MA:0/SM:0/TM:P/MF:N",
		"AIVSS:0.8/BS:6/AU:0/TO:0/LA:0/CX:0/ND:0/OP:0/PE:0/ID:0/MA:0/SM:0/TM:P/MF:N",
		"AIVSS:0.8/BS:7.5/AU:0/TO:0/LA:0/CX:0/ND:0/OP:0/PE:0/ID:0/MA:0/SM:0/TM:P/MF:N",
		"AIVSS:0.8/BS:9.1/AU:0/TO:0/LA:0/CX:0/ND:0/OP:0/PE:0/ID:0/MA:0/SM:0/TM:P/MF:N",
		"AIVSS:0.8/BS:6/AU:X/TO:X/LA:X/CX:X/ND:X/OP:X/PE:X/ID:X/MA:X/SM:X/TM:A/MF:N",
	} {
		v := mustVector(t, vector)
		r := v.Formula.Score(&v.Input)
		s.Add(&r)
	}
	text, err := json.Marshal(s)
	want := `{"count":7,"highest":{"low":9.1,"high":10},"none":1,"low":1,"medium":2,"high":1,"critical":1,"open":1}`
	if err != nil || string(text) != want {
		t.Errorf("got %s (%v)", text, err)
	}
}
