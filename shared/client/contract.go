// Package client speaks to Plenary as an app does, for tests and rehearsals:
// the calls are generated from the specification, and a checked client holds
// every exchange to it. What the specification does not promise, no test can
// come to rely on; what it promises, every test checks by the way.
//
// No service imports it: services share facts through events.
package client

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

//go:embed openapi.gen.yaml
var specification []byte

// A Reporter hears of violations. Every testing.TB is one; a rehearsal brings
// its own.
type Reporter interface {
	Helper()
	Errorf(format string, args ...any)
}

// NewChecked is a client of the server at baseURL, signed in with token (empty
// for nobody), whose every request and answer must be what the specification
// says; each violation is reported to r. It may be used side by side.
func NewChecked(r Reporter, baseURL, token string, options ...CheckOption) *ClientWithResponses {
	r.Helper()
	c := &Checker{Report: r, Base: http.DefaultTransport}
	for _, o := range options {
		o(c)
	}
	signIn := func(_ context.Context, req *http.Request) error {
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		return nil
	}
	made, err := NewClientWithResponses(baseURL, WithHTTPClient(&http.Client{Transport: c}), WithRequestEditorFn(signIn))
	if err != nil {
		r.Errorf("client of %s: %v", baseURL, err)
	}
	return made
}

// A CheckOption changes how a checked client behaves.
type CheckOption func(*Checker)

// AllowBadRequests lets a test send what the specification forbids. Answers are
// checked all the same.
func AllowBadRequests(c *Checker) { c.AllowBad = true }

// Through sends the requests through base instead of http.DefaultTransport.
func Through(base http.RoundTripper) CheckOption {
	return func(c *Checker) { c.Base = base }
}

// A Checker is a transport that holds what passes through it to the
// specification.
type Checker struct {
	Report   Reporter
	Base     http.RoundTripper
	AllowBad bool // requests are not checked
}

// RoundTrip implements http.RoundTripper.
func (c *Checker) RoundTrip(req *http.Request) (*http.Response, error) {
	c.Report.Helper()
	routes, err := contract()
	if err != nil {
		return nil, err
	}
	sent, err := drain(&req.Body)
	if err != nil {
		return nil, err
	}
	what := req.Method + " " + req.URL.Path
	in, err := describe(routes, req)
	if err != nil {
		if !c.AllowBad {
			c.Report.Errorf("%s: %v", what, err)
		}
		return c.Base.RoundTrip(req)
	}
	if !c.AllowBad {
		err := hold(in, func() error {
			if sent != nil {
				req.Body = io.NopCloser(bytes.NewReader(sent))
			}
			return openapi3filter.ValidateRequest(req.Context(), in)
		})
		if err != nil {
			c.Report.Errorf("%s: the request breaks the specification: %s", what, brief(err))
		}
	}
	if sent != nil {
		req.Body = io.NopCloser(bytes.NewReader(sent))
	}
	res, err := c.Base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); media == "text/event-stream" {
		return res, nil // it does not end; what its events say is for whoever reads them to check
	}
	got, err := drain(&res.Body)
	if err != nil {
		return nil, err
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: res.StatusCode, Header: res.Header, Options: in.Options}
	err = hold(in, func() error {
		out.SetBodyBytes(got)
		return openapi3filter.ValidateResponse(req.Context(), out)
	})
	if err != nil {
		c.Report.Errorf("%s: answer %d breaks the specification: %s", what, res.StatusCode, brief(err))
	}
	return res, nil
}

// describe finds the operation behind a request.
func describe(routes routers.Router, req *http.Request) (*openapi3filter.RequestValidationInput, error) {
	route, path, err := routes.FindRoute(req)
	if err != nil {
		return nil, fmt.Errorf("no such operation: %w", err)
	}
	options := &openapi3filter.Options{
		AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc, // whether the token is good is the server's to say
		IncludeResponseStatus: true,                                  // an undeclared status is a violation
		MultiError:            true,
		SkipSettingDefaults:   true, // what was sent is what arrives
	}
	options.WithCustomSchemaErrorFunc(func(e *openapi3.SchemaError) string {
		return fmt.Sprintf("/%s: %s", strings.Join(e.JSONPointer(), "/"), e.Reason)
	})
	return &openapi3filter.RequestValidationInput{Request: req, PathParams: path, Route: route, Options: options}, nil
}

// drain reads a body to its end and puts a copy in its place.
func drain(body *io.ReadCloser) ([]byte, error) {
	if *body == nil || *body == http.NoBody {
		return nil, nil
	}
	b, err := io.ReadAll(*body)
	if err != nil {
		return nil, err
	}
	if err := (*body).Close(); err != nil {
		return nil, err
	}
	*body = io.NopCloser(bytes.NewReader(b))
	return b, nil
}

func brief(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	if len(text) > 600 {
		text = text[:600] + "…"
	}
	return text
}

// contract reads the embedded specification, once for all clients.
var contract = sync.OnceValues(func() (routers.Router, error) {
	openapi3.DefineStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`))
	openapi3.DefineStringFormatValidator("email", openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForEmail))
	openapi3filter.RegisterBodyDecoder("application/merge-patch+json", openapi3filter.JSONBodyDecoder)
	// Tables and pages are text; the validator would take a table apart.
	for _, media := range []string{"application/xml", "text/calendar", "text/csv", "text/html"} {
		openapi3filter.RegisterBodyDecoder(media, openapi3filter.FileBodyDecoder)
	}
	doc, err := openapi3.NewLoader().LoadFromData(specification)
	if err != nil {
		return nil, fmt.Errorf("read the specification: %w", err)
	}
	if err := doc.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("the specification: %w", err)
	}
	return gorillamux.NewRouter(doc)
})
