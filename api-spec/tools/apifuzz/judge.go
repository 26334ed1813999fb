package main

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3filter"
)

// judge compares one answer with what the document says of the operation.
func (f *fuzzer) judge(o operation, r *request, forbidden bool, in *openapi3filter.RequestValidationInput, res *http.Response, body []byte) {
	status := res.StatusCode
	if f.statuses[o.OperationID] == nil {
		f.statuses[o.OperationID] = make(map[int]int)
	}
	f.statuses[o.OperationID][status]++

	declared := o.Responses.Status(status)
	later := status == http.StatusServiceUnavailable && declared != nil && res.Header.Get("Retry-After") != ""
	switch {
	case status >= 500 && !later:
		f.found(broken, o, "%d %s (%s)", status, reason(body), r.spoilt)
		return
	case declared == nil:
		f.found(undeclared, o, "%d (%s)", status, r.spoilt)
		return
	case forbidden && status < 400:
		f.found(accepted, o, "%d for %s", status, r.spoilt)
	case r.spoilt == "no token" && status != http.StatusUnauthorized:
		f.found(accepted, o, "%d without a token", status)
	case !forbidden && f.wronglyRefused(o, status, body):
		f.found(refused, o, "%d %s (%s)", status, reason(body), r.spoilt)
	}
	if content := declared.Value.Content; len(content) > 0 {
		media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
		if content[media] == nil {
			f.found(mediaType, o, "%d comes as %q", status, res.Header.Get("Content-Type"))
			return
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: status, Header: res.Header, Options: in.Options}
	out.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		f.found(schema, o, "%d: %v", status, err)
	}
}

// wronglyRefused says whether a status means that the request was not
// understood, although the document allows it. A code that the description of
// the operation or of a parameter names, of the whole or of every place, is a
// rule the document does know.
func (f *fuzzer) wronglyRefused(o operation, status int, body []byte) bool {
	switch status {
	case http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
	default:
		return false
	}
	p := read(body)
	said := o.Description
	for _, p := range o.parameters {
		said += p.Value.Description
	}
	named := func(code string) bool { return code != "" && strings.Contains(said, "`"+code+"`") }
	if named(p.Code) {
		return false
	}
	for _, e := range p.Errors { // each place may have broken a rule of its own
		if !named(e.Code) {
			return true
		}
	}
	return len(p.Errors) == 0
}

// problem is what is read of a problem document. What is none has no code.
type problem struct {
	Code   string `json:"code"`
	Errors []struct {
		Pointer   string `json:"pointer"`
		Parameter string `json:"parameter"`
		Code      string `json:"code"`
	} `json:"errors"`
}

func read(body []byte) problem {
	var p problem
	_ = json.Unmarshal(body, &p)
	return p
}

// reason is a refusal in short, and the same each time.
func reason(body []byte) string {
	p := read(body)
	if p.Code == "" {
		return string(body)
	}
	text := p.Code
	for _, e := range p.Errors {
		text += " " + e.Parameter + e.Pointer + ":" + e.Code
	}
	return text
}
