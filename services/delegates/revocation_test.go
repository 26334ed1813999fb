package delegates_test

import (
	"strings"
	"testing"
	"time"
)

func TestAnEndedSignInIsOutOnEveryReplica(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one, other := r.start(t, nil), r.start(t, nil)
	load(t, one, people())
	first := signedIn(t, one, "SEO-00001", sampleCode)
	second := refreshed(t, one, first.RefreshToken)
	tablet := signedIn(t, one, "SEO-00001", sampleCode)
	for _, token := range []string{second.AccessToken, tablet.AccessToken} {
		if res := me(t, other, token); res.StatusCode() != 200 {
			t.Fatalf("before: %d %s", res.StatusCode(), res.Body)
		}
	}
	refreshed(t, one, second.RefreshToken)
	r.clock.Pass(31 * time.Second)
	if res := refresh(t, one, first.RefreshToken); res.StatusCode() != 401 { // somebody has a copy
		t.Fatalf("an old refresh token: %d %s", res.StatusCode(), res.Body)
	}
	begun := time.Now()
	res := me(t, other, second.AccessToken)
	for res.StatusCode() == 200 && time.Since(begun) < 5*time.Second {
		res = me(t, other, second.AccessToken)
	}
	if res.StatusCode() != 401 || !strings.Contains(string(res.Body), "token_revoked") {
		t.Errorf("an access token of the ended sign-in: %d %s", res.StatusCode(), res.Body)
	}
	late := r.start(t, nil)
	if res := me(t, late, second.AccessToken); res.StatusCode() != 401 {
		t.Errorf("at a replica that started since: %d %s", res.StatusCode(), res.Body)
	}
	if res := me(t, other, tablet.AccessToken); res.StatusCode() != 200 {
		t.Errorf("another device of the same person: %d %s", res.StatusCode(), res.Body)
	}
}
