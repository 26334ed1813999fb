package client

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"sync"
)

// known are the answers that were held to the specification and are what it
// says. Most refusals are alike but for the request they name, and the library
// compiles a schema anew for each: a test that is refused ten thousand times
// spends a quarter of its time on that.
var known sync.Map

// named are what differs between answers that are alike, in a form that the
// specification accepts whatever they hold.
var named = regexp.MustCompile(`"requestId":"[0-9A-Za-z-]{8,64}"|"instance":"/[0-9A-Za-z/._-]*"`)

// likeness is the same for answers of an operation that are held to the same
// words of the specification with the same outcome.
func likeness(method, path string, res *http.Response, body []byte) string {
	headers := make([]string, 0, len(res.Header))
	for name, values := range res.Header {
		switch name {
		case "Date", "X-Request-Id", "Traceparent", "Content-Length":
			values = []string{fmt.Sprint(len(values))}
		}
		headers = append(headers, fmt.Sprint(name, values))
	}
	slices.Sort(headers)
	return fmt.Sprint(method, " ", path, " ", res.StatusCode, headers, string(named.ReplaceAll(body, []byte(`…`))))
}
