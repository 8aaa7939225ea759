package findings

import (
	_ "embed"
	"html/template"
	"io"
	"strings"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/report"
)

// The page is whole in itself: no script, and nothing from elsewhere.
//
//go:embed report.html.tmpl
var htmlText string

// htmlPage is what the page shows.
type htmlPage struct {
	Version    string
	Found      string
	Summary    lint.Summary
	Findings   []htmlFinding
	Controls   []string
	Matrix     []htmlRow
	Incomplete []string
	Files      []lint.FileResult
	Hidden     []htmlFinding // suppressed, or in the baseline
}

type htmlFinding struct {
	*lint.Finding
	Title   string
	Place   string
	Snippet string
	Reason  string
}

type htmlRow struct {
	File, Title, Effect string
	Cells               []htmlCell
}

type htmlCell struct {
	State lint.State
	Text  string
}

// HTML writes the report as one page that can be kept or mailed.
func (r *Report) HTML(w io.Writer) error {
	t, err := template.New("report").Parse(htmlText)
	if err != nil {
		return err
	}
	page := htmlPage{Version: r.Version, Found: r.found(), Summary: r.Result.Summary, Controls: controlNames[:],
		Files: each(r.Result.Files, r.shownFile)}
	for i := range r.Result.Findings {
		f := &r.Result.Findings[i]
		shown := r.shownFinding(*f)
		one := htmlFinding{Finding: &shown, Title: r.rule(f.Rule).Title, Place: r.at(f.Location).String()}
		if r.Open(f) {
			one.Snippet = r.htmlSnippet(f)
			page.Findings = append(page.Findings, one)
			continue
		}
		one.Reason = "in the baseline"
		if f.Suppression != nil {
			one.Reason = f.Suppression.Reason
		}
		page.Hidden = append(page.Hidden, one)
	}
	for _, m := range r.rows() {
		row := htmlRow{File: r.name(m.Step.File), Title: m.Title, Effect: m.Step.Effect}
		for i := range m.Needs {
			row.Cells = append(row.Cells, htmlCell{m.Needs[i], m.cell(i)})
		}
		page.Matrix = append(page.Matrix, row)
	}
	for _, i := range r.Result.Incomplete {
		page.Incomplete = append(page.Incomplete, r.incompleteText(i))
	}
	var b strings.Builder
	if err := t.Execute(&b, page); err != nil {
		return err
	}
	_, err = io.WriteString(w, printableLines(b.String()))
	return err
}

func (r *Report) htmlSnippet(f *lint.Finding) string {
	p := r.page(report.Terminal{Width: mostColumns})
	p.snippet(f)
	return strings.TrimRight(p.String(), "\n")
}
