package delegates_test

import (
	"context"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"plenary.example/services/delegates"
	"plenary.example/shared/bus"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

func issue(t testing.TB, s *delegates.Service, token string, what client.NewCodes) *client.IssueCodesResponse {
	t.Helper()
	res, err := at(t, s, token).IssueCodesWithResponse(t.Context(), seoul, what)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// issued is issue where it must succeed: the rows by accreditation.
func issued(t testing.TB, s *delegates.Service, token string, what client.NewCodes) map[string]map[string]string {
	t.Helper()
	res := issue(t, s, token, what)
	if res.StatusCode() != 200 || !strings.HasPrefix(res.HTTPResponse.Header.Get("Content-Type"), "text/csv") {
		t.Fatalf("issue: %d %s", res.StatusCode(), res.Body)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(res.Body), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	by := make(map[string]map[string]string)
	for _, row := range rows[1:] {
		by[row[0]] = make(map[string]string)
		for i, cell := range row {
			by[row[0]][rows[0][i]] = cell
		}
	}
	return by
}

func ptr[T any](v T) *T { return &v }

func TestCodesForTheMailRun(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, other := r.start(t, nil), r.start(t, nil)
	load(t, one, people())
	office := signedIn(t, one, "SEO-00002", singleCode).AccessToken
	kim := people().Delegates[0]

	first := issued(t, one, office, client.NewCodes{Everybody: ptr(true)})
	if len(first) != 1 || first["SEO-00001"]["name"] != "김민준" || first["SEO-00001"]["delegation"] != "대한민국" || first["SEO-00001"]["language"] != "ko" {
		t.Fatalf("rows %v, want one for who has not signed in yet", first)
	}
	if expires := first["SEO-00001"]["expiresAt"]; expires != r.clock.Now().Add(60*24*time.Hour).Format(time.RFC3339) {
		t.Errorf("expires %s", expires)
	}
	second := issued(t, other, office, client.NewCodes{Delegates: &[]string{kim.ID}, ValidDays: ptr(1)})
	signedIn(t, one, "SEO-00001", sampleCode) // a sample code stays a sample code
	if res := signIn(t, one, "SEO-00001", first["SEO-00001"]["activationCode"]); res.StatusCode() != 401 {
		t.Errorf("the code before: %d", res.StatusCode())
	}
	signedIn(t, one, "SEO-00001", second["SEO-00001"]["activationCode"])
	if res := signIn(t, other, "SEO-00001", second["SEO-00001"]["activationCode"]); res.StatusCode() != 401 {
		t.Errorf("used again: %d", res.StatusCode())
	}
	if everybody := issued(t, one, office, client.NewCodes{Everybody: ptr(true)}); len(everybody) != 0 {
		t.Errorf("everybody who has not signed in yet: %v", everybody)
	}
	third := issued(t, one, office, client.NewCodes{Delegation: &kim.Delegation, ValidDays: ptr(1)})
	if len(third) != 2 {
		t.Errorf("rows %v, want the delegation", third)
	}
	r.clock.Pass(24 * time.Hour)
	late, wrong := signIn(t, one, "SEO-00001", third["SEO-00001"]["activationCode"]), signIn(t, one, "SEO-99999", "WRONGCODE2")
	if late.StatusCode() != 401 || problemOf(late.Body) != problemOf(wrong.Body) {
		t.Errorf("an expired code: %s\nan unknown number: %s", late.Body, wrong.Body)
	}
	r.hearCodes(t, 1, 1, 2)
	for _, rows := range []map[string]map[string]string{first, second, third} {
		for number, row := range rows {
			code := row["activationCode"]
			if log := r.log.String(); strings.Contains(log, code) || strings.Contains(log, strings.ReplaceAll(code, "-", "")) || strings.Contains(log, row["name"]) {
				t.Errorf("the log holds the code or the name of %s", number)
			}
		}
	}
}

// problemOf is a problem document but for who asked.
func problemOf(body []byte) string {
	before, _, _ := strings.Cut(string(body), `"requestId"`)
	return before
}

// hearCodes expects the events of issues of so many codes each.
func (r *rig) hearCodes(t *testing.T, want ...int) {
	t.Helper()
	b, err := bus.Connect(t.Context(), bus.Config{URL: r.engines.NATSURL(), Options: r.engines.Bus()}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	heard := make(chan int, 100)
	watch, err := b.Tail(t.Context(), bus.StreamDelegates, 1, func(_ context.Context, m bus.Seen) error {
		e, err := event.Parse(m.Data)
		var p event.CodesIssued
		if err == nil && e.Into(&p) == nil {
			heard <- p.Codes
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(watch.Stop)
	for i, n := range want {
		select {
		case got := <-heard:
			if got != n {
				t.Errorf("issue %d: told of %d codes, want %d", i, got, n)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("issue %d is not told", i)
		}
	}
}

func TestWhoCannotBeIssuedACode(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, people())
	office := signedIn(t, s, "SEO-00002", singleCode).AccessToken
	const nobody = "0190a3c2-7b1e-7c4d-9a51-0000000000ff"
	for name, test := range map[string]struct {
		what client.NewCodes
		code string
	}{
		"nobody chosen":         {client.NewCodes{}, "choose_one"},
		"not everybody":         {client.NewCodes{Everybody: ptr(false)}, "choose_one"},
		"two ways":              {client.NewCodes{Everybody: ptr(true), Delegation: &people().Delegations[0].ID}, "choose_one"},
		"an unknown delegate":   {client.NewCodes{Delegates: &[]string{people().Delegates[0].ID, nobody}}, "delegate_unknown"},
		"an unknown delegation": {client.NewCodes{Delegation: ptr(nobody)}, "delegation_unknown"},
	} {
		if res := issue(t, s, office, test.what); res.StatusCode() != 422 || !strings.Contains(string(res.Body), test.code) {
			t.Errorf("%s: %d %s", name, res.StatusCode(), res.Body)
		}
	}
}

func TestFailuresFromAnAddressSlowDownAllReplicas(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, other := r.start(t, nil), r.start(t, nil)
	load(t, one, people())
	for i := range 100 {
		if res := signIn(t, one, "SEO-9"+string(rune('A'+i%26))+string(rune('A'+i/26)), "WRONGCODE2"); res.StatusCode() != 401 {
			t.Fatalf("attempt %d: %d", i, res.StatusCode())
		}
	}
	res := signIn(t, other, "SEO-00001", sampleCode)
	if res.StatusCode() != 429 || res.HTTPResponse.Header.Get("Retry-After") != "1" {
		t.Errorf("on the other replica: %d, wait %q", res.StatusCode(), res.HTTPResponse.Header.Get("Retry-After"))
	}
	r.clock.Pass(time.Second)
	signedIn(t, other, "SEO-00001", sampleCode)
}
