package httpd_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// gate is keys with a clock, and tokens for them.
type gate struct {
	*testing.T
	*httpd.Keys
	signer
	now time.Time
}

func newGate(t *testing.T) *gate {
	t.Helper()
	g := &gate{T: t, signer: newSigner("ours"), now: time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC)}
	g.Keys = httpd.NewKeys(func() time.Time { return g.now })
	if err := g.SetJWKS(jwks(g.signer)); err != nil {
		t.Fatal(err)
	}
	return g
}

// token is d1's, signed in on a device and made under rights.
func (g *gate) token(device string, rights int64) string {
	g.Helper()
	c := claimsUntil(g.now.Add(15 * time.Minute))
	c["sid"], c["rights"], c["iat"] = device, rights, g.now.Unix()
	return g.sign(g.T, c)
}

// wants holds that a token is good (code "") or refused with code.
func (g *gate) wants(what, token, code string) {
	g.Helper()
	_, err := g.Verify(token)
	switch {
	case code == "" && err != nil:
		g.Errorf("%s is refused: %v", what, err)
	case code != "" && (!problem.Is(err, problem.Unauthenticated) || problem.From(err).Code != code):
		g.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestAnEndedSignInEndsItsTokensAlsoThoseSeenBefore(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	phone, tablet, unseen := g.token("phone", 1), g.token("tablet", 1), g.token("phone", 2)
	for _, token := range []string{phone, phone, tablet} {
		g.wants("before", token, "")
	}
	g.EndSignIn("") // nobody's
	g.EndSignIn("phone")
	for range 2 {
		g.wants("a token seen before", phone, "token_revoked")
		g.wants("a token not seen before", unseen, "token_revoked")
		g.wants("another device", tablet, "")
	}
	g.now = g.now.Add(15 * time.Minute)
	g.wants("an expired one", phone, "token_expired")
}

func TestATokenMadeUnderFewerRightsIsOutdated(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	older, newer := g.token("phone", 3), g.token("phone", 4)
	g.wants("before", older, "")
	g.Outdate("d2", 9)
	g.Outdate("", 9)
	g.wants("somebody else's", older, "")
	g.Outdate("d1", 4)
	g.Outdate("d1", 2) // told late
	g.wants("made before", older, "token_revoked")
	g.wants("made after", newer, "")
}

func TestAnAPIKeyIsACallerThatCanBeEnded(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	token := g.sign(t, jwt.MapClaims{
		"iss": "plenary", "aud": "plenary", "sub": "key:k1", "conference": "seoul-2013",
		"scopes": []string{"agenda:read"}, "roles": []string{"secretariat"}, "exp": g.now.Add(time.Minute).Unix(),
	})
	c, err := g.Verify(token)
	if err != nil {
		t.Fatal(err)
	}
	if c.Key != "k1" || c.Delegate != "" || c.Actor() != "key:k1" || !c.May("agenda:read") || len(c.Roles) != 0 || c.Conference != "seoul-2013" {
		t.Errorf("caller %+v", c)
	}
	g.wants("a key without an id", g.sign(t, jwt.MapClaims{
		"iss": "plenary", "aud": "plenary", "sub": "key:", "conference": "seoul-2013", "exp": g.now.Add(time.Minute).Unix(),
	}), "token_invalid")
	g.EndSignIn(c.Actor())
	g.wants("an ended key", token, "token_revoked")
}

// Nobody watches the list grow: what it says of tokens that have expired
// anyway is forgotten, and when it is full it errs on the safe side.
func TestTheListOfEndedSignInsForgets(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	g.KeepRevoked(3)
	early := g.token("other", 1)
	for i := range 3 {
		g.EndSignIn(fmt.Sprint("phone-", i))
		g.now = g.now.Add(time.Minute)
	}
	g.EndSignIn("phone-2") // again: no entry more
	g.wants("while there is room", early, "")
	late := g.token("other", 1)
	g.EndSignIn("phone-3")
	g.wants("made after what had to be forgotten", late, "")
	g.wants("made before what had to be forgotten", early, "token_revoked")
	if n := g.Revoked(); n != 3 {
		t.Errorf("%d entries, want 3", n)
	}
	g.now = g.now.Add(21 * time.Minute)
	g.EndSignIn("phone-4")
	if n := g.Revoked(); n != 1 {
		t.Errorf("%d entries after all but one are too old, want 1", n)
	}
}

func TestEndingAndAskingSideBySide(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	tokens := make([]string, 64)
	for i := range tokens {
		tokens[i] = g.token(fmt.Sprint("phone-", i), 1)
	}
	var all sync.WaitGroup
	for i, token := range tokens {
		all.Go(func() {
			for range 50 {
				_, _ = g.Verify(token)
			}
		})
		all.Go(func() {
			g.EndSignIn(fmt.Sprint("phone-", i))
			g.wants("ended a moment ago", token, "token_revoked")
		})
	}
	all.Wait()
}
