package main

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// declared is what the specification says of one operation.
type declared struct {
	id, method, path         string
	permission, owner, scope string
	variables                []string // of the path
	headers, query           []string // that must be there
	media                    []string // of the body
	success                  int      // the first 2xx it has
}

// inConference says whether the path names the conference.
func (d declared) inConference() bool { return slices.Contains(d.variables, "conference") }

// changes says whether the operation may change anything.
func (d declared) changes() bool { return d.method != "GET" }

// declarations reads every operation of the one document app developers have,
// and nothing else: what is expected of the house follows from it.
func declarations(t *testing.T) []declared {
	t.Helper()
	text, err := os.ReadFile("internal/docs/site/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	type parameter struct {
		Ref      string `json:"$ref"`
		Name, In string
		Required bool
	}
	type operation struct {
		OperationID string
		Permission  string `json:"x-permission"`
		Owner       string `json:"x-owner"`
		Scope       string `json:"x-scope"`
		Parameters  []parameter
		RequestBody struct{ Content map[string]any }
		Responses   map[string]any
	}
	var doc struct {
		Paths      map[string]map[string]json.RawMessage
		Components struct{ Parameters map[string]parameter }
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	var out []declared
	for path, item := range doc.Paths {
		var shared []parameter
		if text, ok := item["parameters"]; ok {
			if err := json.Unmarshal(text, &shared); err != nil {
				t.Fatal(err)
			}
		}
		for method, text := range item {
			if method == "parameters" {
				continue
			}
			var o operation
			if err := json.Unmarshal(text, &o); err != nil {
				t.Fatalf("%s %s: %v", method, path, err)
			}
			d := declared{
				id: o.OperationID, method: strings.ToUpper(method), path: path, permission: o.Permission, owner: o.Owner, scope: o.Scope,
				media: slices.Sorted(maps.Keys(o.RequestBody.Content)),
			}
			for _, p := range slices.Concat(shared, o.Parameters) {
				if name, ok := strings.CutPrefix(p.Ref, "#/components/parameters/"); ok {
					p = doc.Components.Parameters[name]
				}
				switch {
				case p.In == "path":
					d.variables = append(d.variables, p.Name)
				case p.In == "header" && p.Required:
					d.headers = append(d.headers, p.Name)
				case p.Required:
					d.query = append(d.query, p.Name)
				}
			}
			for _, status := range slices.Sorted(maps.Keys(o.Responses)) {
				if n, err := strconv.Atoi(status); err == nil && n >= 200 && n < 300 {
					d.success = n
					break
				}
			}
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b declared) int { return strings.Compare(a.id, b.id) })
	return out
}
