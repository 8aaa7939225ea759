package listing

import (
	"fmt"
	"strings"
	"testing"

	"agentrisk/internal/source"
)

// page puts a body into the frame that every page has.
func pageText(body string) string {
	return "Some Agent — agentic threat model\nOWASP AIVSS score rationale\n" + body
}

func TestValuesInEveryLayout(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"name above value", "Autonomy of Action\n0.20\nGoal-Driven Planning\n0.30\n", "0.2 0.3"},
		{"blank lines between", "Autonomy of Action\n\n0.20\n\nGoal-Driven Planning\n\n0.30\n", "0.2 0.3"},
		{"value above name", "0.20\nAutonomy of Action\n0.30\nGoal-Driven Planning\n", "0.2 0.3"},
		{"colon", "Autonomy of Action: 0.20\nGoal-Driven Planning: 0.30", "0.2 0.3"},
		{"space", "Autonomy of Action 0.20\nGoal-Driven Planning 0.30", "0.2 0.3"},
		{"tab", "Autonomy of Action\t0.20\t\nGoal-Driven Planning\t0.30\t", "0.2 0.3"},
		{"glued", "Autonomy of Action0.20Goal-Driven Planning0.30", "0.2 0.3"},
		{"table", "| Autonomy of Action | 0.20 | |\n| Goal-Driven Planning | 0.30 |\n", "0.2 0.3"},
		{"table with a head", "| Factor | Score | Bar |\n|---|:-:|---|\n| Autonomy of Action | 0.20 | ██░░ |\n| Goal-Driven Planning | 0.30 | ███░ |\n", "0.2 0.3"},
		{"bar before value", "Autonomy of Action ██░░░░░░░░ 0.20\nGoal-Driven Planning\n███░░░░░░░\n0.30", "0.2 0.3"},
		{"bullets", "- Autonomy of Action: 0.20\n* **Goal-Driven Planning**: `0.30`\n", "0.2 0.3"},
		{"percent", "Autonomy of Action 20%\nGoal-Driven Planning 0.3 30%\n", "0.2 0.3"},
		{"of ten", "Autonomy of Action 2/10\nGoal-Driven Planning 0.3/1\n", "0.2 0.3"},
		{"without a zero", "Autonomy of Action .20\nGoal-Driven Planning .3\n", "0.2 0.3"},
		{"keys for names", "autonomy_of_action: 0.20\ngoal_driven_planning: 0.30\n", "0.2 0.3"},
		{"odd hyphens and spaces", "Autonomy\u00a0of\u2009Action\r\n0.20\r\nGoal\u2011Driven\u00a0Planning\r\n0.30\r\n", "0.2 0.3"},
		{"capitals", "AUTONOMY OF ACTION 0.20\ngoal driven planning 0.30\n", "0.2 0.3"},
		{"value missing below", "Autonomy of Action\nGoal-Driven Planning\n0.30\n", "? 0.3"},
		{"value missing at the end", "Autonomy of Action\n0.20\nGoal-Driven Planning\n", "0.2 ?"},
		{"value said to be unknown", "Autonomy of Action: n/a\nGoal-Driven Planning\n0.30\n", "? 0.3"},
		{"cell empty", "| Autonomy of Action | | |\n| Goal-Driven Planning | 0.30 | |\n", "? 0.3"},
		{"signs in front", "🛡️ Autonomy of Action 0.20\n⚙ Goal-Driven Planning → 0.30\n", "0.2 0.3"},
		{"words behind", "Autonomy of Action 0.20 (low)\nGoal-Driven Planning 0.30 (low)\n", "0.2 0.3"},
		{"total below", "| Autonomy of Action | 0.20 |\n| Goal-Driven Planning | 0.30 |\n| Total | 0.50 |\n", "0.2 0.3"},
		{"glued to the formula", "AIVSS = (CVSS_Base + AARS) × Mitigation_FactorCVSS base 7.5Autonomy of Action0.20Goal-Driven Planning0.30\n", "0.2 0.3"},
		{"numbered list", "1. Autonomy of Action: 0.20\n10) **Goal-Driven Planning**: 0.30\n", "0.2 0.3"},
		{"reason behind a dash", "- Autonomy of Action: 0.20 — acts when asked, 2 times a day\n- Goal-Driven Planning (0.30): plans little\n", "0.2 0.3"},
		{"reason in a cell", "| Autonomy of Action | 0.20 | ██░░ | acts when asked |\n| Goal-Driven Planning | 0.30 | | plans little |\n", "0.2 0.3"},
		{"bar of signs", "Autonomy of Action  0.20  [##        ]\nGoal-Driven Planning  0.30  [###       ]\n", "0.2 0.3"},
		{"names as the head of a table", "| Autonomy of Action | Goal-Driven Planning |\n|---|---|\n| 0.20 | 0.30 |\n", "0.2 0.3"},
		{"head with a value missing", "| Autonomy of Action | Goal-Driven Planning |\n|---|---|\n| n/a | 0.30 |\n", "? 0.3"},
		{"number of its own in front", "7\nAutonomy of Action 0.20\nGoal-Driven Planning 0.30\n", "0.2 0.3"},
		{"number of its own behind", "Autonomy of Action 0.20\nGoal-Driven Planning 0.30\n7.4\n", "0.2 0.3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, end := range []string{"\n", "\r\n"} {
				file := fileOf(t, "a.txt", strings.ReplaceAll(strings.ReplaceAll(pageText(tt.body), "\r\n", "\n"), "\n", end))
				a := load(t, file, Options{})
				checkEvidence(t, file, a)
				if got := strings.Join(strings.Fields(factorsOf(a))[:2], " "); got != tt.want {
					t.Errorf("factors are %s, want %s", got, tt.want)
				}
			}
		})
	}
}

// Where it cannot be told which value is whose, none is taken.
func TestUnclearLayoutsAreRefused(t *testing.T) {
	for _, body := range []string{
		"Autonomy of Action\nGoal-Driven Planning\n0.20\n0.30\n",
		"Autonomy of Action\nGoal-Driven Planning\n0.20\n0.20\n",
		"0.10\nAutonomy of Action\n0.20\nGoal-Driven Planning\n0.30\n",
		"Autonomy of Action 0.20 0.30\n",
		"Autonomy of Action 0,20\n",
		"| Autonomy of Action | 0.20 | 0.5 |\n",
		"| Autonomy of Action | Goal-Driven Planning |\n|---|---|\n| 0.20 |\n| 0.30 |\n",
		"| Autonomy of Action | Goal-Driven Planning |\n|---|---|\n| 0.20 | 0.30 | 0.40 |\n",
		"Autonomy of Action: much\n",
		"Autonomy of Action: 0.2.1\n",
		"Autonomy of Action: 1.01\n",
		"Autonomy of Action: 0.12345\n",
		"Autonomy of Action: −0.2\n",
		"Autonomy of Action 0.20\nAutonomy of Action 0.20\n",
		"Autonomy of Action 0.20\nGoal-Driven Planing\n0.30\nNon-Determinism 0.20\n",
		"Threat ×1.2\n", "Mitigation ×1.1\n", "CVSS base 10.1\n", "CVSS base 7.55\n", "AIVSS 70.0 · High\n",
	} {
		agents, err := Load(fileOf(t, "a.md", pageText(body)), Options{})
		if err == nil {
			t.Errorf("%q is read as %s, %v", body, factorsOf(agents[0]), agents[0].Base.Interval)
			continue
		}
		if errs := err.(Errors); errs[0].At.Range.Start.Line < 3 {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestFactorNamesVary(t *testing.T) {
	for _, name := range []string{"Opacity & Reflexivity", "Opacity and Reflexivity", "Opacity &amp; Reflexivity", "opacity_and_reflexivity", "**Opacity & Reflexivity**", "Opacity \\& Reflexivity"} {
		a := load(t, fileOf(t, "a.md", pageText(name+": 0.3\n")), Options{})
		if got := a.Factors[9].Interval.String(); got != "0.3" {
			t.Errorf("%s reads %s", name, got)
		}
	}
}

func TestNumbersInEveryLayout(t *testing.T) {
	want := "7.5 1.1 0.85 0.72 2.9 7.0 High"
	for _, body := range []string{
		"7.0AIVSS 7.0 · High\nCVSS base 7.5AARS uplift 0.72Factor sum 2.9/10Threat ×1.1Mitigation ×0.85\n",
		"AIVSS 7.0 (High)\nCVSS base 7.5 AARS uplift 0.72 Factor sum 2.9/10 Threat x1.1 Mitigation x0.85\n",
		"AIVSS score: 7.0/10 – High\nCVSS Base Score: 7.5 | AARS: 0.72 | Factor sum: 2.9 / 10 | ThM: 1.1 | Mitigation factor: 0.85\n",
		"7.0\nAIVSS 7.0 · High\nCVSS base\n7.5\nAARS uplift\n0.72\nFactor sum\n2.9/10\nThreat\n×1.1\nMitigation\n×0.85\n",
		"- **AIVSS**: 7.0\n- Severity: High\n- CVSS base: 7.5\n- AARS uplift: 0.72\n- Factor sum: 2.9/10\n- Threat multiplier: ×1.1\n- Mitigation: × 0.85\n",
		"AIVSS 7.0 · High\nCVSS base: 7.5 | AARS uplift: +0.72 | Factor sum: 2.9/10 | Threat: x1.1 | MF: 0.85\n",
		"AIVSS 7.0 · High\n| CVSS base | AARS | Factor sum | Threat | Mitigation |\n|---|---|---|---|---|\n| 7.5 | 0.72 | 2.9/10 | ×1.1 | ×0.85 |\n",
		"| AIVSS | 7.0 | High |\n| CVSS base | 7.5 | |\n| AARS | 0.72 | |\n| Factor sum | 2.9/10 | |\n| Threat | 1.1× | |\n| Mitigation | 0.85 | |\n",
	} {
		a := load(t, fileOf(t, "a.md", pageText(body)), Options{})
		got := fmt.Sprint(a.Base.Interval, " ", a.Threat.Interval, " ", a.Mitigation.Interval, " ", a.StatedAARS.Value, " ", a.StatedSum.Value, " ", a.StatedScore.Value, " ", a.StatedBand.Value)
		if got != want {
			t.Errorf("%q reads %s, want %s", body, got, want)
		}
	}
}

// Prose about the factors is not a value, and a layer's text is never read for
// numbers.
func TestProseSaysNothing(t *testing.T) {
	body := `CVSS base 5.0
Autonomy of Action is high because the agent acts alone since version 2.
Persistent memory assistant for sales teams
Threat: prompt injection through mail
Dynamic Identity
The identity changes with the caller.
MAESTRO 7-layer threat model
L3 · Agent Frameworks✓ mapped
Autonomy of Action: 0.9
CVSS base 9.9
AIVSS 9.9 · Critical
`
	a := load(t, fileOf(t, "a.txt", pageText(body)), Options{})
	if got := factorsOf(a); got != strings.TrimSpace(strings.Repeat("? ", 10)) {
		t.Errorf("factors are %s", got)
	}
	if a.Base.Interval.String() != "5" || a.StatedScore.Value != "" || a.Threat.known() {
		t.Errorf("base %v, score %q, threat %v", a.Base.Interval, a.StatedScore.Value, a.Threat)
	}
	if len(a.Layers) != 1 || !strings.Contains(a.Layers[0].Text, "AIVSS 9.9") {
		t.Errorf("layers %v", a.Layers)
	}
}

func TestClaimsThatDoNotFollow(t *testing.T) {
	const factors = "Autonomy of Action 0.20\nGoal-Driven Planning 0.30\nSelf-Modification 0.10\nDynamic Tool Use 0.40\nPersistent Memory 0.20\nContextual Awareness 0.50\nDynamic Identity 0.30\nMulti-Agent Interactions 0.20\nNon-Determinism 0.40\nOpacity & Reflexivity 0.30\n"
	const parts = "CVSS base 7.5Threat ×1.0Mitigation ×0.85\n" + factors
	tests := []struct{ name, body, want string }{
		{"all follow", "AIVSS 7.0 · High\nAARS uplift 0.725\nFactor sum 2.9\n" + parts, ""},
		{"AARS rounded down", "AARS uplift 0.72\n" + parts, ""},
		{"AARS rounded up", "AARS uplift 0.73\n" + parts, ""},
		{"AARS to one place", "AARS uplift 0.7\n" + parts, ""},
		{"AARS is another", "AARS uplift 0.74\n" + parts, "stated-aars: AARS is stated as 0.74, but the parts give 0.725"},
		{"AARS cut, not rounded", "AARS uplift 0.724\n" + parts, "stated-aars: AARS is stated as 0.724, but the parts give 0.725"},
		{"sum is another", "Factor sum 3.0/10\n" + parts, "stated-sum: factor sum is stated as 3, but the factors add up to 2.9"},
		{"score is another", "AIVSS 6.9 · Medium\n" + parts, "stated-score: score is stated as 6.9, but the parts give 7; stated-band: band is stated as Medium, but the score 7 is High"},
		{"band is another", "AIVSS 7.0 · Critical\n" + parts, "stated-band: band is stated as Critical, but the score 7 is High"},
		{"within what is possible", "AIVSS 7.0 · High\nFactor sum 2.9\n" + factors, ""},
		{"outside of what is possible", "AIVSS 9.0 · High\nMitigation 0.85\n" + factors, "stated-score: score is stated as 9, but the parts give 0–8.5; stated-band: band is stated as High"},
		{"two scores in one line", "7.1AIVSS 7.0 · High\n" + parts, "stated-score: the page gives the score as 7.1 and as 7.0"},
	}
	tests[10].want = "stated-score: score is stated as 9, but the parts give 0–8.5"
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := load(t, fileOf(t, "a.txt", pageText(tt.body)), Options{})
			var got []string
			for _, w := range a.Warnings {
				got = append(got, w.ID+": "+w.Message)
				if w.At.Range.Start.Line == 0 {
					t.Errorf("%s has no place", w.ID)
				}
			}
			if text := strings.Join(got, "; "); text != tt.want {
				t.Errorf("got %q, want %q", text, tt.want)
			}
		})
	}
}

func TestLayersInEveryLayout(t *testing.T) {
	const seven = "Not certain from the listing — one.\nNot certain from listing — two.\nThree is used.\nFour is used.\nNot applicable: five.\nSix is used.\nSeven is used.\n"
	tests := []struct{ name, body, want string }{
		{"headings with tags", "L1 · Foundation Models⚠ not certain from listing\nNot certain from the listing — a.\nL3 · Agent Frameworks✓ mapped\nb\n", "L1 not-certain stated; L3 mapped stated"},
		{"tags on a line of their own", "L1 · Foundation Models\n⚠️ not certain from listing\nNot certain from the listing — a.\nL3 · Agent Frameworks\n✓ mapped\nb\n", "L1 not-certain stated; L3 mapped stated"},
		{"tags in brackets", "### L1: Foundation Models [not certain from listing]\na\n### Layer 3 - Agent Frameworks (mapped)\nb\n", "L1 not-certain stated; L3 mapped stated"},
		{"tags lost", "L1 · Foundation Models\nNot certain from the listing — a.\nL3 · Agent Frameworks\nIt orchestrates.\n", "L1 not-certain derived; L3 mapped derived"},
		{"not applicable", "L2 · Data Operations not applicable\nIt keeps nothing.\n", "L2 not-applicable stated"},
		{"names alone", "Foundation Models\nNot certain from the listing — a.\nSecurity and Compliance (cross-cutting)\nIt signs in.\n", "L1 not-certain derived; L6 mapped derived"},
		{"number above name", "L1\nFoundation Models\n⚠ not certain from listing\nNot certain from the listing — a.\nL7\nAgent Ecosystem\n✓ mapped\nb\n", "L1 not-certain stated; L7 mapped stated"},
		{"table", "| L1 · Foundation Models | ⚠ not certain from listing | Not certain from the listing — a. |\n| L3 · Agent Frameworks | ✓ mapped | It orchestrates. |\n", "L1 not-certain stated; L3 mapped stated"},
		{"text behind the heading", "- **L1 · Foundation Models** — Not certain from the listing — a.\n- **L3 · Agent Frameworks** — It orchestrates.\n", "L1 not-certain derived; L3 mapped derived"},
		{"headings lost", seven, "L1 not-certain derived; L2 not-certain derived; L3 mapped derived; L4 mapped derived; L5 not-applicable derived; L6 mapped derived; L7 mapped derived"},
		{"headings lost, wrapped", strings.ReplaceAll(strings.ReplaceAll(seven, "\n", "\n\n"), "is used", "is\nused"), "L1 not-certain derived; L2 not-certain derived; L3 mapped derived; L4 mapped derived; L5 not-applicable derived; L6 mapped derived; L7 mapped derived"},
		{"headings lost, introduced", "Layers tagged so are\ngeneral remarks.\n\n" + strings.ReplaceAll(seven, "\n", "\n\n"), "L1 not-certain derived; L2 not-certain derived; L3 mapped derived; L4 mapped derived; L5 not-applicable derived; L6 mapped derived; L7 mapped derived"},
		{"a dash for the brackets", "L6 · Security & Compliance — cross-cutting ✓ mapped\nIt signs in.\n", "L6 mapped stated"},
		{"six paragraphs", strings.Join(strings.Split(seven, "\n")[1:], "\n"), "warning layers-not-told"},
		{"heading without text", "L4 · Deployment & Infrastructure\n", "L4  unknown"},
		{"tag against text", "L1 · Foundation Models✓ mapped\nNot certain from the listing — a.\n", "L1 mapped stated; warning layer-tag-differs"},
		{"number and text", "L1: Not certain from the listing — a.\nL3: It orchestrates.\n", "L1 not-certain derived; L3 mapped derived"},
		{"name and text", "Foundation Models: Not certain from the listing — a.\n1. **Agent Frameworks** — It orchestrates.\n", "L1 not-certain derived; L3 mapped derived"},
		{"number behind the name", "Foundation Models (L1): Not certain from the listing — a.\nAgent Frameworks [L3]: It orchestrates.\n", "L1 not-certain derived; L3 mapped derived"},
		{"name in brackets", "L1 (Foundation Models) [⚠ not certain from listing]\na\nL3 (Agent Frameworks) [✓ mapped]\nb\n", "L1 not-certain stated; L3 mapped stated"},
		{"signs in front", "⚠️ L1 · Foundation Models\nNot certain from the listing — a.\n✅ L3 · Agent Frameworks\nIt orchestrates.\n", "L1 not-certain derived; L3 mapped derived"},
		{"tags above the headings", "⚠ not certain from listing\nL1 · Foundation Models\na\n✓ mapped\nL3 · Agent Frameworks\nb\n", "L1 not-certain stated; L3 mapped stated"},
		{"status line", "### L1 · Foundation Models\nStatus: not certain from listing\n\na\n### L3 · Agent Frameworks\nStatus: mapped\n\nb\n", "L1 not-certain stated; L3 mapped stated"},
		{"all glued", "L1Foundation Models⚠ not certain from listingNot certain from the listing — a.\nL3Agent Frameworks✓ mappedIt orchestrates.\n", "L1 not-certain stated; L3 mapped stated"},
		{"headings that are not known", strings.ReplaceAll("X: "+strings.ReplaceAll(strings.TrimSpace(seven), "\n", "\n\nX: "), "Not certain from listing", "Not certain from this listing"), "L1 not-certain derived; L2 not-certain derived; L3 mapped derived; L4 mapped derived; L5 not-applicable derived; L6 mapped derived; L7 mapped derived"},
		{"prose about a layer", "L3 · Agent Frameworks✓ mapped\nIt orchestrates.\nL2 is out of reach here.\n", "L3 mapped stated"},
		{"the rest of the site", "L7 · Agent Ecosystem✓ mapped\n\nIt talks to others.\n\nRelated agents\n\nSubscribe\n", "L7 mapped stated"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := fileOf(t, "a.md", pageText("CVSS base 5.0\nMAESTRO 7-layer threat model\nPer-layer threats for this agent.\n\n"+tt.body))
			a := load(t, file, Options{})
			checkEvidence(t, file, a)
			var got []string
			for _, l := range a.Layers {
				got = append(got, fmt.Sprintf("%s %s %s", l.Layer, l.Status, l.Basis))
				if strings.Contains(l.Text, "Related") || strings.Contains(l.Text, "mapped") {
					t.Errorf("%s reads %q", l.Layer, l.Text)
				}
			}
			for _, w := range a.Warnings {
				got = append(got, "warning "+w.ID)
			}
			if text := strings.Join(got, "; "); text != tt.want {
				t.Errorf("got %q, want %q", text, tt.want)
			}
		})
	}
}

func TestHTMLPlaces(t *testing.T) {
	const text = "<!doctype html>\r\n<html><body>\r\n<h1>K&eacute;pler &mdash; agentic threat model</h1>\r\n" +
		"<p>CVSS&nbsp;base\r\n <b>7.5</b></p><table><tr><td>Dynamic Identity</td><td><p>0.5</p></td></tr></table>\r\n" +
		"<div style='display: none'>CVSS base 9.9</div><svg><text>CVSS base 9.8</text></svg><!-- CVSS base 9.7 -->\r\n</body></html>"
	file := fileOf(t, "a.html", text)
	a := load(t, file, Options{})
	checkEvidence(t, file, a)
	if a.Name.Value != "Képler" || a.Base.Interval.String() != "7.5" || a.Factors[6].Interval.String() != "0.5" {
		t.Fatalf("name %q, base %v, identity %v", a.Name.Value, a.Base.Interval, a.Factors[6].Interval)
	}
	for want, at := range map[string]source.Location{"7.5": a.Base.Evidence[0].At, "0.5": a.Factors[6].Evidence[0].At, "K&eacute;pler": a.Name.Evidence[0].At} {
		if got := text[file.Offset(at.Range.Start):file.Offset(at.Range.End)]; got != want {
			t.Errorf("%s points at %q, want %q", at, got, want)
		}
	}
}

func TestFormulaOnThePage(t *testing.T) {
	for text, warned := range map[string]bool{
		"AIVSS = (CVSS_Base + AARS) × Mitigation_Factor, where AARS = (10 − CVSS_Base) × (Factor_Sum / 10) × ThM": false,
		"AIVSS = (CVSS\\_Base + AARS) * Mitigation\\_Factor":                                                      false,
		"AIVSS = ((CVSS_Base + AARS) / 2) × ThM":                                                                  true,
		"AIVSS = (CVSS_Base + AARS) × Mitigation_Factor, where AARS = Factor_Sum":                                 true,
	} {
		a := load(t, fileOf(t, "a.md", pageText(text+"\nCVSS base 5.0\n")), Options{})
		if got := len(a.Warnings) == 1 && a.Warnings[0].ID == WarnFormulaText; got != warned || len(a.Warnings) > 1 {
			t.Errorf("%s: warnings %v", text, a.Warnings)
		}
	}
}

// Places that are counted on from the last one are those of the file.
func TestPositionsAreThoseOfTheFile(t *testing.T) {
	file := fileOf(t, "a.txt", "é\r\nxy\n\nlast é line")
	p := &page{file: file}
	for _, offset := range []int{0, 2, 4, 5, 6, 7, 8, 10, 12, 18, 3, 4, 0} {
		if got, want := p.position(offset), file.Position(offset); got != want {
			t.Errorf("offset %d is at %v, want %v", offset, got, want)
		}
	}
}

// The cost of a page grows with its length alone, whatever it consists of.
// Compare the rows of -bench: the time a byte is the same.
func BenchmarkListingPage(b *testing.B) {
	const head = "A — agentic threat model\nCVSS base 5.0\n"
	for name, unit := range map[string]string{
		"prose":    "Some words that say nothing of numbers.\n",
		"brackets": "[", "links": "[a](b) ", "layers": "MAESTRO 7-layer threat model\nL1 · Foundation Models\nsome text\n",
		"values": "Autonomy of Action: n/a\n", "stars": "*a ", "entities": "&amp;",
	} {
		for _, n := range []int{1 << 16, 1 << 20} {
			text := []byte(head + strings.Repeat(unit, n/len(unit)))
			b.Run(fmt.Sprintf("%s/%dKiB", name, n>>10), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					file, err := source.NewFile("a.md", text, source.Limits{})
					if err != nil {
						b.Fatal(err)
					}
					_, _ = readListing(file, Options{}) // faults are fine here
				}
			})
		}
	}
	row := "<div><p>L7 · Agent Ecosystem</p></div><p>words</p>"
	for _, n := range []int{1 << 16, 1 << 20} {
		text := []byte("<h1>A — agentic threat model</h1><h2>MAESTRO 7-layer threat model</h2><p>L1 · Foundation Models</p>" + strings.Repeat(row, n/len(row)) + strings.Repeat("<p>x</p>", n/8))
		b.Run(fmt.Sprintf("html/%dKiB", n>>10), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				file, err := source.NewFile("a.html", text, source.Limits{})
				if err != nil {
					b.Fatal(err)
				}
				_, _ = readListing(file, Options{})
			}
		})
	}
}

func BenchmarkListingFixture(b *testing.B) {
	file := open(b, "../../testdata/listings/harbor-desk.txt")
	b.SetBytes(int64(len(file.Text)))
	for b.Loop() {
		if _, err := Load(file, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// What looks like a value and is left out is told, unless another line gives it.
func TestNumberInProseIsTold(t *testing.T) {
	const prose = "Autonomy of Action 0.9 was last year\n"
	a := load(t, fileOf(t, "a.txt", pageText(prose+"Goal-Driven Planning 0.30\n")), Options{})
	if len(a.Warnings) != 1 || a.Warnings[0].ID != WarnUnread || a.Warnings[0].At.Range.Start.Line != 3 || a.Factors[0].known() {
		t.Errorf("warnings %v, factor %v", a.Warnings, a.Factors[0])
	}
	a = load(t, fileOf(t, "a.txt", pageText(prose+"Autonomy of Action 0.20\n")), Options{})
	if len(a.Warnings) != 0 || a.Factors[0].Interval.String() != "0.2" {
		t.Errorf("warnings %v, factor %v", a.Warnings, a.Factors[0])
	}
}

func TestBrokenFormulaLineIsTheSameFormula(t *testing.T) {
	whole := "AIVSS = (CVSS_Base + AARS) × Mitigation_Factor, where AARS = (10 − CVSS_Base) × (Factor_Sum / 10) × ThM"
	for _, at := range []string{" AARS =", " ThM", " Mitigation_Factor"} {
		body := strings.Replace(whole, at, "\n"+at[1:], 1) + "\n\nCVSS base 7.5\n"
		if a := load(t, fileOf(t, "a.txt", pageText(body)), Options{}); len(a.Warnings) != 0 {
			t.Errorf("%q: %v", body, a.Warnings)
		}
	}
}
