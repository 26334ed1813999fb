package main

import (
	"strings"
	"testing"

	"plenary.example/api-spec/tools/internal/yamldoc"
)

const document = `
paths:
  /things/{id}:
    put:
      parameters:
        - { name: id, in: path, required: true, schema: { type: string, format: uuid } }
        - { $ref: '#/components/parameters/Limit' }
        - { name: free, in: query, schema: { type: string } }
      requestBody:
        content: { application/json: { schema: { $ref: '#/components/schemas/Sent' } } }
      responses:
        '200': { content: { application/json: { schema: { $ref: '#/components/schemas/Answered' } } } }
components:
  parameters:
    Limit: { name: limit, in: query, schema: { type: integer, minimum: 1, maximum: 100 } }
  schemas:
    Sent:
      type: object
      required: [name, count, list, kind, note]
      properties:
        name: { type: string, minLength: 1, maxLength: 8 }
        note: { type: string, maxLength: 500 }
        count: { type: integer, minimum: 0 }
        list: { type: array, maxItems: 3, uniqueItems: true, items: { type: string, maxLength: 2 } }
        kind: { type: string, enum: [a, b c] }
        maybe: { type: [string, 'null'], maxLength: 4 }
        when: { type: string, format: date }
        inner: { type: array, items: { $ref: '#/components/schemas/Inner' } }
        rank: { type: [string, 'null'], enum: [a, b, null] }
        texts: { type: object, minProperties: 1, maxProperties: 9, additionalProperties: { type: string, maxLength: 7 } }
        patched: { type: object, additionalProperties: { type: [string, 'null'], minLength: 1 } }
        anything: { type: object, additionalProperties: true }
        mine: { type: string, maxLength: 9, x-oapi-codegen-extra-tags: { validate: special } }
    Inner:
      type: object
      properties: { deep: { type: string, minLength: 2 } }
    Answered:
      type: object
      properties:
        text: { type: string, maxLength: 3 }
        at: { type: string, format: date-time }
        flag: { type: boolean }
`

func tagged(t *testing.T, text string) (*tagger, *yamldoc.Doc) {
	t.Helper()
	doc, err := yamldoc.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	g := &tagger{doc: doc}
	g.requests()
	g.lighten()
	return g, doc
}

func member(t *testing.T, doc *yamldoc.Doc, path string) yamldoc.Map {
	t.Helper()
	m := doc.Resolve(yamldoc.Map{"$ref": "#/" + path})
	if m == nil {
		t.Fatalf("no %s", path)
	}
	return m
}

func validate(m yamldoc.Map) string {
	tags, _ := m[extraTags].(yamldoc.Map)
	s, _ := tags["validate"].(string)
	return s
}

func TestConstraintsBecomeTags(t *testing.T) {
	t.Parallel()
	g, doc := tagged(t, document)
	if len(g.faults) > 0 {
		t.Fatal(g.faults)
	}
	for path, want := range map[string]string{
		"schemas/Sent/properties/name":     "required,min=1,max=8",
		"schemas/Sent/properties/note":     "max=500", // required, and may be empty
		"schemas/Sent/properties/count":    "gte=0",   // required, and may be zero
		"schemas/Sent/properties/list":     "required,max=3,unique,dive,max=2",
		"schemas/Sent/properties/kind":     "required,oneof=a 'b c'",
		"schemas/Sent/properties/maybe":    "omitempty,max=4",
		"schemas/Sent/properties/when":     "omitempty,datetime=2006-01-02",
		"schemas/Sent/properties/inner":    "omitempty,dive",
		"schemas/Sent/properties/rank":     "omitempty,oneof=a b",
		"schemas/Sent/properties/texts":    "omitempty,min=1,max=9,dive,max=7",
		"schemas/Sent/properties/patched":  "omitempty,dive,omitempty,min=1", // null takes a text away
		"schemas/Sent/properties/anything": "",
		"schemas/Sent/properties/mine":     "special",
		"schemas/Inner/properties/deep":    "omitempty,min=2",
		"parameters/Limit":                 "omitempty,gte=1,lte=100",
		"schemas/Answered/properties/text": "", // what we send ourselves is checked by tests
	} {
		if got := validate(member(t, doc, "components/"+path)); got != want {
			t.Errorf("%s is tagged %q, want %q", path, got, want)
		}
	}
	put := doc.Root["paths"].(yamldoc.Map)["/things/{id}"].(yamldoc.Map)["put"].(yamldoc.Map)
	if got := validate(put["parameters"].([]any)[0].(yamldoc.Map)); got != "required,uuid" {
		t.Errorf("the path parameter is tagged %q", got)
	}
}

func TestOnlyAnswersLoseTheirPointers(t *testing.T) {
	t.Parallel()
	_, doc := tagged(t, document)
	const skip = "x-go-type-skip-optional-pointer"
	for path, want := range map[string]bool{
		"Answered/properties/text": true, "Answered/properties/at": false, "Answered/properties/flag": false,
		"Sent/properties/when": false, "Inner/properties/deep": false,
	} {
		if got := member(t, doc, "components/schemas/"+path)[skip] == true; got != want {
			t.Errorf("%s loses its pointer: %v, want %v", path, got, want)
		}
	}
}

func TestAPatternNobodyChecksIsRefused(t *testing.T) {
	t.Parallel()
	bare := strings.Replace(document, "maxLength: 8 }", "maxLength: 8, pattern: '^a' }", 1)
	if g, _ := tagged(t, bare); len(g.faults) != 1 || !strings.Contains(g.faults[0], "/name") {
		t.Errorf("faults %q, want one about /name", g.faults)
	}
	vouched := strings.Replace(document, "maxLength: 8 }", "maxLength: 8, pattern: '^a', x-validated-by: the handler }", 1)
	if g, _ := tagged(t, vouched); len(g.faults) != 0 {
		t.Errorf("faults %q, want none", g.faults)
	}
}
