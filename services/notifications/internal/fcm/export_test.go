package fcm

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/messaging"
	"google.golang.org/api/option"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// fake is the SDK over the guard over one fixed answer.
func fake(t *testing.T, code int, after string, body []byte) (*messaging.Client, error) {
	rt := roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: code, ProtoMajor: 2, Request: r, Header: http.Header{"Retry-After": {after}},
			Body: io.NopCloser(bytes.NewReader(body)),
		}, nil
	})
	app, err := firebase.NewApp(t.Context(), &firebase.Config{ProjectID: "p"}, option.WithHTTPClient(&http.Client{Transport: guard{rt}, CheckRedirect: noRedirect}))
	if err != nil {
		return nil, err
	}
	return app.Messaging(t.Context())
}

func withCredentials(c *Client) []option.ClientOption {
	return []option.ClientOption{option.WithTokenSource(c.creds)}
}
