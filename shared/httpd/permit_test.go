package httpd_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/golang-jwt/jwt/v5"

	"plenary.example/shared/httpd"
)

func TestWhoMayCallWhat(t *testing.T) {
	t.Parallel()
	s := newSigner("ours")
	keys := httpd.NewKeys(nil)
	if err := keys.SetJWKS(jwks(s)); err != nil {
		t.Fatal(err)
	}
	rules := httpd.Rules{
		Permissions: map[string]string{
			"open": httpd.Public, "read": httpd.Delegate, "act": httpd.Liaison, "look": httpd.Desk, "talk": httpd.Party, "rule": httpd.Secretariat,
			"mine": httpd.Delegate, "odd": "everybody",
		},
		Owners: map[string]string{"act": httpd.Delegation, "talk": httpd.Delegation, "Mine": httpd.Self},
		Scopes: map[string]string{"read": "agenda:read", "Rule": "agenda:write", "mine": "agenda:read", "odd": "agenda:read"},
		Routes: make(map[string]string),
	}
	app, _ := quiet(httpd.Config{})
	door := httpd.NewDoor(rules, keys) // without routes: closed
	operations := []string{"open", "read", "act", "look", "talk", "rule", "mine", "odd", "unknown"}
	for _, op := range operations {
		if op != "unknown" {
			rules.Routes["GET /v1/"+op] = op
		}
	}
	done := func(c *fiber.Ctx) error { return c.SendString("done") }
	door.Router(app).Get("/v1/shut", done)
	r := httpd.NewDoor(rules, keys).Router(app)
	for _, op := range operations {
		r.Get("/v1/"+op, done)
	}
	person := func(roles ...string) []string {
		c := claimsUntil(time.Now().Add(time.Minute))
		c["roles"], c["scopes"] = roles, []string{"agenda:read", "agenda:write"} // a person's scopes mean nothing
		return []string{"Authorization: Bearer " + s.sign(t, c)}
	}
	key := func(scopes ...string) []string {
		return []string{"Authorization: Bearer " + s.sign(t, jwt.MapClaims{
			"iss": "plenary", "aud": "plenary", "sub": "key:k1", "conference": "seoul-2013", "exp": time.Now().Add(time.Minute).Unix(),
			"scopes": scopes, "roles": []string{"delegate", "liaison", "desk", "secretariat"}, // a key's roles mean nothing
		})}
	}
	for _, test := range []struct {
		name string
		with []string
		may  string // first letters of the operations, in their order
	}{
		{"somebody signed out", nil, "o"},
		{"a delegate", person("delegate"), "o r m"},
		{"a delegate without roles", person(), "o r m"},
		{"a liaison", person("delegate", "liaison"), "o r a t m"},
		{"somebody at the desk", person("delegate", "desk"), "o r l t m"},
		{"the secretariat", person("delegate", "secretariat"), "o r a l t ru m"},
		{"a key that reads", key("agenda:read"), "o r"},
		{"a key that writes", key("agenda:write"), "o ru"},
		{"a key for other things", key("people:read"), "o"},
		{"a key for nothing", key(), "o"},
		{"a key with a scope without a name", key(""), "o"},
	} {
		may := ""
		for _, op := range append(operations, "shut") {
			a := ask(t, app, "GET", "/v1/"+op, "", test.with...)
			switch {
			case a.StatusCode == 200 && op == "rule":
				may += " ru"
			case a.StatusCode == 200:
				may += " " + op[:1]
			case test.with == nil && op != "odd" && op != "unknown" && op != "shut":
				if a.doc.Code != "token_missing" {
					t.Errorf("%s, %s: %d %s", test.name, op, a.StatusCode, a.body)
				}
			case a.doc.Code != "not_permitted" || a.StatusCode != 403:
				t.Errorf("%s, %s: %d %s", test.name, op, a.StatusCode, a.body)
			}
		}
		if may != " "+test.may {
			t.Errorf("%s may%s, want %s", test.name, may, test.may)
		}
	}
}

func TestAnOperationMayTakeLongerThanTheRest(t *testing.T) {
	t.Parallel()
	app, _ := quiet(httpd.Config{Deadline: time.Minute})
	door := httpd.NewDoor(httpd.Rules{
		Permissions: map[string]string{"quick": httpd.Public, "long": httpd.Public},
		Routes:      map[string]string{"GET /quick": "quick", "GET /long": "long"},
		Deadlines:   map[string]time.Duration{"Long": time.Hour},
	}, httpd.NewKeys(nil))
	var left time.Duration
	look := func(c *fiber.Ctx) error {
		at, ok := c.UserContext().Deadline()
		if !ok {
			return errors.New("no deadline")
		}
		left = time.Until(at)
		ctx, cancel := context.WithCancel(c.UserContext()) // a timer that is set must be the same
		defer cancel()
		if child, _ := ctx.Deadline(); !child.Equal(at) {
			return errors.New("another deadline")
		}
		return nil
	}
	r := door.Router(app)
	r.Get("/quick", look)
	r.Get("/long", look)
	for path, want := range map[string]time.Duration{"/quick": time.Minute, "/long": time.Hour} {
		if a := ask(t, app, "GET", path, ""); a.StatusCode != 200 || left > want || left < want-time.Minute/2 {
			t.Errorf("%s: %d, %v left, want %v", path, a.StatusCode, left, want)
		}
	}
}
