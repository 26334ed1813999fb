package delegates_test

import (
	"strings"
	"testing"
	"time"

	"plenary.example/services/delegates"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

// refusedSoon waits until a token is refused, as every replica must within five
// seconds, and says with which code.
func refusedSoon(t *testing.T, s *delegates.Service, token string) string {
	t.Helper()
	begun := time.Now()
	for {
		res := me(t, s, token)
		if res.StatusCode() == 401 {
			for _, code := range []string{"token_revoked", "token_expired"} {
				if strings.Contains(string(res.Body), code) {
					return code
				}
			}
		}
		if time.Since(begun) > 5*time.Second {
			t.Fatalf("after five seconds: %d %s", res.StatusCode(), res.Body)
		}
	}
}

func TestWhoIsRemovedIsOutEverywhereAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, other := r.start(t, nil), r.start(t, nil)
	load(t, one, people())
	office := at(t, one, signedIn(t, one, "SEO-00002", singleCode).AccessToken)
	kim := people().Delegates[0].ID
	phone, tablet := signedIn(t, other, "SEO-00001", sampleCode), signedIn(t, one, "SEO-00001", sampleCode)

	record, err := office.GetDelegateWithResponse(t.Context(), seoul, kim, nil)
	if err != nil || record.JSON200 == nil {
		t.Fatalf("%v %s", err, record.Body)
	}
	removed, err := office.RemoveDelegateWithResponse(t.Context(), seoul, kim, &client.RemoveDelegateParams{IfMatch: record.HTTPResponse.Header.Get("ETag")})
	if err != nil || removed.StatusCode() != 204 {
		t.Fatalf("%v %s", err, removed.Body)
	}
	for _, s := range []*delegates.Service{one, other} {
		for _, p := range []client.TokenPair{phone, tablet} {
			if code := refusedSoon(t, s, p.AccessToken); code != "token_revoked" {
				t.Errorf("refused with %s", code)
			}
			if res := refresh(t, s, p.RefreshToken); res.StatusCode() != 401 {
				t.Errorf("refresh: %d", res.StatusCode())
			}
		}
		if res := signIn(t, s, "SEO-00001", sampleCode); res.StatusCode() != 401 {
			t.Errorf("signs in again: %d", res.StatusCode())
		}
	}
	for signIn, reason := range r.ended(t, 2) {
		if reason != event.EndedRights {
			t.Errorf("%s: told %s", signIn, reason)
		}
	}
}

func TestAnotherRoleIsInForceWithTheNextToken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, other := r.start(t, nil), r.start(t, nil)
	load(t, one, people())
	office := at(t, one, signedIn(t, one, "SEO-00002", singleCode).AccessToken)
	kim := people().Delegates[0].ID
	phone := signedIn(t, other, "SEO-00001", sampleCode)
	record, err := office.GetDelegateWithResponse(t.Context(), seoul, kim, nil)
	if err != nil || record.JSON200 == nil {
		t.Fatalf("%v %s", err, record.Body)
	}
	changed, err := office.UpdateDelegateWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), seoul, kim,
		&client.UpdateDelegateParams{IfMatch: record.HTTPResponse.Header.Get("ETag")}, client.DelegatePatch{Roles: &[]client.Role{"delegate", "secretariat"}})
	if err != nil || changed.JSON200 == nil {
		t.Fatalf("%v %s", err, changed.Body)
	}
	next := refreshed(t, other, phone.RefreshToken) // the sign-in goes on
	refusedSoon(t, other, phone.AccessToken)
	if res := me(t, other, next.AccessToken); res.JSON200 == nil || strings.Join(res.JSON200.Roles, " ") != "delegate secretariat" {
		t.Errorf("with the next token: %d %s", res.StatusCode(), res.Body)
	}
	if res, err := at(t, other, next.AccessToken).GetDelegateWithResponse(t.Context(), seoul, kim, nil); err != nil || res.StatusCode() != 200 {
		t.Errorf("what only the secretariat may: %v %d", err, res.StatusCode())
	}
}
