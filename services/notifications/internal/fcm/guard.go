package fcm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"

	"golang.org/x/oauth2"
)

// Statuses no server sends. The SDK sleeps and repeats by itself on 503 and on
// every error of the network; under these names it returns at once.
const (
	notSent     = 596 // no request left: no connection, or no access token for now
	notLetIn    = 597 // no request left: we are refused an access token
	unavailable = 598 // it was 503
	unknown     = 599 // sent, and no answer that can be understood
)

// biggest answer read; FCM's are below 4 KB.
const biggest = 1 << 20

// readyBody is the key of a body in a context.
type readyBody struct{}

// guard hands the SDK answers only, never errors, so that it has nothing to
// retry. The end of the context is the exception: the SDK does not retry that.
type guard struct{ next http.RoundTripper }

// RoundTrip reads the whole answer, because the SDK would repeat a send whose
// answer broke off.
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if ready, ok := r.Context().Value(readyBody{}).([]byte); ok {
		r = holding(r, ready)
	}
	resp, err := g.next.RoundTrip(r)
	var body []byte
	if err == nil {
		body, err = io.ReadAll(io.LimitReader(resp.Body, biggest))
		_ = resp.Body.Close() // read to its end, or given up
	}
	if err != nil {
		if r.Context().Err() != nil {
			return nil, err
		}
		return answer(r, resp, status(err), nil), nil
	}
	code := resp.StatusCode
	switch {
	case code == http.StatusServiceUnavailable:
		code = unavailable
	case code >= 300 && code < 400: // the SDK takes 3xx for success
		code = http.StatusBadGateway
	case code < 300 && !named(body):
		code = unknown
	}
	return answer(r, resp, code, body), nil
}

// instead has a request that the SDK makes with this context sent with a body that
// is ready.
func instead(ctx context.Context, ready []byte) context.Context {
	return context.WithValue(ctx, readyBody{}, ready)
}

// holding is r with another body.
func holding(r *http.Request, ready []byte) *http.Request {
	r = r.WithContext(r.Context())
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(ready)), nil }
	r.Body, _ = r.GetBody() // bytes are always there
	r.ContentLength = int64(len(ready))
	return r
}

// named tells whether the answer is what FCM says of a message it took.
func named(body []byte) bool {
	var m struct {
		Name string `json:"name"`
	}
	return json.Unmarshal(body, &m) == nil && m.Name != ""
}

// status says how far the request got before err.
func status(err error) int {
	if token, ok := errors.AsType[*tokenError](err); ok {
		if r, ok := errors.AsType[*oauth2.RetrieveError](token); ok && r.Response != nil && r.Response.StatusCode < 500 {
			return notLetIn
		}
		return notSent
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return notSent
	}
	return unknown
}

func answer(r *http.Request, resp *http.Response, code int, body []byte) *http.Response {
	header := http.Header{}
	if resp != nil {
		header = resp.Header
	}
	if len(body) == 0 {
		body = []byte("{}")
	}
	return &http.Response{
		StatusCode: code, Status: strings.TrimSpace(http.StatusText(code)),
		Proto: "HTTP/2.0", ProtoMajor: 2, Header: header, Request: r,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}
}
