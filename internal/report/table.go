package report

import (
	"bytes"
	"io"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Table is a matrix of text: a heading and rows of the same length.
type Table struct {
	Heading []string
	Rows    [][]string
	Right   map[int]bool // columns set flush right
}

// Text writes the table with two spaces between columns and no lines.
func (t Table) Text(w io.Writer) error {
	var b bytes.Buffer
	if err := t.plain(&b); err != nil {
		return err
	}
	for line := range bytes.Lines(b.Bytes()) {
		// The library fills every line up and sets it one column in.
		line = append(bytes.TrimRight(bytes.TrimPrefix(line, []byte(" ")), " \n"), '\n')
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

func (t Table) plain(w io.Writer) error {
	plain := tw.Rendition{
		Borders: tw.BorderNone,
		Symbols: tw.NewSymbols(tw.StyleNone),
		Settings: tw.Settings{
			Lines:      tw.LinesNone,
			Separators: tw.SeparatorsNone,
		},
	}
	return t.write(tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewBlueprint(plain)),
		tablewriter.WithPadding(tw.Padding{Right: "  ", Overwrite: true}),
		tablewriter.WithConfig(t.config())))
}

// Markdown writes the table in the way that GitHub and others show.
func (t Table) Markdown(w io.Writer) error {
	return t.write(tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewMarkdown()),
		tablewriter.WithConfig(t.config())))
}

// config keeps cells as they are: no upper-casing, no wrapping.
func (t Table) config() tablewriter.Config {
	align := make([]tw.Align, len(t.Heading))
	for i := range align {
		align[i] = tw.AlignLeft
		if t.Right[i] {
			align[i] = tw.AlignRight
		}
	}
	cells := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapNone},
		Alignment:  tw.CellAlignment{PerColumn: align},
	}
	return tablewriter.Config{Header: cells, Row: cells}
}

func (t Table) write(out *tablewriter.Table) error {
	// The library takes its widths from the locale unless told otherwise.
	twwidth.SetOptions(twwidth.Options{})
	heading := make([]any, len(t.Heading))
	for i, h := range t.Heading {
		heading[i] = h
	}
	out.Header(heading...)
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = Printable(cell)
		}
		if err := out.Append(cells); err != nil {
			return err
		}
	}
	return out.Render()
}
