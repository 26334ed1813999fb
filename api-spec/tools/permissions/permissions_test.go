package main

import (
	"strings"
	"testing"

	"plenary.example/api-spec/tools/internal/yamldoc"
)

const document = `
paths:
  /v1/rooms/{room}/seats/{seat}:
    get: { operationId: getSeat, x-permission: delegate }
    put:
      operationId: putSeat
      x-permission: secretariat
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
		`"getSeat": "delegate"`, `"putSeat": "secretariat"`,
		`"GET /v1/rooms/:room/seats/:seat": "getSeat"`,
		`"putSeat": {"application/json", "application/xml"}`,
	} {
		if !strings.Contains(string(code), want) {
			t.Errorf("no %s in\n%s", want, code)
		}
	}
}

func TestAnOperationSaysWhoMayCallIt(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no permission":  strings.Replace(document, ", x-permission: delegate", "", 1),
		"an unknown one": strings.Replace(document, "x-permission: delegate", "x-permission: anybody", 1),
		"no id":          strings.Replace(document, "operationId: getSeat, ", "", 1),
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
