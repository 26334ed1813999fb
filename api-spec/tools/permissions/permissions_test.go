package main

import (
	"strings"
	"testing"

	"plenary.example/api-spec/tools/internal/yamldoc"
)

const document = `
paths:
  /v1/rooms/{room}/seats/{seat}:
    get: { operationId: getSeat, x-permission: delegate, x-owner: conference, x-scope: 'people:read' }
    put:
      operationId: putSeat
      x-permission: liaison
      x-owner: delegation
      requestBody: { content: { application/xml: {}, application/json: {} } }
`

func TestTablesSayWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	doc, err := yamldoc.Parse(document)
	if err != nil {
		t.Fatal(err)
	}
	ops, err := operations(doc)
	if err != nil {
		t.Fatal(err)
	}
	code, err := tables(ops)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"getSeat": "delegate"`, `"putSeat": "liaison"`,
		`"getSeat": "conference"`, `"putSeat": "delegation"`,
		"var Scopes = map[string]string{\n\t\"getSeat\": \"people:read\",\n}",
		`"GET /v1/rooms/:room/seats/:seat": "getSeat"`,
		`"putSeat": {"application/json", "application/xml"}`,
	} {
		if !strings.Contains(string(code), want) {
			t.Errorf("no %s in\n%s", want, code)
		}
	}
}

func TestAnOperationSaysWhoMayCallItAndWhoseThingsItReaches(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no permission":                    strings.Replace(document, ", x-permission: delegate", "", 1),
		"an unknown one":                   strings.Replace(document, "x-permission: delegate", "x-permission: anybody", 1),
		"no owner":                         strings.Replace(document, ", x-owner: conference", "", 1),
		"an unknown one of those":          strings.Replace(document, "x-owner: conference", "x-owner: anybody", 1),
		"an unknown scope":                 strings.Replace(document, "people:read", "people", 1),
		"an empty scope":                   strings.Replace(document, "'people:read'", "", 1),
		"a scope where only its owner may": strings.Replace(document, "x-owner: conference", "x-owner: self", 1),
		"no id":                            strings.Replace(document, "operationId: getSeat, ", "", 1),
	} {
		doc, err := yamldoc.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := operations(doc); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
