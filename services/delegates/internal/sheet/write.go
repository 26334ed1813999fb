package sheet

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strings"
)

// mark is the byte order mark. Spreadsheets take a file without it for one in
// the machine's old encoding, and show Korean names as noise.
const mark = "\ufeff"

// Write writes a table that a spreadsheet opens as it is: UTF-8 with a byte
// order mark, commas, lines that end in CRLF, and no cell that runs as a formula.
// The cells keep every byte otherwise.
func Write(w io.Writer, header []string, rows iter.Seq[[]string]) error {
	if _, err := io.WriteString(w, mark); err != nil {
		return fmt.Errorf("write a table: %w", err)
	}
	l := &liner{to: w}
	l.csv = csv.NewWriter(&l.line)
	if err := l.write(header); err != nil {
		return err
	}
	guarded := make([]string, 0, len(header))
	for row := range rows {
		guarded = guarded[:0]
		for _, cell := range row {
			guarded = append(guarded, guard(cell))
		}
		if err := l.write(guarded); err != nil {
			return err
		}
	}
	return nil
}

// A liner ends rows in CRLF. The library can do that too, but would then change
// the line ends within cells.
type liner struct {
	to   io.Writer
	csv  *csv.Writer
	line bytes.Buffer
}

func (l *liner) write(cells []string) error {
	l.line.Reset()
	_ = l.csv.Write(cells) // a buffer takes everything
	l.csv.Flush()
	l.line.Truncate(l.line.Len() - 1)
	l.line.WriteString("\r\n")
	if _, err := l.to.Write(l.line.Bytes()); err != nil {
		return fmt.Errorf("write a table: %w", err)
	}
	return nil
}

// guard keeps a spreadsheet from running a cell. A cell that looks guarded
// already is guarded once more, so that unguard gives back what was there.
func guard(cell string) string {
	if runs(strings.TrimLeft(cell, "'")) {
		return "'" + cell
	}
	return cell
}

// unguard takes off what guard put on.
func unguard(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && runs(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return cell
}

// runs says whether a spreadsheet would take the cell for a formula. The full
// width signs do so in East Asian ones.
func runs(cell string) bool {
	for _, r := range cell {
		return strings.ContainsRune("=+-@\t\r\n＝＋－＠", r)
	}
	return false
}
