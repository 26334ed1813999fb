package sheet_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"plenary.example/services/delegates/internal/sheet"
	"plenary.example/shared/problem"
)

// FuzzRead reads any bytes whatever, and what it could read it writes and reads
// once more.
func FuzzRead(f *testing.F) {
	f.Add([]byte(header+"\np1,kr,A-1,One\n"), "")
	f.Add([]byte("\ufeffid;delegation;badge;name;;\r\np1;kr;'+1;\"a\r\n\"\"b\"\r\n"), "name=id")
	f.Fuzz(func(t *testing.T, data []byte, columns string) {
		var said []string
		if columns != "" {
			said = strings.Split(columns, "\n")
		}
		table, err := sheet.Read(data, sheet.Delegates(), said, "en")
		if err != nil {
			if problem.From(err).Kind == problem.Internal || table != nil {
				t.Fatalf("%v, %v", err, table)
			}
			return
		}
		last := 1
		var written [][]string
		fields := table.Fields()
		for _, r := range table.Rows {
			if r.Number <= last {
				t.Fatalf("row %d comes after row %d", r.Number, last)
			}
			last = r.Number
			var cells []string
			for _, field := range fields {
				cell := table.Cell(r, field)
				if !utf8.ValidString(cell) || utf8.RuneCountInString(cell) > sheet.MaxCell {
					t.Fatalf("row %d has %q", r.Number, cell)
				}
				cells = append(cells, cell)
			}
			if len(r.Faults) == 0 && strings.Join(cells, "") != "" {
				written = append(written, cells)
			}
		}
		again(t, fields, written)
	})
}

// again writes the rows and reads them back.
func again(t *testing.T, fields []sheet.Field, rows [][]string) {
	t.Helper()
	var header []string
	for _, f := range fields {
		header = append(header, string(f))
	}
	var out bytes.Buffer
	if err := sheet.Write(&out, header, func(yield func([]string) bool) {
		for _, r := range rows {
			if !yield(r) {
				return
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	table, err := sheet.Read(out.Bytes(), sheet.Delegates(), nil, "en")
	if err != nil {
		t.Fatalf("what was written is refused: %v\n%q", err, out.String())
	}
	if len(table.Rows) != len(rows) {
		t.Fatalf("%d rows were written, %d came back", len(rows), len(table.Rows))
	}
	for i, r := range table.Rows {
		for j, f := range fields {
			// A carriage return before a line feed is a line end to any reader.
			if got, want := table.Cell(r, f), strings.ReplaceAll(rows[i][j], "\r\n", "\n"); got != want {
				t.Fatalf("row %d, %s: %q came back as %q", i, f, want, got)
			}
		}
	}
}
