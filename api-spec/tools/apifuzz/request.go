package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// request is one to send. What is spoilt is said in words; certain means that
// it is forbidden although the document's schemas do not show it.
type request struct {
	path    string
	query   url.Values
	header  http.Header
	body    []byte
	spoilt  string
	certain bool
}

// build makes a request of o that the document allows.
func (f *fuzzer) build(o operation) (*request, map[string]any) {
	r := &request{path: o.path, query: url.Values{}, header: http.Header{}}
	if f.token != "" && (o.secured || f.oneIn(2)) {
		r.header.Set("Authorization", "Bearer "+f.token)
	}
	for _, ref := range o.parameters {
		p := ref.Value
		if !p.Required && f.oneIn(2) {
			continue
		}
		if list, ok := f.list(p); ok {
			r.query[p.Name] = list
			continue
		}
		text := f.parameter(p)
		switch p.In {
		case "path":
			r.path = strings.ReplaceAll(r.path, "{"+p.Name+"}", url.PathEscape(text))
		case "query":
			r.query.Set(p.Name, text)
		case "header":
			r.header.Set(p.Name, text)
		}
	}
	if tag, ok := f.etags[f.thing(o, r.path)]; ok && r.header.Get("If-Match") != "" && !f.oneIn(3) {
		r.header.Set("If-Match", tag)
	}
	if o.RequestBody == nil {
		return r, nil
	}
	content := o.RequestBody.Value.Content
	media := slices.Sorted(maps.Keys(content))
	chosen := media[f.IntN(len(media))]
	r.header.Set("Content-Type", chosen)
	body := f.body(content[chosen])
	object, _ := body.(map[string]any)
	r.write(body)
	return r, object
}

// body makes a body. Of a foreign format the document says almost nothing, and
// only its example has a chance to be understood.
func (f *fuzzer) body(m *openapi3.MediaType) any {
	s := m.Schema.Value
	foreign := len(s.Properties) == 0 && s.MaxLength == nil
	if foreign && m.Example != nil && !f.oneIn(3) {
		if object, ok := m.Example.(map[string]any); ok {
			return maps.Clone(object) // it may be spoilt
		}
		return m.Example
	}
	return f.value("", s, false, 0)
}

// list makes the texts of p when it is a list; those are in queries only, each
// entry under the name of the list.
func (f *fuzzer) list(p *openapi3.Parameter) ([]string, bool) {
	if !p.Schema.Value.Type.Includes("array") {
		return nil, false
	}
	made, _ := f.value(p.Name, p.Schema.Value, true, 0).([]any)
	if examples, ok := p.Example.([]any); ok && f.oneIn(2) {
		made = examples
	}
	texts := make([]string, len(made))
	for i, v := range made {
		texts[i] = fmt.Sprint(v)
	}
	return texts, true
}

// parameter makes the text of p. Only an example knows what a pattern means.
func (f *fuzzer) parameter(p *openapi3.Parameter) string {
	if p.Schema.Value.Pattern != "" && len(f.values[p.Name]) == 0 {
		return fmt.Sprint(p.Example)
	}
	return fmt.Sprint(f.value(p.Name, p.Schema.Value, true, 0))
}

// thing is the path of what an operation upon path is about: what can be read
// there, or the nearest above it, such as the draft for a session in it.
func (f *fuzzer) thing(o operation, path string) string {
	template, at := o.path, path
	for !f.readable[template] {
		above, _, ok := cutLast(template, "/")
		if !ok || above == "" {
			return path
		}
		template = above
		at, _, _ = cutLast(at, "/")
	}
	return at
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func (r *request) write(body any) {
	if text, ok := body.(string); ok {
		r.body = []byte(text)
		return
	}
	r.body, _ = json.Marshal(body) // only maps, lists, texts and numbers: cannot fail
}

// http makes the request anew; each can be read once.
func (r *request) http(ctx context.Context, method, base string) (*http.Request, error) {
	u := base + r.path
	if len(r.query) > 0 {
		u += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, u, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	if r.body == nil {
		req.Body = http.NoBody
	}
	req.Header = r.header.Clone()
	return req, nil
}
