package delegates_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"plenary.example/services/delegates"
	"plenary.example/shared/client"
)

func TestSigningInAndReadingWhoOneIs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, people())
	pair := signedIn(t, s, "seo-00001", "k7qm2xtr") // as a phone's keyboard has it
	if pair.TokenType != "Bearer" || pair.ExpiresIn != 900 {
		t.Errorf("pair %+v", pair)
	}
	res := me(t, s, pair.AccessToken)
	if res.JSON200 == nil {
		t.Fatalf("me: %d %s", res.StatusCode(), res.Body)
	}
	if m := *res.JSON200; m.Name != "김민준" || m.Delegation.Designation != "대한민국" || m.Function != "Director" || m.Conference != seoul ||
		m.Accreditation != "SEO-00001" || fmt.Sprint(m.Roles, m.Languages) != "[delegate] [ko en]" {
		t.Errorf("me %+v", m)
	}
	if cc := res.HTTPResponse.Header.Get("Cache-Control"); cc != "no-store" {
		t.Errorf("a person's data may be cached: %q", cc)
	}
}

func TestUnknownNumbersAndWrongCodesLookAlike(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, people())
	requestID := regexp.MustCompile(`"requestId":"[^"]*"`)
	strip := func(res *client.SignInResponse) string {
		h := res.HTTPResponse.Header
		return fmt.Sprintf("%d %s %s %s", res.StatusCode(), h.Get("WWW-Authenticate"), h.Get("Retry-After"), requestID.ReplaceAll(res.Body, nil))
	}
	// The same answers, attempt by attempt, until both are told to wait.
	for attempt := range 8 {
		unknown, wrong := strip(signIn(t, s, "SEO-99999", "WRONGCODE2")), strip(signIn(t, s, "SEO-00001", "WRONGCODE2"))
		if unknown != wrong {
			t.Errorf("attempt %d:\nunknown %s\nwrong   %s", attempt, unknown, wrong)
		}
		if want := map[bool]string{true: "401", false: "429"}[attempt < 5]; !strings.HasPrefix(wrong, want) {
			t.Errorf("attempt %d: %s, want %s", attempt, wrong, want)
		}
	}
	if res := signIn(t, s, "SEO-00001", sampleCode); res.StatusCode() != 429 {
		t.Errorf("the right code too early: %d", res.StatusCode())
	}
	other := r.start(t, nil)
	if res := signIn(t, other, "SEO-00001", "WRONGCODE2"); res.StatusCode() != 429 {
		t.Errorf("on another replica: %d, want 429", res.StatusCode())
	}
	r.clock.Pass(time.Second)
	signedIn(t, s, "SEO-00001", sampleCode)
	for range 5 {
		if res := signIn(t, s, "SEO-00001", "WRONGCODE2"); res.StatusCode() != 401 {
			t.Errorf("a success does not forgive: %d", res.StatusCode())
		}
	}
}

func TestASampleCodeWorksInASandboxOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sandbox := r.start(t, nil)
	real := r.start(t, func(c *delegates.Config) { c.Sandbox = false })
	load(t, sandbox, people())
	for range 3 {
		signedIn(t, sandbox, "SEO-00001", sampleCode)
	}
	if res := signIn(t, real, "SEO-00001", sampleCode); res.StatusCode() != 401 {
		t.Errorf("outside a sandbox: %d %s", res.StatusCode(), res.Body)
	}
	signedIn(t, real, "SEO-00002", singleCode)
}

func TestOfAHundredUsesOfACodeOneSucceeds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	replicas := []*delegates.Service{r.start(t, nil), r.start(t, nil)}
	load(t, replicas[0], people())
	statuses := side(100, func(i int) int { return signIn(t, replicas[i%2], "SEO-00002", singleCode).StatusCode() })
	if statuses[201] != 1 || statuses[201]+statuses[401]+statuses[429]+statuses[503] != 100 { // 503: a slow machine under the race detector
		t.Errorf("answers %v, want one 201 and nothing but refusals", statuses)
	}
	r.clock.Pass(time.Hour)
	if res := signIn(t, replicas[0], "SEO-00002", singleCode); res.StatusCode() != 401 {
		t.Errorf("used again later: %d", res.StatusCode())
	}
}
