package delegates_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"plenary.example/services/delegates/internal/rest/api"
)

// The matrix walks every route the specification declares with every kind of
// caller there is. What may pass the door is read from the declaration; a route
// that lets in somebody else, or turns away who may come, fails. What is behind
// the door is walked where all services run, by the tests of the standalone.
func TestEveryRouteLetsInWhoItDeclares(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, people())
	elsewhere := people()
	elsewhere.Conference = "london-2011"
	elsewhere.Delegations[0].ID = "0190a3c2-7b1e-7c4d-9a51-00000000000b"
	elsewhere.Delegates = elsewhere.Delegates[:1]
	elsewhere.Delegates[0].ID, elsewhere.Delegates[0].Delegation = "0190a3c2-7b1e-7c4d-9a51-000000000003", elsewhere.Delegations[0].ID
	elsewhere.Delegates[0].Roles = []string{"delegate", "secretariat"}
	load(t, s, elsewhere)

	callers := []struct {
		name, token                      string
		signedIn, secretariat, elsewhere bool
	}{
		{"signed out", "", false, false, false},
		{"with a bad token", "opensesame", false, false, false},
		{"a delegate", signedIn(t, s, "SEO-00001", sampleCode).AccessToken, true, false, false},
		{"the secretariat", signedIn(t, s, "SEO-00002", singleCode).AccessToken, true, true, false},
		{"another conference's secretariat", signedInTo(t, s, "london-2011", "SEO-00001", sampleCode).AccessToken, true, true, true},
	}
	if len(api.Routes) == 0 || len(api.Routes) != len(api.Permissions) {
		t.Fatalf("%d routes, %d permissions", len(api.Routes), len(api.Permissions))
	}
	for route, operation := range api.Routes {
		method, path, _ := strings.Cut(route, " ")
		for _, who := range callers {
			path := variable.ReplaceAllStringFunc(path, func(name string) string {
				if name == ":conference" {
					return "seoul-2013"
				}
				return "0190a3c2-7b1e-7c4d-9a51-0000000000ff" // leads to nobody
			})
			got := statusOf(t, method, "http://"+s.Addr()+path, who.token)
			permission := api.Permissions[operation]
			passes := permission == "public" || who.signedIn && (permission == "delegate" || who.secretariat)
			refused := got == http.StatusUnauthorized || got == http.StatusForbidden
			switch {
			case who.elsewhere && permission != "public" && strings.Contains(route, ":conference"):
				if got != http.StatusNotFound {
					t.Errorf("%s, %s: %d, want 404", route, who.name, got)
				}
			case passes == refused:
				t.Errorf("%s, %s: %d, declared %s", route, who.name, got, permission)
			case !who.signedIn && refused && got != http.StatusUnauthorized:
				t.Errorf("%s, %s: %d, want 401", route, who.name, got)
			}
		}
	}
}

var variable = regexp.MustCompile(`:[a-zA-Z]+`)

// statusOf sends an empty object: what gets past the door is 200 or 422.
func statusOf(t *testing.T, method, url, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}
