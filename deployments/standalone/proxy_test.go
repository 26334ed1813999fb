package main

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A route sends a path to a service, as a location line of nginx says.
type route struct {
	path    string
	exact   bool
	service string
}

// routes reads the location lines of the production door, longest path first.
func routes(t *testing.T) []route {
	t.Helper()
	text, err := os.ReadFile("../compose/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	var all []route
	for _, m := range regexp.MustCompile(`location (= )?(/\S*) \{ proxy_pass \$(\w+); \}`).FindAllStringSubmatch(string(text), -1) {
		all = append(all, route{path: m[2], exact: m[1] != "", service: m[3]})
	}
	if len(all) < 5 {
		t.Fatalf("only %d locations in the door's configuration", len(all))
	}
	slices.SortFunc(all, func(a, b route) int { return cmp.Compare(len(b.path), len(a.path)) })
	return all
}

// proxy is one base URL before services at the given addresses, by name.
func proxy(t *testing.T, services map[string]string) string {
	t.Helper()
	doors := map[string]http.Handler{}
	for name, address := range services {
		doors[name] = httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})
	}
	table := routes(t)
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, to := range table {
			if r.URL.Path == to.path || !to.exact && strings.HasPrefix(r.URL.Path, to.path) {
				doors[to.service].ServeHTTP(w, r)
				return
			}
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(door.Close)
	return door.URL
}
