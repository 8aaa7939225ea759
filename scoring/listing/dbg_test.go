package listing

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"agentrisk/internal/source"
)

func TestDebug(t *testing.T) {
	name := os.Getenv("DBG")
	if name == "" {
		t.Skip()
	}
	text, _ := os.ReadFile(name)
	f, err := source.NewFile(name, text, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	agents, err := Load(f, Options{})
	if err != nil {
		fmt.Println("ERR", err)
	}
	for _, a := range agents {
		b, _ := json.MarshalIndent(a, "", " ")
		if os.Getenv("DBGV") != "" {
			fmt.Println(string(b))
		}
		fmt.Printf("%s name=%q prov=%q formula=%v vec=%q\n desc=%.100q\n", a.Form, a.Name.Value, a.Provider.Value, a.Formula, a.Vector.Value, a.Description.Value)
		fmt.Printf(" base=%v/%s thm=%v/%s mf=%v/%s sum=%s aars=%s score=%s band=%s\n", a.Base.Interval, a.Base.Basis, a.Threat.Interval, a.Threat.Basis, a.Mitigation.Interval, a.Mitigation.Basis, a.StatedSum.Value, a.StatedAARS.Value, a.StatedScore.Value, a.StatedBand.Value)
		for _, x := range a.Factors {
			e := ""
			if len(x.Evidence) > 0 {
				e = x.Evidence[0].At.String() + " " + x.Evidence[0].Quote
			}
			fmt.Printf("  %s=%v/%s %s\n", x.Key, x.Interval, x.Basis, e)
		}
		for _, l := range a.Layers {
			fmt.Printf("  %s %s/%s %.60q ev=%d\n", l.Layer, l.Status, l.Basis, l.Text, len(l.Evidence))
		}
		for _, x := range a.Tools {
			fmt.Printf("  tool %s: %.50q\n", x.Name, x.Description)
		}
		for _, w := range a.Warnings {
			fmt.Println("  warn", w)
		}
		fm, in, err := a.Input()
		if err == nil {
			fmt.Println(fm.ID, fm.Score(&in).Score, fm.Score(&in).AARS)
		} else {
			fmt.Println(err)
		}
	}
}
