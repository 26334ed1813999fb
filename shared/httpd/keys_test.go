package httpd_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

func TestOnlyOurOwnFreshTokensAreBelieved(t *testing.T) {
	t.Parallel()
	now := time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC)
	ours, theirs := newSigner("ours"), newSigner("theirs")
	keys := httpd.NewKeys(func() time.Time { return now })
	if err := keys.SetJWKS(jwks(ours)); err != nil {
		t.Fatal(err)
	}
	with := func(change func(jwt.MapClaims)) string {
		c := claimsUntil(now.Add(15 * time.Minute))
		change(c)
		return ours.sign(t, c)
	}
	good := with(func(jwt.MapClaims) {})
	parts := strings.Split(good, ".")
	impostor := theirs
	impostor.kid = ours.kid
	hs256 := jwt.NewWithClaims(jwt.SigningMethodHS256, claimsUntil(now.Add(time.Hour)))
	hs256.Header["kid"] = ours.kid
	hmac, err := hs256.SignedString([]byte(ours.key.Public().(ed25519.PublicKey)))
	if err != nil {
		t.Fatal(err)
	}
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT","kid":"ours"}`)) + "." + parts[1] + "."

	for name, test := range map[string]struct{ token, code string }{
		"expired":             {with(func(c jwt.MapClaims) { c["exp"] = now.Unix() }), "token_expired"},
		"without expiry":      {with(func(c jwt.MapClaims) { delete(c, "exp") }), "token_invalid"},
		"other audience":      {with(func(c jwt.MapClaims) { c["aud"] = "elsewhere" }), "token_invalid"},
		"other issuer":        {with(func(c jwt.MapClaims) { c["iss"] = "elsewhere" }), "token_invalid"},
		"nobody":              {with(func(c jwt.MapClaims) { c["sub"] = "" }), "token_invalid"},
		"no conference":       {with(func(c jwt.MapClaims) { delete(c, "conference") }), "token_invalid"},
		"unknown key":         {theirs.sign(t, claimsUntil(now.Add(time.Hour))), "token_invalid"},
		"forged under kid":    {impostor.sign(t, claimsUntil(now.Add(time.Hour))), "token_invalid"},
		"alg none":            {unsigned, "token_invalid"},
		"alg HS256":           {hmac, "token_invalid"},
		"changed payload":     {parts[0] + "." + strings.Split(with(func(c jwt.MapClaims) { c["sub"] = "d2" }), ".")[1] + "." + parts[2], "token_invalid"},
		"not a token":         {"opensesame", "token_invalid"},
		"too long":            {good + strings.Repeat("A", 5000), "token_invalid"},
		"respelled signature": {good + "=", "token_invalid"},
	} {
		if _, err := keys.Verify(test.token); !problem.Is(err, problem.Unauthenticated) || problem.From(err).Code != test.code {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
	c, err := keys.Verify(good)
	if err != nil {
		t.Fatal(err)
	}
	if c.Delegate != "d1" || c.Conference != "seoul-2013" || c.Delegation != "kr" || c.SignIn != "family-1" || !c.Is("delegate") {
		t.Errorf("caller %+v", c)
	}
}

func TestTheCacheHonoursExpiryAndRotation(t *testing.T) {
	t.Parallel()
	now := time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC)
	older, newer := newSigner("older"), newSigner("newer")
	keys := httpd.NewKeys(func() time.Time { return now })
	token := older.sign(t, claimsUntil(now.Add(15*time.Minute)))
	if _, err := keys.Verify(token); !problem.Is(err, problem.Unavailable) {
		t.Errorf("without keys: %v, want unavailable, or every phone would sign out", err)
	}
	set := func(s ...signer) {
		t.Helper()
		if err := keys.SetJWKS(jwks(s...)); err != nil {
			t.Fatal(err)
		}
	}
	valid := func() bool {
		_, err := keys.Verify(token)
		return err == nil
	}
	set(older)
	for range 2 { // verified, then remembered
		if !valid() {
			t.Error("refused")
		}
	}
	set(newer, older)
	if !valid() {
		t.Error("refused while the keys overlap")
	}
	set(newer)
	if valid() {
		t.Error("a token outlived its key")
	}
	set(older)
	if !valid() {
		t.Error("refused")
	}
	now = now.Add(15 * time.Minute)
	if valid() {
		t.Error("a token outlived its expiry in the cache")
	}
	if err := keys.SetJWKS([]byte(`{"keys":[]}`)); err == nil {
		t.Error("an empty set replaced the keys")
	}
}
