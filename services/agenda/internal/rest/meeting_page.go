package rest

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"plenary.example/services/agenda/internal/rest/api"
)

// gridStyle needs no other file, and does not vary, so that its hash can be
// allowed by name (see gridPolicy). A table repeats its head on each page.
const gridStyle = `
@page { size: A4; margin: 10mm 10mm 13mm; @bottom-center { content: counter(page) " / " counter(pages); font: 8pt sans-serif; } }
html { font: 7.5pt/1.2 "Noto Sans", "Noto Sans CJK KR", "Noto Sans Arabic", Arial, sans-serif; color: #000; background: #fff; }
body { margin: 0; }
h1 { font-size: 12pt; margin: 0 0 .5mm; }
h2 { font-size: 11pt; margin: 6mm 0 1mm; }
.about { margin: 0 0 2mm; color: #444; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; margin: 0 0 6mm; break-after: page; }
table:last-of-type { break-after: auto; }
th, td { border: .5pt solid #888; padding: .6mm 1mm; text-align: start; vertical-align: top; }
thead th { background: #eee; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
thead small { display: block; font-weight: normal; }
tr, tbody { break-inside: avoid; }
tbody tr { height: 8mm; }
.time { width: 9mm; font-variant-numeric: tabular-nums; white-space: nowrap; }
.meeting { background: #f4f8ff; }
.block { background: #ddd; }
.session { background: #fff3e0; }
td { print-color-adjust: exact; -webkit-print-color-adjust: exact; overflow-wrap: anywhere; }
.what { display: block; font-weight: bold; }
.when { display: block; font-size: 6.5pt; color: #444; }
ul { margin: 0; padding-inline-start: 5mm; }
@media screen { body { padding: 8mm; } }
`

// gridPolicy is the Content-Security-Policy under which the page looks as it
// should: its own style and nothing else.
func gridPolicy() string {
	sum := sha256.Sum256([]byte(gridStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; frame-ancestors 'none'"
}

// gridPage is written by html/template, which escapes what rooms and delegations
// are called.
const gridPage = `<!doctype html>
<html lang="{{.Language}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{.Name}} – {{.Day}}</title>
<style>{{.Style}}</style>
</head>
<body>
<h1><bdi>{{.Name}}</bdi> – {{.Day}}</h1>
<p class="about">As of {{.Made}}, {{.Zone}}</p>
{{range .Tables}}<table>
<thead><tr><th class="time">{{$.Date}}</th>{{range .Rooms}}<th scope="col"><bdi>{{.Name}}</bdi><small>{{with .Capacity}}{{.}} seats{{end}}{{range .Levels}} · {{.}}{{end}}</small></th>{{end}}</tr></thead>
{{range .Parts}}<tbody>
{{range .}}<tr><th class="time" scope="row">{{.Time}}</th>{{range .Cells}}<td{{with .Class}} class="{{.}}"{{end}}{{if gt .Rows 1}} rowspan="{{.Rows}}"{{end}}>{{range .Entries}}<span class="what">{{.What}}</span><span class="when">{{.When}}</span>{{end}}</td>{{end}}</tr>
{{end}}</tbody>
{{end}}</table>
{{end}}{{with .Unroomed}}<h2>Without a room</h2>
<ul>{{range .}}<li><span class="what">{{.What}}</span><span class="when">{{.When}}</span></li>{{end}}</ul>
{{end}}</body>
</html>
`

// roomsAcross is how many rooms fit on a sheet side by side.
const roomsAcross = 5

type (
	gridTable struct {
		Rooms []api.GridRoom
		// Parts are rows that are not to be torn apart: something lasts all through
		// them.
		Parts [][]gridRow
	}
	gridRow struct {
		Time  string
		Cells []gridCell
	}
	// gridCell is as many rows high as what is in it lasts.
	gridCell struct {
		Class   string
		Rows    int
		Entries []gridLine
	}
	gridLine struct{ What, When string }
)

// page is the grid to be printed.
func (g grid) page(body api.MeetingGrid, now time.Time) (api.GetMeetingGridResponseObject, error) {
	t, err := template.New("grid").Parse(gridPage)
	if err != nil {
		return nil, fmt.Errorf("print the grid: %w", err)
	}
	var tables []gridTable
	for rooms := range slices.Chunk(body.Rooms, roomsAcross) {
		tables = append(tables, g.table(body.Cells, rooms))
	}
	var unroomed []gridLine
	for _, e := range body.Unroomed {
		unroomed = append(unroomed, g.line(e))
	}
	var page bytes.Buffer
	err = t.Execute(&page, map[string]any{
		"Language": g.language, "Style": template.CSS(gridStyle), "Name": g.facts.Name.In(g.language), "Day": g.day, "Date": g.day[len("2006-"):], "Zone": g.facts.Zone,
		"Made": now.In(g.zone).Format("2006-01-02 15:04"), "Tables": tables, "Unroomed": unroomed,
	})
	if err != nil {
		return nil, fmt.Errorf("print the grid: %w", err)
	}
	return printed{api.GetMeetingGrid200TextHTMLResponse{
		Body: &page, ContentLength: int64(page.Len()), Headers: api.GetMeetingGrid200ResponseHeaders{ContentLanguage: g.language},
	}}, nil
}

// printed allows the page its own style.
type printed struct {
	api.GetMeetingGrid200TextHTMLResponse
}

// VisitGetMeetingGridResponse writes the answer.
func (p printed) VisitGetMeetingGridResponse(c *fiber.Ctx) error {
	err := p.GetMeetingGrid200TextHTMLResponse.VisitGetMeetingGridResponse(c)
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderContentSecurityPolicy, gridPolicy())
	return err
}

// table is some rooms side by side, a row for each cell.
func (g grid) table(cells []api.MeetingSlot, rooms []api.GridRoom) gridTable {
	rows, bound := make([]gridRow, len(cells)), make([]bool, len(cells)+1)
	for i, c := range cells {
		rows[i].Time = c.StartsAt.In(g.zone).Format("15:04")
	}
	for _, r := range rooms {
		for row := 0; row < len(cells); {
			cell := g.cell(cells, row, r.Entries)
			rows[row].Cells = append(rows[row].Cells, cell)
			for next := range cell.Rows - 1 {
				bound[row+next+1] = true
			}
			row += cell.Rows
		}
	}
	t := gridTable{Rooms: rooms}
	for i, row := range rows {
		if !bound[i] {
			t.Parts = append(t.Parts, nil)
		}
		last := len(t.Parts) - 1
		t.Parts[last] = append(t.Parts[last], row)
	}
	return t
}

// cell is what is in a room from a row on: everything that begins there, and
// whatever begins before that is over.
func (g grid) cell(cells []api.MeetingSlot, row int, entries []api.GridEntry) gridCell {
	c := gridCell{Rows: 1}
	for _, e := range entries {
		last := cells[row+c.Rows-1]
		begins := e.StartsAt.Before(last.EndsAt) && e.EndsAt.After(cells[row].StartsAt)
		if !begins || row > 0 && e.StartsAt.Before(cells[row-1].EndsAt) { // it is in a row above
			continue
		}
		c.Class = e.Kind
		c.Entries = append(c.Entries, g.line(e))
		for row+c.Rows < len(cells) && cells[row+c.Rows].StartsAt.Before(e.EndsAt) {
			c.Rows++
		}
	}
	return c
}

func (g grid) line(e api.GridEntry) gridLine {
	l := gridLine{What: e.Title, When: e.StartsAt.In(g.zone).Format("15:04") + "–" + e.EndsAt.In(g.zone).Format("15:04")}
	if e.Kind != "meeting" {
		return l
	}
	var names []string
	for _, d := range e.Delegations {
		names = append(names, cmp.Or(d.Designation, d.ID))
	}
	l.What = strings.Join(names, " – ")
	l.When += " · " + strings.ReplaceAll(e.Level, "_", " ")
	if e.Place != "" {
		l.When += " · " + e.Place
	}
	return l
}
