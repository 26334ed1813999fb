package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"plenary.example/shared/problem"
)

// Read reads a file of the given form. Each of columns says "field=Header text"
// and goes before what the header would be taken for; an empty header text
// means that the field is not read. A plain designation is in inLanguage, a BCP
// 47 tag. Its errors are problems: Invalid for the file, with the row and the
// column, Malformed for columns, TooLarge.
func Read(data []byte, form Form, columns []string, inLanguage string) (*Table, error) {
	if len(data) > MaxBytes {
		return nil, problem.New(problem.TooLarge, "file_too_large", "A file may have %d MB.", MaxBytes>>20)
	}
	said, err := form.chosen(columns, inLanguage)
	if err != nil {
		return nil, err
	}
	text, err := plain(data)
	if err != nil {
		return nil, err
	}
	text, skipped, declared := separatorLine(text)
	delimiter := declared
	if delimiter == 0 {
		delimiter = form.delimiter(text, said, inLanguage)
	}
	if err := bounded(text, delimiter, skipped); err != nil {
		return nil, err
	}
	r := newRecords(text, delimiter, skipped)
	t := &Table{Delimiter: delimiter}
	headers, row, err := r.next()
	if errors.Is(err, io.EOF) {
		return nil, refuse("empty_file", 0, "", "The file is empty.")
	}
	if err != nil {
		return nil, err
	}
	for i, h := range headers {
		if utf8.RuneCountInString(h) > MaxCell {
			return nil, refuse("cell_too_long", row, "", fmt.Sprintf("Header %d is longer than %d characters.", i+1, MaxCell))
		}
	}
	if t.Columns, err = form.mapped(headers, row, said, inLanguage); err != nil {
		return nil, err
	}
	if err := t.fill(r); err != nil {
		return nil, err
	}
	t.settle()
	return t, nil
}

// plain takes the byte order mark off and refuses what is no text of ours.
func plain(data []byte) ([]byte, error) {
	text := bytes.TrimPrefix(data, []byte(mark))
	first, _, lines := bytes.Cut(text, []byte("\n"))
	switch {
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")), bytes.IndexByte(first, 0) >= 0:
		return nil, refuse("not_utf8", 1, "", "The file is not UTF-8; it looks like UTF-16. Save it as \"CSV UTF-8\".")
	case bytes.HasPrefix(text, []byte("PK\x03\x04")), bytes.HasPrefix(text, []byte("\xd0\xcf\x11\xe0")):
		return nil, refuse("not_csv", 1, "", "The file is a workbook. Save it as \"CSV UTF-8\".")
	case !lines && bytes.IndexByte(first, '\r') >= 0:
		return nil, refuse("bad_line_ends", 1, "", "The lines of the file end in a carriage return only. Save it as \"CSV UTF-8\".")
	}
	return text, nil
}

// separatorLine reads the line "sep=;" with which some spreadsheets begin.
func separatorLine(text []byte) (rest []byte, skipped int, delimiter rune) {
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	line = bytes.Trim(bytes.TrimSpace(line), `"`)
	if len(line) == 5 && bytes.EqualFold(line[:4], []byte("sep=")) && strings.ContainsRune(delimiters, rune(line[4])) {
		return rest, 1, rune(line[4])
	}
	return text, 0, 0
}

const delimiters = ",;\t"

// delimiter is the one that makes the most known columns of the header, and of
// two such the one that makes the most columns.
func (f Form) delimiter(text []byte, said map[Field]string, inLanguage string) rune {
	asked := make(map[string]bool, len(said))
	for _, header := range said {
		asked[folded(header)] = true
	}
	text = text[:min(len(text), 1<<20)] // no header is longer
	best, bestKnown, bestAll := ',', 0, 1
	for _, d := range delimiters {
		headers, _, err := newRecords(text, d, 0).next()
		if err != nil {
			continue
		}
		known := 0
		for _, h := range headers {
			if f.find(h, inLanguage) != "" || asked[folded(h)] && folded(h) != "" {
				known++
			}
		}
		if known > bestKnown || known == bestKnown && len(headers) > bestAll {
			best, bestKnown, bestAll = d, known, len(headers)
		}
	}
	return best
}

// bounded refuses a row of too many cells before anybody makes room for them.
func bounded(text []byte, delimiter rune, skipped int) error {
	cells, line, quoted := 1, 1+skipped, false
	for _, b := range text {
		switch {
		case b == '"':
			quoted = !quoted
		case b == '\n':
			line++
			if !quoted {
				cells = 1
			}
		case rune(b) == delimiter && !quoted:
			if cells++; cells > 10*MaxColumns { // much more than what is merely too wide
				return refuse("too_many_columns", line, "", fmt.Sprintf("A file may have %d columns; line %d has many more.", MaxColumns, line))
			}
		}
	}
	return nil
}

// fill reads the rows below the header.
func (t *Table) fill(r *records) error {
	if len(t.Columns) > MaxColumns {
		return refuse("too_many_columns", 1, "", fmt.Sprintf("The file has %d columns; %d is the most.", len(t.Columns), MaxColumns))
	}
	for {
		cells, number, err := r.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		row := Row{Number: number}
		for i, cell := range cells {
			if err := t.check(&row, i, cell); err != nil {
				return err
			}
		}
		if len(t.Rows) == MaxRows {
			return refuse("too_many_rows", number, "", fmt.Sprintf("A file may have %d rows.", MaxRows))
		}
		row.cells = cells[:min(len(cells), len(t.Columns))]
		for i := range row.cells {
			row.cells[i] = unguard(row.cells[i])
		}
		t.Rows = append(t.Rows, row)
	}
}

// check finds what is wrong with a cell: an error ends the reading, because
// what comes after can no longer be trusted.
func (t *Table) check(row *Row, i int, cell string) error {
	header := ""
	if i < len(t.Columns) {
		header = t.Columns[i].Header
	} else if strings.TrimSpace(cell) != "" {
		row.Faults = append(row.Faults, Fault{
			Code: "extra_cells", Params: map[string]string{"cell": fmt.Sprint(i + 1)},
			Detail: "The row has more cells than the header. A cell that holds the delimiter must be quoted.",
		})
	}
	if n := utf8.RuneCountInString(cell); n > MaxCell {
		return refuse("cell_too_long", row.Number, header, fmt.Sprintf(
			"Row %d has a cell of %d characters; %d is the most. Perhaps a quotation mark is not closed.", row.Number, n, MaxCell))
	}
	for _, r := range cell {
		switch {
		case r == utf8.RuneError:
			row.Faults = append(row.Faults, Fault{
				Column: header, Code: "damaged_text", Detail: "The text holds a replacement character: it was damaged before it came here.",
			})
			return nil
		case unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r':
			row.Faults = append(row.Faults, Fault{
				Column: header, Code: "control_character", Detail: "The text holds a control character.", Params: map[string]string{"character": fmt.Sprintf("U+%04X", r)},
			})
			return nil
		}
	}
	return nil
}

// settle leaves out the columns without header and value, which spreadsheets
// write where somebody once clicked, and notes where the fields are.
func (t *Table) settle() {
	used := make([]bool, len(t.Columns))
	for _, row := range t.Rows {
		for i, cell := range row.cells {
			used[i] = used[i] || strings.TrimSpace(cell) != ""
		}
	}
	t.at = make(map[Field]int)
	kept := t.Columns[:0:0]
	for i, c := range t.Columns {
		if c.Field != "" {
			t.at[c.Field] = i
		}
		if c.Header != "" || c.Field != "" || used[i] {
			kept = append(kept, c)
		}
	}
	t.Columns = kept
}

// records are the rows of a file that are not empty.
type records struct {
	csv    *csv.Reader
	before int // lines before the first row, less the line breaks within cells so far
}

func newRecords(text []byte, delimiter rune, skipped int) *records {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord = delimiter, -1
	r.TrimLeadingSpace = delimiter != '\t' // white space is the delimiter there
	return &records{csv: r, before: skipped}
}

// next is the next row that is not empty, with its number; io.EOF after the last.
func (r *records) next() ([]string, int, error) {
	for {
		cells, err := r.csv.Read()
		if errors.Is(err, io.EOF) {
			return nil, 0, io.EOF
		}
		if err != nil {
			return nil, 0, r.refused(err)
		}
		line, _ := r.csv.FieldPos(0)
		row, empty := line+r.before, true
		for i, cell := range cells {
			if !utf8.ValidString(cell) {
				return nil, 0, refuse("not_utf8", row, "", fmt.Sprintf(
					"Row %d is not UTF-8: cell %d was written in another encoding, perhaps Windows-1252. Save the file as \"CSV UTF-8\".", row, i+1))
			}
			r.before -= strings.Count(cell, "\n")
			empty = empty && strings.TrimSpace(cell) == ""
		}
		if !empty {
			return cells, row, nil
		}
	}
}

func (r *records) refused(err error) error {
	bad, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return fmt.Errorf("read a table: %w", err)
	}
	row := bad.StartLine + r.before
	detail := fmt.Sprintf("Row %d has a quotation mark inside a cell. Quote the cell and double the marks in it.", row)
	if errors.Is(bad, csv.ErrQuote) {
		detail = fmt.Sprintf("Row %d has a quoted cell that is not closed, or not where the next cell begins.", row)
	}
	return refuse("bad_quotes", row, "", detail)
}
