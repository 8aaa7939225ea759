package effects

import (
	"bytes"
	"strings"
	"testing"

	"agentrisk/internal/source"
)

func list(text string) ([]Listed, error) {
	file, err := source.NewFile("list.json", []byte(text), source.Limits{})
	if err != nil {
		return nil, err
	}
	return ReadList(file, source.Limits{})
}

func TestReadList(t *testing.T) {
	tools := `{"name":"delete_user","description":"Delete a user.","annotations":{"readOnlyHint":false,"destructiveHint":true}}`
	for name, test := range map[string]struct {
		text string
		keys string
	}{
		"operations":  {`[{"id":"a1","provider":"acme","method":"POST","path":"/v1/refunds","name":"createRefund"},{"id":"a2","name":"get"}]`, "a1 a2"},
		"tools":       {`{"tools":[` + tools + `]}`, "delete_user"},
		"a list":      {`[` + tools + `]`, "delete_user"},
		"one tool":    {tools, "delete_user"},
		"an answer":   {`{"jsonrpc":"2.0","id":1,"result":{"tools":[` + tools + `]}}`, "delete_user"},
		"no id":       {`[{"method":"GET","path":"/users"}]`, "/users"},
		"a number":    {`[{"id":7,"name":"get_user"}]`, "7"},
		"empty list":  {`[]`, ""},
		"null fields": {`[{"id":"x","method":null,"description":null}]`, "x"},
	} {
		all, err := list(test.text)
		var keys []string
		for _, one := range all {
			keys = append(keys, one.Key)
		}
		if err != nil || strings.Join(keys, " ") != test.keys {
			t.Errorf("%s: %v %v", name, keys, err)
		}
	}
	all, err := list(tools)
	if err != nil || all[0].Operation.Hints.Destructive == nil || !*all[0].Operation.Hints.Destructive || all[0].Operation.At.Range.Start.Line != 1 {
		t.Errorf("%+v %v", all, err)
	}
}

func TestReadListRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`"x"`:                          "the file is text",
		`[1]`:                          "list.json:1:2: an entry of the list is a number",
		`[{"name":["x"]}]`:             "name is a list",
		`[{"description":"x"}]`:        "names no operation",
		`[{"id":"a","method":"BREW"}]`: "BREW is no HTTP method",
		`[{"name":"a","annotations":{"readOnlyHint":"yes"}}]`: "readOnlyHint is text; expected true or false",
		`[{"name":"a"}`: "ends too early",
		`{}`:            "names no operation",
	} {
		_, err := list(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %q", text, err, want)
		}
	}
}

func TestWriteLine(t *testing.T) {
	var out bytes.Buffer
	all, err := list("[\n  {\"id\":\"a1\",\"method\":\"POST\",\"path\":\"/v1/refunds\",\"name\":\"createRefund\"}\n]")
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteLine(&out, all[0].Key, newClassifier(t).Classify(all[0].Operation)); err != nil {
		t.Fatal(err)
	}
	const want = `{"id":"a1","effect":"money","control":"none","basis":"method","confidence":"likely","evidence":[` +
		`{"at":{"file":"list.json","range":{"start":{"line":2,"column":3},"end":{"line":2,"column":73}}},"quote":"POST /v1/refunds createRefund","rule":"money-change"},` +
		`{"at":{"file":"list.json","range":{"start":{"line":2,"column":3},"end":{"line":2,"column":73}}},"quote":"POST /v1/refunds createRefund","rule":"verb-create"},` +
		`{"at":{"file":"list.json","range":{"start":{"line":2,"column":3},"end":{"line":2,"column":73}}},"quote":"POST /v1/refunds createRefund","rule":"noun-money"}]}` + "\n"
	if out.String() != want {
		t.Errorf("%s\nexpected\n%s", out.String(), want)
	}
}

func FuzzReadList(f *testing.F) {
	f.Add(`[{"id":"a1","provider":"acme","method":"POST","path":"/v1/refunds","name":"createRefund"}]`)
	f.Add(`{"tools":[{"name":"x","annotations":{"readOnlyHint":true}}]}`)
	f.Add(`{"result":{"tools":[]}}`)
	f.Add(`[{"id":null}]`)
	c := newClassifier(f)
	f.Fuzz(func(t *testing.T, text string) {
		all, err := list(text)
		if err != nil {
			return
		}
		for _, one := range all {
			sane(t, c, one.Operation)
		}
	})
}
