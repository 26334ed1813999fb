package main

import (
	"strings"
	"testing"

	"plenary.example/api-spec/tools/internal/yamldoc"
)

const document = `
components:
  messages:
    moved:
      payload: { $ref: '#/components/schemas/Moved' }
      examples: [{ payload: { session: opening, at: '2013-10-17T01:00:00Z' } }]
  schemas:
    Moved:
      type: object
      required: [session, at]
      properties: { session: { type: string }, at: { type: string, format: date-time } }
`

func TestExamplesAreHeldToTheirSchema(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, now, want string }{
		"as it should be":  {"", "", ""},
		"a new member":     {"session: opening", "session: opening, mood: calm", ""},
		"a missing member": {"session: opening, ", "", "session"},
		"a wrong type":     {"session: opening", "session: 7", "string"},
		"a wrong format":   {"2013-10-17T01:00:00Z", "soon", "date-time"},
		"no example":       {"examples", "samples", "no example"},
	} {
		doc, err := yamldoc.Parse(strings.Replace(document, c.old, c.now, 1))
		if err != nil {
			t.Fatal(err)
		}
		err = check(doc)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
