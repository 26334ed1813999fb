package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/deployments/standalone/internal/sample"
)

// TestWhatEndsEndsEverywhere: each service verifies tokens by itself. Whoever
// signs out or loses a right is out of all three, with a token that is minutes
// old and that each has seen before.
func TestWhatEndsEndsEverywhere(t *testing.T) {
	t.Parallel()
	h := openHouse(t, "CONFERENCE", "london-2011", "RATE_LIMIT", "off")
	o := &office{T: t, world: h.world(), secrets: make(map[string]string)}
	desk := o.signInWith(oneOf(o.sample, "secretariat"))
	tag := func(path string) string { return "If-Match: " + o.call(200, desk, "GET "+path, "").Header.Get("ETag") }
	var used []string
	somebody := func(role string) sample.Delegate { // of a delegation of their own, used for one ending only
		for _, d := range o.sample.Delegates {
			if d.Roles[len(d.Roles)-1] == role && !slices.Contains(used, d.Delegation) {
				used = append(used, d.Delegation)
				return d
			}
		}
		t.Fatal("the sample has no more of them")
		return sample.Delegate{}
	}
	for name, end := range map[string]func(sample.Delegate, string){
		"signing out": func(_ sample.Delegate, token string) { o.call(204, token, "DELETE /v1/me/sign-ins/current", "") },
		"signing out from another phone": func(d sample.Delegate, _ string) {
			o.call(204, o.signInWith(d), "DELETE /v1/me/sign-ins", "")
		},
		"signed out by the office": func(d sample.Delegate, _ string) {
			o.call(204, desk, "DELETE {c}/delegates/"+d.ID+"/sign-ins", "")
		},
		"another role": func(d sample.Delegate, _ string) {
			path := "{c}/delegates/" + d.ID
			o.call(200, desk, "PATCH "+path, `{"roles":["delegate","liaison"]}`, tag(path))
		},
		"another delegation": func(d sample.Delegate, _ string) {
			path := "{c}/delegates/" + d.ID
			o.call(200, desk, "PATCH "+path, fmt.Sprintf(`{"delegation":%q}`, o.sample.Delegations[slices.IndexFunc(o.sample.Delegations, func(x sample.Delegation) bool { return x.ID != d.Delegation })].ID), tag(path))
		},
		"removal": func(d sample.Delegate, _ string) {
			path := "{c}/delegates/" + d.ID
			o.call(204, desk, "DELETE "+path, "", tag(path))
		},
		"substitution": func(d sample.Delegate, _ string) {
			deputy := slices.IndexFunc(o.sample.Delegates, func(x sample.Delegate) bool { return x.Delegation == d.Delegation && x.ID != d.ID })
			o.call(201, desk, "POST {c}/substitutions", fmt.Sprintf(`{"delegate":%q,"deputy":%q}`, d.ID, o.sample.Delegates[deputy].ID),
				"Idempotency-Key: rights-substitution-1")
		},
		"erasure": func(d sample.Delegate, _ string) {
			path := "{c}/delegates/" + d.ID
			o.call(204, desk, "POST "+path+"/erasure", "", tag(path))
		},
	} {
		d := somebody("delegate")
		token, other := o.signInWith(d), o.signInWith(somebody("delegate"))
		for _, path := range everywhere {
			o.call(200, token, "GET "+path, "")
		}
		end(d, token)
		o.out(name, token, time.Now().Add(5*time.Second))
		for _, path := range everywhere {
			o.call(200, other, "GET "+path, "")
		}
	}
}

// everywhere is a read of each service.
var everywhere = []string{"/v1/me", "{c}/agenda", "/v1/me/inbox"}

// out wants a token refused by every service before the deadline.
func (o *office) out(name, token string, before time.Time) {
	o.Helper()
	for _, path := range everywhere {
		r := o.send(token, "GET "+path, "")
		for r.StatusCode != http.StatusUnauthorized && time.Now().Before(before) {
			r = o.send(token, "GET "+path, "")
		}
		if r.StatusCode != http.StatusUnauthorized || !strings.Contains(r.text, "token_revoked") {
			o.Errorf("after %s, %s answers %d %s", name, path, r.StatusCode, r.text)
		}
	}
}

// TestAnImportEndsRightsToo: a table that takes a role away is as good as a hand.
func TestAnImportEndsRightsToo(t *testing.T) {
	t.Parallel()
	h := openHouse(t, "CONFERENCE", "london-2011", "RATE_LIMIT", "off")
	o := &office{T: t, world: h.world(), secrets: make(map[string]string)}
	desk := o.signInWith(oneOf(o.sample, "secretariat"))
	people := o.taking(desk)
	o.badges(desk, people)
	p := people[1]
	token := o.signInAs(p.accreditation, p.code)
	for _, path := range everywhere {
		o.call(200, token, "GET "+path, "")
	}
	o.call(200, desk, "POST {c}/delegate-imports", "externalId,delegation,name,roles\r\n"+p.externalID+",TAL-01,"+p.name+",delegate\r\n", "Content-Type: text/csv")
	o.out("an import", token, time.Now().Add(5*time.Second))
}
