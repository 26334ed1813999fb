package participants

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"time"

	"plenary.example/services/delegates/internal/sheet"
)

// style needs no other file, and does not vary, so that its hash can be allowed
// by name (see PagePolicy). The outermost table repeats its head on each page.
const style = `
@page { size: A4; margin: 14mm 16mm 18mm; @bottom-center { content: counter(page) " / " counter(pages); font: 8pt sans-serif; direction: ltr; } }
html { font: 10pt/1.35 "Noto Serif", "Noto Serif CJK KR", "Noto Naskh Arabic", Georgia, serif; color: #000; background: #fff; }
body { margin: 0 auto; max-width: 178mm; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; font-weight: normal; padding: 0; }
.running { font: 8pt sans-serif; color: #444; border-bottom: .5pt solid #888; padding-bottom: 1.5mm; }
.running div { display: flex; justify-content: space-between; gap: 8mm; }
h1 { font-size: 17pt; margin: 8mm 0 1mm; }
.about { margin: 0 0 6mm; }
h2 { font-size: 12pt; margin: 5mm 0 1mm; break-after: avoid; }
section { break-inside: auto; }
.people tr { break-inside: avoid; }
.people th, .people td { padding: .6mm 0; border-bottom: .25pt solid #ccc; }
.people th { width: 45%; padding-inline-end: 5mm; font-weight: bold; }
.head { display: block; font: italic 8.5pt sans-serif; }
.people .erased { color: #666; font-style: italic; font-weight: normal; }
@media screen { body { padding: 8mm; } }
`

// PagePolicy is the Content-Security-Policy under which a printed list looks as
// it should: its own style and nothing else.
func PagePolicy() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; frame-ancestors 'none'"
}

// page is written by html/template, which escapes what people are called.
const page = `<!doctype html>
<html lang="{{.Words.Tag}}" dir="{{.Dir}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{.Words.Title}} {{.Number}}{{with .Conference}} – {{.}}{{end}}</title>
<style>{{.Style}}</style>
</head>
<body>
<table role="presentation">
<thead><tr><th class="running"><div><bdi lang="{{.ConferenceLanguage}}">{{.Conference}}</bdi><span>{{.Number}} · <bdi dir="ltr">{{.Date}}</bdi></span></div></th></tr></thead>
<tbody><tr><td>
<h1>{{.Words.Title}}</h1>
<p class="about"><bdi lang="{{.ConferenceLanguage}}">{{.Conference}}</bdi><br>{{.Number}} · <time datetime="{{.Instant}}" dir="ltr">{{.Date}}</time></p>
{{range .Sections}}<section>
<h2><bdi lang="{{.Language}}">{{.Designation}}</bdi></h2>
<table class="people">
{{range .People}}<tr>{{if .Erased}}<th class="erased">({{$.Words.Erased}})</th><td></td>{{else}}<th scope="row"><span dir="auto"{{with .Language}} lang="{{.}}"{{end}}>{{.Name}}</span>{{if .Head}} <span class="head">{{$.Words.Head}}</span>{{end}}</th><td><span dir="auto">{{.Function}}</span></td>{{end}}</tr>
{{end}}</table>
</section>
{{end}}</td></tr></tbody>
</table>
</body>
</html>
`

// Print writes the list as a page to print on A4: self-contained, each name and
// designation in its own direction.
func (c Contents) Print(w io.Writer, tag string, to Audience) error {
	t, err := template.New("list").Parse(page)
	if err != nil {
		return fmt.Errorf("print a list: %w", err)
	}
	words, dir := wordingIn(tag), "ltr"
	if rightToLeft(words.Tag) {
		dir = "rtl"
	}
	name, in := designation(c.Name, tag)
	err = t.Execute(w, map[string]any{
		"Words": words, "Dir": dir, "Style": template.CSS(style), "Number": fmt.Sprintf(words.Number, c.Number), "Conference": cmp.Or(name, c.Conference), "ConferenceLanguage": in,
		"Instant": c.At.UTC().Format(time.RFC3339), "Date": c.date(), "Sections": c.Sections(tag, to),
	})
	if err != nil {
		return fmt.Errorf("print a list: %w", err)
	}
	return nil
}

// date is the local one on which the list was numbered.
func (c Contents) date() string {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		zone = time.UTC
	}
	return c.At.In(zone).Format(time.DateOnly)
}

// Table writes the list as CSV; see sheet.Write.
func (c Contents) Table(w io.Writer, tag string, to Audience) error {
	return sheet.Write(w, []string{"delegation", "name", "function", "rank", "head"}, func(yield func([]string) bool) {
		for _, s := range c.Sections(tag, to) {
			for _, p := range s.People {
				head := "no"
				if p.Head {
					head = "yes"
				}
				if !yield([]string{s.Designation, p.Name, p.Function, p.Rank, head}) {
					return
				}
			}
		}
	})
}
