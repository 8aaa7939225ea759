package listing

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// statusesOf prints the statuses of the layers, L1 first: m, n, a or ?.
func statusesOf(a *Agent) string {
	out := ""
	for _, l := range a.Layers {
		switch l.Status {
		case Mapped:
			out += "m"
		case NotCertain:
			out += "n"
		case NotApplicable:
			out += "a"
		default:
			out += "?"
		}
	}
	return out
}

func factorsOf(a *Agent) string {
	var out []string
	for i := range a.Factors {
		if a.Factors[i].known() {
			out = append(out, a.Factors[i].Interval.String())
		} else {
			out = append(out, "?")
		}
	}
	return strings.Join(out, " ")
}

func TestSeedWithEverything(t *testing.T) {
	file := open(t, shared(t, "seeds", "000_1ea768e357730643.txt"))
	a := load(t, file, Options{})
	checkEvidence(t, file, a)
	if got := fmt.Sprint(a.Base.Interval, a.Threat.Interval, a.Mitigation.Interval); got != "7.5 1 0.85" {
		t.Errorf("base, threat and mitigation are %s", got)
	}
	if got := factorsOf(a); got != "0.2 0.3 0.1 0.4 0.2 0.5 0.3 0.2 0.4 0.3" {
		t.Errorf("factors are %s", got)
	}
	if a.Name.Value != "WorkOS" || a.Provider.Value != "WorkOS" || !strings.HasPrefix(a.Description.Value, "The WorkOS agent acts") {
		t.Errorf("the agent is %q by %q: %q", a.Name.Value, a.Provider.Value, a.Description.Value)
	}
	if got := statusesOf(a); got != "nnmnmmm" {
		t.Errorf("layers are %s", got)
	}
	for _, l := range a.Layers {
		if l.Basis != source.Stated {
			t.Errorf("%s has a tag, but its basis is %s", l.Layer, l.Basis)
		}
	}
	if a.Formula.Value != "aivss-0.8-continuous" || a.Formula.Basis != source.Derived || a.Formula.Evidence[0].At.Range.Start.Line != 13 {
		t.Errorf("formula %v", a.Formula)
	}
	if len(a.Warnings) > 0 {
		t.Errorf("warnings %v: 0.72 is 0.725 as a float shows it", a.Warnings)
	}
	r := score(t, a)
	if got := fmt.Sprint(r.FactorSum, r.AARS, r.Score, r.BandLow); got != "2.9 0.725 7 High" {
		t.Errorf("sum, AARS, score and band are %s", got)
	}
}

func TestSeedWithLostTags(t *testing.T) {
	file := open(t, shared(t, "seeds", "001_37e6da26667f67f2.txt"))
	a := load(t, file, Options{})
	checkEvidence(t, file, a)
	if got := factorsOf(a); got != "0.6 0.4 0.1 0.8 0.2 0.5 0.9 0.3 0.5 0.4" {
		t.Errorf("factors are %s", got)
	}
	for what, v := range map[string]*Value{"base": &a.Base, "threat": &a.Threat, "mitigation": &a.Mitigation} {
		if v.Basis != source.Unknown || v.Interval.Known() {
			t.Errorf("%s is %v (%s)", what, v.Interval, v.Basis)
		}
	}
	if got := statusesOf(a); got != "nnmmnmm" {
		t.Errorf("layers are %s", got)
	}
	for _, l := range a.Layers {
		if l.Basis != source.Derived {
			t.Errorf("%s has no tag, but its basis is %s", l.Layer, l.Basis)
		}
	}
	if r := score(t, a); r.Known() || r.FactorSum.String() != "4.7" {
		t.Errorf("score %v of sum %v", r.Score, r.FactorSum)
	}
}

// The other documents the project was made from are no listings.
func TestOtherSeedsAreNoListings(t *testing.T) {
	shared(t, "seeds")
	for _, glob := range []string{"002_*", "003_*", "004_*"} {
		names, _ := filepath.Glob(shared(t, "seeds") + "/" + glob)
		if len(names) != 1 {
			t.Fatalf("%s: %v", glob, names)
		}
		if agents, err := Load(open(t, names[0]), Options{}); err == nil {
			t.Errorf("%s is read as %q", names[0], agents[0].Name.Value)
		}
	}
}

// Every published row, laid out as a page, is read back and scores as published.
func TestPublishedListingRows(t *testing.T) {
	f, err := os.Open(shared(t, "data", "aivss", "listing-rows.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 19 {
		t.Fatal(len(rows), err)
	}
	for _, row := range rows[1:] {
		for name, page := range layouts(row) {
			t.Run(row[1]+"/"+name, func(t *testing.T) {
				file := fileOf(t, "page."+strings.TrimLeft(name, "0123456789"), page)
				a := load(t, file, Options{})
				checkEvidence(t, file, a)
				r := score(t, a)
				sum, _ := scoring.ParseDecimal(row[4])
				want, _ := scoring.ParseDecimal(row[10])
				if r.FactorSum != scoring.Exactly(sum) || r.AARS.String() != row[7] || r.Raw.String() != row[9] || r.Score != scoring.Exactly(want) || r.BandLow.String() != row[11] {
					t.Errorf("got sum %v, AARS %v, raw %v, score %v %v; want %v", r.FactorSum, r.AARS, r.Raw, r.Score, r.BandLow, row[4:])
				}
				if len(a.Warnings) > 0 {
					t.Errorf("warnings %v", a.Warnings)
				}
			})
		}
	}
}

// layouts writes one row as pages of several kinds; the key ends in the ending
// of the file.
func layouts(row []string) map[string]string {
	names := []string{"Autonomy of Action", "Goal-Driven Planning", "Self-Modification", "Dynamic Tool Use", "Persistent Memory",
		"Contextual Awareness", "Dynamic Identity", "Multi-Agent Interactions", "Non-Determinism", "Opacity & Reflexivity"}
	values := strings.Split(row[3], ",")
	var lines, table, html strings.Builder
	for i, name := range names {
		fmt.Fprintf(&lines, "%s\n%s\n", name, values[i])
		fmt.Fprintf(&table, "| %s | %s | ███░░░ |\r\n", strings.ReplaceAll(name, "-", "\u2011"), values[i])
		fmt.Fprintf(&html, "<li><span>%s</span><i style='width:10%%'></i><b>%s</b></li>", strings.ReplaceAll(name, "&", "&amp;"), values[i])
	}
	head := row[1] + " — agentic threat model"
	numbers := fmt.Sprintf("CVSS base %sAARS uplift %sFactor sum %s/10Threat ×%sMitigation ×%s", row[2], row[8], row[4], row[5], row[6])
	apart := fmt.Sprintf("- CVSS base:\u00a0%s\r\n- AARS uplift: %s\r\n- Factor sum: %s / 10\r\n- Threat: x%s\r\n- Mitigation: x%s\r\n", row[2], row[8], row[4], row[5], row[6])
	score := row[10] + "AIVSS " + row[10] + " · " + row[11]
	return map[string]string{
		"1txt":  head + "\n\n" + score + "\n\nOWASP AIVSS score rationale\n" + numbers + "\n" + lines.String(),
		"2md":   "# " + head + "\r\n\r\n**AIVSS " + row[10] + "** (" + row[11] + ")\r\n\r\n## OWASP AIVSS score rationale\r\n\r\n" + apart + "\r\n" + table.String(),
		"3html": "<html><body><h1>" + head + "</h1><p>" + row[10] + "<span>AIVSS " + row[10] + "</span> &middot; " + row[11] + "</p><p>" + numbers + "</p><ul>" + html.String() + "</ul></body></html>",
		"4txt":  head + "\nAIVSS score\n" + row[10] + "\nSeverity\n" + row[11] + "\n" + lines.String() + "CVSS base\n" + row[2] + "\nThreat multiplier\n" + row[5] + "\nMitigation factor\n" + row[6] + "\n",
	}
}
