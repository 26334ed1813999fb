package client

import (
	"net/http/httptest"
	"regexp"
	"testing"
)

// later are the keywords of a schema that the walk does not know: it would let
// pass what breaks them.
var later = regexp.MustCompile(`[{,]"(const|if|then|else|prefixItems|contains|minContains|maxContains|patternProperties|dependentSchemas|` +
	`dependentRequired|propertyNames|unevaluatedItems|unevaluatedProperties|contentSchema|\$defs|\$dynamicRef|nullable)":`)

func TestTheSpecificationHasNoKeywordThatTheWalkDoesNotKnow(t *testing.T) {
	t.Parallel()
	routes, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	route, _, err := routes.FindRoute(httptest.NewRequestWithContext(t.Context(), "GET", "/v1/me", nil))
	if err != nil {
		t.Fatal(err)
	}
	text, err := route.Spec.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if len(text) < 100_000 || !later.MatchString(`{"type":"string","const":"a"}`) {
		t.Errorf("it looks for the wrong thing, or in the wrong place: %.80s", text)
	}
	for _, word := range later.FindAllSubmatch(text, -1) {
		t.Errorf("the specification says %s, and answers would not be held to it: compile such schemas again", word[1])
	}
}
