package main

import (
	"cmp"
	"io"
	"log"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A route sends a path to a service, as a location line of nginx says.
type route struct {
	kind    string // "=" for the very path, "~" for a pattern, "" for what begins with it
	path    string
	pattern *regexp.Regexp
	service string
}

func (r route) takes(path string) bool {
	switch r.kind {
	case "=":
		return path == r.path
	case "~":
		return r.pattern.MatchString(path)
	}
	return strings.HasPrefix(path, r.path)
}

// routes reads the location lines of the production door in the order in which
// nginx asks them: the very path, then patterns, then the longest beginning.
func routes(t *testing.T) []route {
	t.Helper()
	text, err := os.ReadFile("../compose/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	var all []route
	for _, m := range regexp.MustCompile(`location (?:([=~]) )?(\S+) \{ proxy_pass \$(\w+); \}`).FindAllStringSubmatch(string(text), -1) {
		r := route{kind: m[1], path: m[2], service: m[3]}
		if r.kind == "~" {
			r.pattern = regexp.MustCompile(r.path)
		}
		all = append(all, r)
	}
	if len(all) < 5 {
		t.Fatalf("only %d locations in the door's configuration", len(all))
	}
	slices.SortStableFunc(all, func(a, b route) int {
		return cmp.Or(cmp.Compare(turn[a.kind], turn[b.kind]), cmp.Compare(len(b.path), len(a.path)))
	})
	return all
}

var turn = map[string]int{"=": 0, "~": 1, "": 2}

// behind is the service that the door sends a path to, "" for none.
func behind(table []route, path string) string {
	for _, to := range table {
		if to.takes(path) {
			return to.service
		}
	}
	return ""
}

// proxy is one base URL before services at the given addresses, by name.
func proxy(t *testing.T, services map[string]string) string {
	t.Helper()
	return proxyTo(t, func(service string) string { return services[service] })
}

// proxyTo is proxy where services come and go; one that is not there has no address.
func proxyTo(t *testing.T, where func(service string) string) string {
	t.Helper()
	table := routes(t)
	door := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", where(behind(table, r.In.URL.Path))
			r.SetXForwarded()
		},
		ErrorLog: log.New(io.Discard, "", 0),
	})
	t.Cleanup(door.Close)
	return door.URL
}

func TestTheDoorSendsEveryPathToItsService(t *testing.T) {
	t.Parallel()
	table := routes(t)
	fill := regexp.MustCompile(`\{(\w+)\}`)
	for _, service := range []string{"agenda", "delegates", "notifications"} {
		spec, err := os.ReadFile("../../api-spec/openapi/" + service + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		paths := regexp.MustCompile(`(?m)^  (/\S+):`).FindAllStringSubmatch(string(spec), -1)
		if len(paths) < 3 {
			t.Fatalf("only %d paths of the %s", len(paths), service)
		}
		for _, p := range paths {
			for _, with := range []string{"delegates", "seoul-2013"} { // a conference may have any name
				path := fill.ReplaceAllString(p[1], with)
				if got := behind(table, path); got != service {
					t.Errorf("%s goes to %q, want %s", path, got, service)
				}
			}
		}
	}
}
