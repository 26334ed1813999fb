package sheet_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"plenary.example/services/delegates/internal/sheet"
	"plenary.example/shared/problem"
)

const header = "external_id,delegation,accreditation,name"

func read(t *testing.T, text string, columns ...string) *sheet.Table {
	t.Helper()
	table, err := sheet.Read([]byte(text), sheet.Delegates(), columns, "en")
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func cells(table *sheet.Table, f sheet.Field) []string {
	var out []string
	for _, r := range table.Rows {
		out = append(out, table.Cell(r, f))
	}
	return out
}

func TestAFileIsReadAsItsSpreadsheetWroteIt(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"comma and LF":             header + "\np1,kr,A-1,김민준\n",
		"semicolon, CRLF and mark": "\ufeffexternal_id;delegation;accreditation;name\r\np1;kr;A-1;김민준\r\n",
		"tab":                      "external_id\tdelegation\taccreditation\tname\np1\tkr\tA-1\t김민준",
		"the delimiter is said":    "sep=;\r\nexternal_id;delegation;accreditation;name\r\np1;kr;A-1;김민준\r\n",
		"quoted":                   "\"External ID\", \"Delegation ID\", \"Accreditation No.\", \"Full name\"\n\"p1\", \"kr\", \"A-1\", \"김민준\"\n",
		"other words and case":     "REFERENCE;Delegation-ID;Badge;FULL  NAME\np1;kr;A-1;김민준\n",
		"full width header":        "ｅｘｔｅｒｎａｌ＿ｉｄ,délégation,accreditation,name\np1,kr,A-1,김민준\n",
		"trailing delimiters":      header + ",,,\np1,kr,A-1,김민준,,,\n,,,,,,\n",
		"white space":              header + "\n  p1 ,\u00a0kr,A-1 , 김민준 \n",
	} {
		table := read(t, text)
		if len(table.Rows) != 1 || len(table.Columns) != 4 {
			t.Errorf("%s: %d rows, columns %v", name, len(table.Rows), table.Columns)
			continue
		}
		row := table.Rows[0]
		got := []string{table.Cell(row, sheet.ExternalID), table.Cell(row, sheet.Delegation), table.Cell(row, sheet.Accreditation), table.Cell(row, sheet.Name)}
		if want := []string{"p1", "kr", "A-1", "김민준"}; !slices.Equal(got, want) || len(row.Faults) > 0 {
			t.Errorf("%s: %q %v", name, got, row.Faults)
		}
	}
}

func TestRowsAreCountedAsASpreadsheetCounts(t *testing.T) {
	t.Parallel()
	table := read(t, header+",function\r\np1,kr,A-1,One,\"two\r\nlines\"\r\n\r\n;,\r\n,,,\r\np2,kr,A-2,Two\r\np3,kr,A-3,Three,x,,extra\r\n")
	var rows []int
	for _, r := range table.Rows {
		rows = append(rows, r.Number)
	}
	if !slices.Equal(rows, []int{2, 4, 6, 7}) {
		t.Errorf("rows %v", rows)
	}
	if got := table.Cell(table.Rows[0], sheet.Function); got != "two\nlines" {
		t.Errorf("a cell of two lines is %q", got)
	}
	if got := table.Cell(table.Rows[2], sheet.Function); got != "" || len(table.Rows[2].Faults) > 0 {
		t.Errorf("a short row has %q and %v", got, table.Rows[2].Faults)
	}
	if f := table.Rows[3].Faults; len(f) != 1 || f[0].Code != "extra_cells" {
		t.Errorf("a long row has %v", f)
	}
}

func TestUnknownColumnsAreReported(t *testing.T) {
	t.Parallel()
	table := read(t, "external_id,Dietary wishes,delegation,accreditation,name,,\np1,none,kr,A-1,One,,lost\n")
	want := []sheet.Column{{"external_id", sheet.ExternalID}, {Header: "Dietary wishes"}, {"delegation", sheet.Delegation}, {"accreditation", sheet.Accreditation}, {"name", sheet.Name}, {}}
	if !slices.Equal(table.Columns, want) {
		t.Errorf("columns %v", table.Columns)
	}
	if got := table.Cell(table.Rows[0], sheet.Name); got != "One" {
		t.Errorf("name %q", got)
	}
}

func TestTheRequestSaysWhichColumnHoldsAField(t *testing.T) {
	t.Parallel()
	text := "id,reference,delegation,accreditation,Nom complet,name\nx,p1,kr,A-1,One,wrong\n"
	table := read(t, text, "external_id=Reference", "name=nom complet", "function=")
	if table.Cell(table.Rows[0], sheet.ExternalID) != "p1" || table.Cell(table.Rows[0], sheet.Name) != "One" {
		t.Errorf("columns %v", table.Columns)
	}
	if table := read(t, header+",function\np1,kr,A-1,One,Minister\n", "function="); table.Has(sheet.Function) {
		t.Error("a field that is not to be read is read")
	}
	for columns, want := range map[string]struct {
		kind problem.Kind
		code string
	}{
		"name":           {problem.Malformed, "bad_mapping"},
		"nome=name":      {problem.Malformed, "unknown_field"},
		"name=Full name": {problem.Invalid, "unknown_column"},
	} {
		_, err := sheet.Read([]byte(text), sheet.Delegates(), []string{columns}, "en")
		if p := problem.From(err); p == nil || p.Kind != want.kind || p.Fields[0].Code != want.code || p.Fields[0].Parameter != "columns" {
			t.Errorf("%s: %v", columns, err)
		}
	}
}

func TestDesignationsComeInLanguages(t *testing.T) {
	t.Parallel()
	table, err := sheet.Read([]byte("id;kind;designation;Designation (ko);designation_zh-hant;name fr\nkr;state;Republic of Korea;대한민국;大韓民國;République de Corée\n"), sheet.Delegations(), nil, "en")
	if err != nil {
		t.Fatal(err)
	}
	want := []sheet.Field{"externalId", "kind", "designation:en", "designation:ko", "designation:zh-Hant", "designation:fr"}
	if got := table.Fields(); !slices.Equal(got, want) {
		t.Errorf("fields %v", got)
	}
	if got := cells(table, sheet.DesignationIn("ko")); !slices.Equal(got, []string{"대한민국"}) {
		t.Errorf("in Korean %q", got)
	}
	if _, err := sheet.Read([]byte("id,kind,designation,designation_fr\n"), sheet.Delegations(), nil, "fr"); err == nil || code(err) != "duplicate_column" {
		t.Errorf("one language in two columns: %v", err)
	}
}

func code(err error) string {
	if p := problem.From(err); len(p.Fields) > 0 {
		return p.Fields[0].Code
	}
	return problem.From(err).Code
}

func TestAFileIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text, code, row string
	}{
		"nothing":                 {"", "empty_file", ""},
		"only a mark":             {"\ufeff", "empty_file", ""},
		"only empty rows":         {",,\n;;\n\n,,\n", "missing_column", "2"},
		"only delimiters":         {",,\n,,\n", "empty_file", ""},
		"UTF-16":                  {"\xff\xfee\x00x\x00", "not_utf8", "1"},
		"UTF-16 without a mark":   {"e\x00x\x00t\x00,\x00\n\x00", "not_utf8", "1"},
		"Windows-1252":            {header + "\np1,kr,A-1,\"two\nlines\"\np2,fr,A-2,Ren\xe9\n", "not_utf8", "3"},
		"Windows-1252 header":     {"r\xe9f\xe9rence,name\n", "not_utf8", "1"},
		"a workbook":              {"PK\x03\x04...", "not_csv", "1"},
		"carriage returns":        {header + "\rp1,kr,A-1,One\r", "bad_line_ends", "1"},
		"a missing column":        {"external_id,delegation,accreditation\np1,kr,A-1\n", "missing_column", "1"},
		"a header twice":          {header + ",Remarks,remarks\n", "duplicate_column", "1"},
		"two columns of a field":  {header + ",E-Mail,Mail\n", "duplicate_column", "1"},
		"a mark within a cell":    {header + "\np1,kr,A-1,Joe \"the\" Doe\n", "bad_quotes", "2"},
		"a quote never closed":    {header + "\np1,kr,A-1,One\np2,kr,A-2,\"Two\np3,kr,A-3,Three\n", "bad_quotes", "3"},
		"a cell of 1 MB":          {header + "\np1,kr,A-1," + strings.Repeat("é", 1<<20) + "\n", "cell_too_long", "2"},
		"a header of 1 MB":        {header + "," + strings.Repeat("x", 1<<20) + "\n", "cell_too_long", "1"},
		"too many columns":        {header + strings.Repeat(",", sheet.MaxColumns) + "\n", "too_many_columns", "1"},
		"a million cells":         {header + "\n" + strings.Repeat(",", 1<<20) + "\n", "too_many_columns", "2"},
		"one row more than usual": {header + "\n" + strings.Repeat("p,kr,A,N\n", sheet.MaxRows+1), "too_many_rows", fmt.Sprint(sheet.MaxRows + 2)},
	} {
		table, err := sheet.Read([]byte(test.text), sheet.Delegates(), nil, "en")
		if !problem.Is(err, problem.Invalid) || code(err) != test.code || problem.From(err).Fields[0].Params["row"] != test.row {
			t.Errorf("%s: %+v, %v", name, problem.From(err), table)
		}
	}
	if _, err := sheet.Read(make([]byte, sheet.MaxBytes+1), sheet.Delegates(), nil, "en"); !problem.Is(err, problem.TooLarge) {
		t.Errorf("too large: %v", err)
	}
}

func TestAHeaderAloneIsATableWithoutRows(t *testing.T) {
	t.Parallel()
	if table := read(t, header); len(table.Rows) != 0 || !table.Has(sheet.Name) {
		t.Errorf("%+v", table)
	}
}

func TestDamagedTextIsAFaultOfItsRow(t *testing.T) {
	t.Parallel()
	table := read(t, header+"\np1,kr,A-1,One\x00\np2,kr,A-2,Ren\ufffd\np3,kr,A-3,\u202bعلي\u202c\n")
	got := [3]string{}
	for i, r := range table.Rows {
		for _, f := range r.Faults {
			got[i] += f.Code + "@" + f.Column
		}
	}
	if got != [3]string{"control_character@name", "damaged_text@name", ""} {
		t.Errorf("faults %q", got)
	}
}

// names are people's names that a table must not touch.
var names = []string{
	"محمد بن سلمان", "שרה לוי", "王小明", "김민준", "Ötvös Árpád", "Владимир Ильич", "Nguyễn Thị Ánh", "אב\u200fג (Ltd)", "O'Brien",
	"e\u0301 decomposed", "Björk", "a\"quoted\"b", "two\nlines", "semi;colon, comma\ttab", "𠮷野家",
}

var formulas = []string{
	"=1+1", "+82 2 2100 1234", "-5", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1", "''=1", "'", "''", "'quoted'", "=", "=cmd|' /C calc'!A0", "'+", "--",
}

func TestATableThatIsWrittenAndReadIsTheSame(t *testing.T) {
	t.Parallel()
	all := slices.Concat(names, formulas)
	var out bytes.Buffer
	err := sheet.Write(&out, []string{"external_id", "delegation", "accreditation", "name"}, func(yield func([]string) bool) {
		for i, name := range all {
			if !yield([]string{fmt.Sprint("p", i), "kr", fmt.Sprint("A", i), name}) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !bytes.Contains(out.Bytes(), []byte(strings.ReplaceAll(name, `"`, `""`))) {
			t.Errorf("the table lacks %q", name)
		}
	}
	for line := range strings.Lines(strings.TrimPrefix(out.String(), "\ufeff")) {
		for cell := range strings.SplitSeq(line, ",") {
			if cell = strings.Trim(cell, "\""); cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("%q runs", cell)
			}
		}
	}
	table := read(t, out.String())
	for i, got := range cells(table, sheet.Name) {
		if got != strings.TrimSpace(all[i]) {
			t.Errorf("%q came back as %q", all[i], got)
		}
	}
}
