package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"plenary.example/shared/client"
)

// statusWith sends a request with a token and returns the status of the answer.
func statusWith(t *testing.T, method, url, token, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

// TestAKeyIsGoodForItsScopesAndEndsAtEveryService: another system reads the
// agenda with its key and does nothing else, at whichever service it asks, and
// seconds after the key has ended it does nothing at all.
func TestAKeyIsGoodForItsScopesAndEndsAtEveryService(t *testing.T) {
	t.Parallel()
	w := openHouse(t, "CONFERENCE", "london-2011").world()
	office := w.signIn(t, oneOf(w.sample, "secretariat"))
	made, err := office.CreateAPIKeyWithResponse(t.Context(), w.sample.ID, client.NewAPIKeyRequest{Name: "Archive", Scopes: []client.Scope{"agenda:read"}})
	if err != nil || made.JSON201 == nil {
		t.Fatalf("create: %v, %s", err, made.Body)
	}
	in, err := client.NewChecked(t, w.url, "").SignInWithKeyWithResponse(t.Context(), client.KeySignIn{Key: made.JSON201.Key})
	if err != nil || in.JSON201 == nil {
		t.Fatalf("sign in: %v, %s", err, in.Body)
	}
	here := "/v1/conferences/" + w.sample.ID
	requests := map[string]int{ // before the key ends
		"GET " + here:                   http.StatusOK,
		"GET " + here + "/agenda":       http.StatusOK,
		"POST " + here + "/imports":     http.StatusForbidden, // agenda:write
		"GET " + here + "/delegates":    http.StatusForbidden, // people:read
		"GET /v1/audit":                 http.StatusForbidden, // audit:read
		"POST " + here + "/api-keys":    http.StatusForbidden,
		"GET /v1/me":                    http.StatusForbidden,
		"GET /v1/me/inbox":              http.StatusForbidden,
		"GET /v1/conferences/oslo-2011": http.StatusNotFound,
	}
	send := func(request string) int {
		method, path, _ := strings.Cut(request, " ")
		return statusWith(t, method, w.url+path, in.JSON201.AccessToken, "{}")
	}
	for request, want := range requests {
		if got := send(request); got != want {
			t.Errorf("%s with agenda:read: %d, want %d", request, got, want)
		}
	}
	if gone, err := office.EndAPIKeyWithResponse(t.Context(), w.sample.ID, made.JSON201.ID); err != nil || gone.StatusCode() != http.StatusNoContent {
		t.Fatalf("end: %v, %s", err, gone.Body)
	}
	end := time.NewTimer(5 * time.Second)
	defer end.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for request := range requests {
		for send(request) != http.StatusUnauthorized {
			select {
			case <-end.C:
				t.Fatalf("%s: still answered five seconds after the key has ended", request)
			case <-tick.C:
			}
		}
	}
}
