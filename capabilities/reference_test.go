package capabilities

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func describe(refs []Reference) string {
	var out []string
	for _, r := range refs {
		out = append(out, fmt.Sprintf("%s %s:%s(%s)", r.Syntax, r.Root, r.Name, strings.Join(r.Path, ",")))
	}
	return strings.Join(out, "; ")
}

func TestReferences(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"plain words", ""},
		{"", ""},
		{"{{imo}}", "{{x}} name:imo()"},
		{"{{ imo }} and {{b.c}}", "{{x}} name:imo(); {{x}} name:b(c)"},
		{"{{{raw}}}", "{{x}} name:raw()"},
		{"{{secrets.API_KEY}}", "{{x}} secret:API_KEY()"},
		{"{{inputs.user_id}}", "{{x}} input:user_id()"},
		{"${input.order.id}", "${x} input:order(id)"},
		{"Bearer ${secrets.KEY}", "${x} secret:KEY()"},
		{"${HOME}", "${x} name:HOME()"},
		{"${steps.create-app.output.id}", "${x} step:create-app(output,id)"},
		{"${{ steps.create-diff.outputs.id }}", "${{x}} step:create-diff(outputs,id)"},
		{"${{ values.name | default(\"x.y\") }}", "${{x}} name:values(name)"},
		{"${a.b > 0 && c.d == 'e.f' || !g}", "${x} name:a(b); ${x} name:c(d); ${x} name:g()"},
		{"${len(items.all)}", "${x} name:items(all)"},
		{"{{items[0:depth]}}", "{{x}} name:items(0:depth)"},
		{"{{steps.list['odd key'].x}}", "{{x}} step:list(odd key,x)"},
		{"${item.id}", "${x} item:item(id)"},
		{"${env.A}-${context.b}", "${x} env:A(); ${x} env:b()"},
		{"$.result", "$.x response:(result)"},
		{"$.get-ship.imo_number", "$.x response:(get-ship,imo_number)"},
		{"$.", "$.x response:()"},
		{"$[0].id", "$.x response:(0,id)"},
		{"$.list[?(@.name == '$inputs.name')].id", "$.x response:(list,?(@.name == '$inputs.name'),id); $x input:name()"},
		{"$steps.check.outputs.user", "$x step:check(outputs,user)"},
		{"SSWS $inputs.token", "$x input:token()"},
		{"{$inputs.token}", "$x input:token()"},
		{"$inputs.a and $inputs.b.", "$x input:a(); $x input:b()"},
		{"$response.body#/data/0/id", "$x response:body(data,0,id)"},
		{"$statusCode == 200", "$x response:statusCode()"},
		{"$workflows.w.outputs.x", "$x workflow:w(outputs,x)"},
		{"$this.tools.record-id", "$x input:record-id()"},
		{"costs $5 or $five", ""},
		{"create-pipe.api_key", "a.b name:create-pipe(api_key)"},
		{"note.entries[0].id", "a.b name:note(entries,0,id)"},
		{"shipyard-tools.status", "a.b name:shipyard-tools(status)"},
		{"A sentence. Another one", ""},
		{"ends with a dot.", ""},
		{"1.5", ""},
		{"https://a.example/x", ""},
		{"{{unclosed", ""},
		{"{{ 'quoted.only' }}", ""},
		{"{{ 5 }}", ""},
		{"{{ true }}", ""},
		{"${", ""},
		{"$", ""},
	} {
		if got := describe(References(tt.text)); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestConditionsNameValuesWithoutMarks(t *testing.T) {
	for _, tt := range []struct{ text, over, want string }{
		{"steps.check.allowed == true", "", "a.b step:check(allowed)"},
		{"allowed == true", "", "a.b name:allowed()"},
		{"allowed", "", "a.b name:allowed()"},
		{"!denied", "", "a.b name:denied()"},
		{"only when the lead has agreed", "", ""},
		{"$.allowed == true", "$response.body", "$.x response:(allowed); $x response:body()"},
		{"${input.suspect == true}", "", "${x} input:suspect()"},
	} {
		if got := describe(Condition{Text: tt.text, Over: tt.over}.References()); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

// Whatever the text, a reference is a part of it and stands where it says.
func TestReferencesLieInTheirText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("${}.[]a b'\"|#/-1ä()")), 0, 40, -1).Draw(t, "text")
		for _, r := range References(text) {
			if r.Start < 0 || !strings.HasPrefix(text[r.Start:], r.Text) || r.Text == "" {
				t.Fatalf("%q: %+v", text, r)
			}
		}
		Condition{Text: text, Over: text}.References()
	})
}

// A text of nothing but openings is read in linear time: a quadratic reader
// would not come to an end here.
func TestReferencesAreLinear(t *testing.T) {
	for _, unit := range []string{"{{", "${", "${{", "$.", "$a.", "[", "{{a}} ", "${a[", "a.b == ", "$[", "$[x]", "a "} {
		text := strings.Repeat(unit, 50000)
		References(text)
		Condition{Text: text}.References()
		Condition{Text: strings.ReplaceAll(text, "a", "b c")}.References()
	}
	var words strings.Builder
	for i := range 50000 {
		fmt.Fprintf(&words, "w%d ", i)
	}
	Condition{Text: words.String()}.References()
}

func FuzzReferences(f *testing.F) {
	for _, text := range []string{"{{a.b}}", "$steps.a.outputs['b']", "${{ x | y(\"z\") }}", "a.b[0].c"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range References(text) {
			if !strings.HasPrefix(text[r.Start:], r.Text) {
				t.Fatalf("%+v does not stand there", r)
			}
		}
	})
}
