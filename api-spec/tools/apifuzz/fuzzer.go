package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3filter"
)

// The six faults.
const (
	broken     = "broken"
	accepted   = "accepted"
	refused    = "refused"
	schema     = "schema"
	undeclared = "undeclared"
	mediaType  = "media-type"
)

// finding is one fault of one operation, however often it was met.
type finding struct {
	fault, operation, detail string
	times                    int
}

type fuzzer struct {
	config
	*document
	*dice
	client   *http.Client
	etags    map[string]string      // path of a thing → what it was last called
	statuses map[string]map[int]int // operation → status → how often
	findings []finding
	sent     int
	ended    bool // the sign-in is over
}

// renew signs in anew, as somebody whose sign-in an operation has ended.
func (f *fuzzer) renew(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.base+"/v1/sign-ins", strings.NewReader(f.signIn))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := f.client.Do(req)
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	defer res.Body.Close()
	var pair struct {
		AccessToken string `json:"accessToken"`
	}
	if err := json.NewDecoder(res.Body).Decode(&pair); err != nil || pair.AccessToken == "" {
		return fmt.Errorf("sign in: %d without a token", res.StatusCode)
	}
	f.token, f.ended = pair.AccessToken, false
	return nil
}

// all sends n requests to every operation, every other one spoilt.
func (f *fuzzer) all(ctx context.Context) error {
	for round := range f.n {
		for _, o := range f.operations {
			if o.streams() {
				continue
			}
			if f.ended {
				if err := f.renew(ctx); err != nil {
					return err
				}
			}
			r, object := f.build(o)
			if round%2 == 1 {
				f.spoil(o, r, object)
			}
			if err := f.try(ctx, o, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// try sends r and judges the answer.
func (f *fuzzer) try(ctx context.Context, o operation, r *request) error {
	asked, err := r.http(ctx, o.method, f.base)
	if err != nil {
		return nil // net/http itself refuses to send it
	}
	route, path, err := f.router.FindRoute(asked)
	if err != nil || route.Operation.OperationID != o.OperationID {
		return nil // spoilt so much that it is another path
	}
	in := &openapi3filter.RequestValidationInput{Request: asked, Route: route, PathParams: path, Options: &openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, MultiError: true,
	}}
	forbidden := r.certain || openapi3filter.ValidateRequest(ctx, in) != nil

	sent, err := r.http(ctx, o.method, f.base)
	if err != nil {
		return err
	}
	res, err := f.client.Do(sent)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	f.sent++
	if err != nil {
		f.found(broken, o, "no answer: %v (%s)", err, r.spoilt)
		return nil
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		f.found(broken, o, "the answer breaks off: %v (%s)", err, r.spoilt)
		return nil
	}
	if tag := res.Header.Get("ETag"); tag != "" {
		f.etags[f.thing(o, r.path)] = tag
	}
	if f.signIn != "" && o.secured && res.StatusCode == http.StatusUnauthorized && r.header.Get("Authorization") != "" {
		f.ended = true
	}
	f.learn(o, res.StatusCode, body)
	f.judge(o, r, forbidden, in, res, body)
	return nil
}

func (f *fuzzer) found(fault string, o operation, format string, args ...any) {
	detail := strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ")
	if len(detail) > 300 {
		detail = detail[:300] + "…"
	}
	for i := range f.findings {
		if x := &f.findings[i]; x.fault == fault && x.operation == o.OperationID && x.detail == detail {
			x.times++
			return
		}
	}
	f.findings = append(f.findings, finding{fault, o.OperationID, detail, 1})
}

// report says what was found and what was answered.
func (f *fuzzer) report(w io.Writer) {
	for _, x := range f.findings {
		fmt.Fprintf(w, "%-10s %-25s %4dx %s\n", x.fault, x.operation, x.times, x.detail)
	}
	for _, o := range f.operations {
		if o.streams() {
			fmt.Fprintf(w, "%-25s  not asked: its answer has no end\n", o.OperationID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(f.statuses)) {
		fmt.Fprintf(w, "%-25s", id)
		for _, status := range slices.Sorted(maps.Keys(f.statuses[id])) {
			fmt.Fprintf(w, "  %d: %d", status, f.statuses[id][status])
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "seed %d, %d requests, %d kinds of finding\n", f.seed, f.sent, len(f.findings))
}

// useless is the error of a run that proves nothing.
func (f *fuzzer) useless() error {
	for _, o := range f.operations {
		all := f.statuses[o.OperationID]
		if len(all) == 0 && !o.streams() {
			return fmt.Errorf("%s was never asked", o.OperationID)
		}
		if o.secured && len(all) == 1 && all[http.StatusUnauthorized] > 1 {
			return fmt.Errorf("%s answered nothing but 401: is the token good?", o.OperationID)
		}
	}
	return nil
}
