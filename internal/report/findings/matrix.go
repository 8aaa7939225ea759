package findings

import (
	"agentrisk/capabilities/lint"
	"agentrisk/internal/report"
)

// matrixRow is a step that needs controls: where each is, or that it is missing.
type matrixRow struct {
	Step   *lint.StepResult
	Title  string
	Needs  [4]lint.State
	Where  [4]string
	Failed bool // something is late or missing
}

// controlNames head the columns of the matrix.
var controlNames = [4]string{"authentication", "authorization", "approval", "audit"}

// matrix returns the rows of the coverage matrix: every step that needs a control.
func (r *Report) rows() []matrixRow {
	var out []matrixRow
	for i := range r.Result.Steps {
		s := &r.Result.Steps[i]
		row := matrixRow{Step: s, Title: title(s),
			Needs: [4]lint.State{s.Needs.Authentication, s.Needs.Authorization, s.Needs.Approval, s.Needs.Audit},
			Where: [4]string{s.Where.Authentication, s.Where.Authorization, s.Where.Approval, s.Where.Audit}}
		needs := false
		for _, state := range row.Needs {
			needs = needs || state != lint.NotNeeded
			row.Failed = row.Failed || state == lint.Late || state == lint.Missing
		}
		if needs {
			out = append(out, row)
		}
	}
	return out
}

// title names a step, with its flow where the document has several.
func title(s *lint.StepResult) string {
	if s.Flow == "-" || s.Flow == s.Step || s.Flow == "" {
		return s.Step
	}
	return s.Flow + " / " + s.Step
}

// cell says in words where a control is.
func (m *matrixRow) cell(i int) string {
	switch m.Needs[i] {
	case lint.NotNeeded:
		return "–"
	case lint.Missing:
		return "missing"
	case lint.Late:
		if m.Where[i] == "" {
			return "late"
		}
		return "late: " + m.Where[i]
	}
	if m.Where[i] == "" {
		return "yes"
	}
	return m.Where[i]
}

// matrix prints the coverage matrix, a table a file.
func (p *page) matrix() error {
	rows := p.rows()
	if len(rows) == 0 {
		return nil
	}
	p.heading("Coverage")
	const effectWidth, gaps = 10, 10
	stepWidth := p.columns / 4
	cellWidth := (p.columns - effectWidth - gaps - stepWidth) / 4
	for i := 0; i < len(rows); {
		file := rows[i].Step.File
		t := report.Table{Heading: []string{"step", "effect", "authn", "authz", "approval", "audit"}}
		for ; i < len(rows) && rows[i].Step.File == file; i++ {
			m := &rows[i]
			line := []string{report.Cut(report.Printable(m.Title), stepWidth), m.Step.Effect}
			for control := range m.Needs {
				line = append(line, report.Cut(report.Printable(m.cell(control)), cellWidth))
			}
			t.Rows = append(t.Rows, line)
		}
		p.line("%s", report.Printable(p.name(file)))
		if err := t.Text(p); err != nil {
			return err
		}
	}
	return nil
}
