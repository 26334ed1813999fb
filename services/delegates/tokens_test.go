package delegates_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"plenary.example/services/delegates"
)

func TestTokensExpireAndForgeriesAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, nil)
	load(t, s, people())
	pair := signedIn(t, s, "SEO-00001", sampleCode)
	parts := strings.Split(pair.AccessToken, ".")
	const none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0" // {"alg":"none","typ":"JWT"}
	elsewhere := r.start(t, func(c *delegates.Config) {
		c.Secrets, c.Store.Database = [][]byte{bytes.Repeat([]byte{9}, 32)}, "plenary_elsewhere"
	})
	load(t, elsewhere, people())
	for name, token := range map[string]string{
		"nobody": "", "not a token": "opensesame", "unsigned": none + "." + parts[1] + ".", "cut": parts[0] + "." + parts[1],
		"a refresh token": pair.RefreshToken, "of another installation": signedIn(t, elsewhere, "SEO-00001", sampleCode).AccessToken,
	} {
		if res := me(t, s, token); res.StatusCode() != 401 || res.HTTPResponse.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d", name, res.StatusCode())
		}
	}
	r.clock.Pass(15*time.Minute - time.Second)
	if res := me(t, s, pair.AccessToken); res.StatusCode() != 200 {
		t.Errorf("in its last second: %d", res.StatusCode())
	}
	r.clock.Pass(time.Second)
	if res := me(t, s, pair.AccessToken); res.StatusCode() != 401 || !strings.Contains(string(res.Body), "token_expired") {
		t.Errorf("after a quarter of an hour: %d %s", res.StatusCode(), res.Body)
	}
	if res := me(t, s, refreshed(t, s, pair.RefreshToken).AccessToken); res.StatusCode() != 200 {
		t.Errorf("refreshed: %d", res.StatusCode())
	}
}

func TestASecretIsReplacedWithoutAnybodyNoticing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	older, newer := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{8}, 32)
	with := func(secrets ...[]byte) func(*delegates.Config) {
		return func(c *delegates.Config) { c.Secrets = secrets }
	}
	before := r.start(t, with(older))
	load(t, before, people())
	pair := signedIn(t, before, "SEO-00001", sampleCode)
	during := r.start(t, with(newer, older))
	if res := me(t, during, pair.AccessToken); res.StatusCode() != 200 {
		t.Errorf("an old access token: %d", res.StatusCode())
	}
	next := refreshed(t, during, pair.RefreshToken)
	signedIn(t, during, "SEO-00002", singleCode) // hashed under the old one
	after := r.start(t, with(newer))
	if res := me(t, after, next.AccessToken); res.StatusCode() != 200 {
		t.Errorf("a new access token once the old secret is gone: %d", res.StatusCode())
	}
	refreshed(t, after, next.RefreshToken)
	jwks, err := at(t, during, "").GetJwksWithResponse(t.Context())
	if err != nil || jwks.JSON200 == nil || len(jwks.JSON200.Keys) != 2 {
		t.Errorf("key set %+v, %v", jwks, err)
	}
}

func TestAReplicaWithTheOlderSettingTakesNoKeyAway(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	older, newer := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{8}, 32)
	with := func(secrets ...[]byte) func(*delegates.Config) {
		return func(c *delegates.Config) { c.Secrets = secrets }
	}
	first := r.start(t, with(newer, older))
	load(t, first, people())
	pair := signedIn(t, first, "SEO-00001", sampleCode)
	late := r.start(t, with(older)) // restarted before it was given the new one
	late.Stop(t.Context())
	late = r.start(t, with(older))
	for name, s := range map[string]*delegates.Service{"the one with both": first, "the one with the older setting": late} {
		if res := me(t, s, pair.AccessToken); res.StatusCode() != 200 {
			t.Errorf("a token under the newer secret at %s: %d", name, res.StatusCode())
		}
		jwks, err := at(t, s, "").GetJwksWithResponse(t.Context())
		if err != nil || jwks.JSON200 == nil || len(jwks.JSON200.Keys) != 2 {
			t.Errorf("key set at %s: %+v, %v", name, jwks, err)
		}
	}
	if err := first.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.clock.Pass(time.Hour)
	alone := r.start(t, with(older))
	if jwks, err := at(t, alone, "").GetJwksWithResponse(t.Context()); err != nil || jwks.JSON200 == nil || len(jwks.JSON200.Keys) != 1 {
		t.Errorf("an hour after the last replica that had it, the key is still published: %+v, %v", jwks, err)
	}
}
