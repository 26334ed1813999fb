package main

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/shared/httpd"
)

// quiet is the log of everything that tests start.
var quiet = slog.New(slog.DiscardHandler)

// TestPhonesAreShownLive follows the page's stream through the API's port: it
// must deliver while it is open, and end when the house does.
func TestPhonesAreShownLive(t *testing.T) {
	t.Parallel()
	box := fcmsandbox.New(fcmsandbox.Config{})
	if err := box.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Stop(context.Background()) })
	life, end := context.WithCancel(t.Context())
	defer end()
	app := httpd.New(httpd.Config{Log: quiet})
	mountSandbox(life, app, box.Handler())
	door := httpd.NewServer(app)
	if err := door.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { door.Stop(context.Background()) })

	page := get(t, "http://"+door.Addr()+"/sandbox")
	if text := body(t, page); page.StatusCode != http.StatusOK || !strings.Contains(text, "<html") {
		t.Errorf("the page answers %d and begins %.40q", page.StatusCode, text)
	}

	// A browser obeys every policy it is given; the edge's would forbid the page
	// its own style and script.
	if policies := page.Header.Values("Content-Security-Policy"); len(policies) != 1 || !strings.Contains(policies[0], "script-src 'unsafe-inline'") {
		t.Errorf("the page comes with the policies %q", policies)
	}

	live := get(t, "http://"+door.Addr()+"/sandbox/events")
	defer live.Body.Close()
	if kind := live.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Errorf("the stream is %q", kind)
	}
	lines := bufio.NewScanner(live.Body)
	lines.Buffer(nil, 1<<20)
	saw := func(what string) bool {
		for lines.Scan() {
			if strings.Contains(lines.Text(), what) {
				return true
			}
		}
		return false
	}
	if !saw("data:") {
		t.Fatal("the stream ended before it told the present")
	}
	push(t, box.Endpoint(), "phone-of-amber")
	if !saw("phone-of-amber") {
		t.Fatal("the stream ended before it told of the push")
	}
	end()
	if saw("never to come") || lines.Err() != nil {
		t.Errorf("the stream ended with %v", lines.Err())
	}
}

// push sends what a carrier's client would.
func push(t *testing.T, endpoint, token string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint+"/projects/any/messages:send",
		strings.NewReader(`{"message":{"token":"`+token+`","notification":{"title":"Moved","body":"to 11:00"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer any")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if text := body(t, answer); answer.StatusCode != http.StatusOK {
		t.Fatalf("the sandbox answers %d %s", answer.StatusCode, text)
	}
}

func get(t testing.TB, url string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func body(t testing.TB, answer *http.Response) string {
	t.Helper()
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
