package httpd_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"plenary.example/shared/caller"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// What follows is what oapi-codegen writes for three small operations.

type strictHandlerFunc func(*fiber.Ctx, any) (any, error)

type nullableString map[bool]string

func (n *nullableString) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = nullableString{false: ""}
		return nil
	}
	*n = nullableString{true: strings.Trim(string(b), `"`)}
	return nil
}

// texts is part of a merge patch: null takes a text away.
type texts map[string]*string

type changeBody struct {
	StartsAt *time.Time     `json:"startsAt,omitempty"`
	Title    string         `json:"title" validate:"required,min=2,max=10"`
	Reason   nullableString `json:"reason,omitempty" validate:"omitempty,max=5"`
	Kind     string         `json:"kind,omitempty" validate:"omitempty,oneof=hall panel"`
	Names    []struct {
		Language string `json:"language" validate:"required"`
		Seats    *int32 `json:"seats,omitempty" validate:"omitempty,gte=1"`
	} `json:"names,omitempty" validate:"omitempty,max=2,dive"`
	Room *struct {
		Note string `json:"note" validate:"max=9"` // required, and may be empty
	} `json:"room,omitempty" validate:"omitempty"`
	Texts *texts `json:"texts,omitempty" validate:"omitempty,max=2,dive,omitempty,min=1,max=5"`
}

type changeParams struct {
	Limit *int    `form:"limit,omitempty" json:"limit,omitempty" validate:"omitempty,gte=1,lte=100"`
	Key   *string `json:"Idempotency-Key,omitempty" validate:"omitempty,min=16"`
}

type changeRequest struct {
	Conference string `json:"conference" validate:"max=20"`
	Params     changeParams
	Body       *changeBody
}

// house is an app with a door, and the keys to mint tokens for it.
func house(t *testing.T) (*fiber.App, func(conference string, roles ...string) string) {
	t.Helper()
	s := newSigner("ours")
	keys := httpd.NewKeys(nil)
	if err := keys.SetJWKS(jwks(s)); err != nil {
		t.Fatal(err)
	}
	app, _ := quiet(httpd.Config{})
	door := httpd.NewDoor(httpd.Rules{
		Permissions: map[string]string{"signIn": "public", "getMe": "delegate", "changeRoom": "secretariat", "odd": "everybody", "listApiKeys": "delegate"},
		Routes: map[string]string{
			"POST /v1/sign-ins": "SignIn", "GET /v1/me": "GetMe", "PATCH /v1/conferences/:conference/room": "ChangeRoom",
			"GET /v1/odd": "Odd", "GET /v1/api-keys": "listApiKeys", "GET /v1/swapped": "GetMe",
		},
		MediaTypes: map[string][]string{"changeRoom": {"application/merge-patch+json"}},
	}, keys)
	strict := func(op string, args func(*fiber.Ctx) (any, error)) fiber.Handler {
		return func(c *fiber.Ctx) error {
			a, err := args(c)
			if err != nil {
				return fiber.NewError(fiber.StatusBadRequest, err.Error()) // as generated
			}
			_, err = httpd.Strict(strictHandlerFunc(func(c *fiber.Ctx, _ any) (any, error) {
				who, _ := caller.From(c.UserContext())
				return nil, c.SendString("done by " + who.Delegate)
			}), op)(c, a)
			return err
		}
	}
	nothing := func(*fiber.Ctx) (any, error) { return struct{}{}, nil }
	r := door.Router(app)
	r.Post("/v1/sign-ins", strict("SignIn", nothing))
	r.Get("/v1/me", strict("GetMe", nothing))
	r.Get("/v1/odd", strict("Odd", nothing))
	r.Get("/v1/api-keys", strict("ListAPIKeys", nothing)) // as the generator spells it
	r.Get("/v1/undeclared", strict("Undeclared", nothing))
	r.Get("/v1/swapped", strict("ChangeRoom", nothing))
	app.Get("/v1/unguarded", strict("GetMe", nothing))
	r.Patch("/v1/conferences/:conference/room", strict("ChangeRoom", func(c *fiber.Ctx) (any, error) {
		req := changeRequest{Conference: c.Params("conference"), Body: &changeBody{}}
		if l := c.QueryInt("limit", -1); l != -1 {
			req.Params.Limit = &l
		}
		if k := c.Get("Idempotency-Key"); k != "" {
			req.Params.Key = &k
		}
		return req, c.BodyParser(req.Body)
	}))
	return app, func(conference string, roles ...string) string {
		c := claimsUntil(time.Now().Add(time.Minute))
		c["conference"], c["roles"] = conference, roles
		return "Authorization: Bearer " + s.sign(t, c)
	}
}

func TestTheDoor(t *testing.T) {
	t.Parallel()
	app, token := house(t)
	delegate, secretariat, stranger := token("seoul-2013", "delegate"), token("seoul-2013", "delegate", "secretariat"), token("london-2011", "secretariat")
	const room, patch = "/v1/conferences/seoul-2013/room", "Content-Type: application/merge-patch+json"
	for _, test := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		code                     string
	}{
		{"a public operation asks for nobody", "POST", "/v1/sign-ins", "", nil, 200, ""},
		{"a public operation ignores a bad token", "POST", "/v1/sign-ins", "", []string{"Authorization: Bearer x"}, 200, ""},
		{"signed out", "GET", "/v1/me", "", nil, 401, "token_missing"},
		{"another scheme", "GET", "/v1/me", "", []string{"Authorization: Basic eDp5"}, 401, "token_missing"},
		{"a bad token", "GET", "/v1/me", "", []string{"Authorization: Bearer x"}, 401, "token_invalid"},
		{"a delegate", "GET", "/v1/me", "", []string{delegate}, 200, ""},
		{"a bad body does not matter to who is signed out", "PATCH", room, "{", nil, 401, "token_missing"},
		{"a delegate on a secretariat route", "PATCH", room, "{", []string{delegate, patch}, 403, "not_permitted"},
		{"the secretariat", "PATCH", room, `{"title":"Hall"}`, []string{secretariat, patch}, 200, ""},
		{"the secretariat, spelled oddly", "PATCH", "/v1/conferences/seoul%2D2013/room", `{"title":"Hall"}`, []string{secretariat, patch}, 200, ""},
		{"another conference's secretariat", "PATCH", room, `{"title":"Hall"}`, []string{stranger, patch}, 404, "not_found"},
		{"a conference that is not there", "PATCH", "/v1/conferences/x/room", `{"title":"Hall"}`, []string{secretariat, patch}, 404, "not_found"},
		{"another language", "PATCH", room, `title=Hall`, []string{secretariat, "Content-Type: application/x-www-form-urlencoded"}, 415, "unsupported_media_type"},
		{"JSON that is no patch", "PATCH", room, `{}`, []string{secretariat, "Content-Type: application/json"}, 415, "unsupported_media_type"},
		{"packed", "PATCH", room, `{}`, []string{secretariat, patch, "Content-Encoding: gzip"}, 415, "unsupported_media_type"},
		{"an operation without a permission we know", "GET", "/v1/odd", "", []string{secretariat}, 403, "not_permitted"},
		{"an operation the generator spells otherwise", "GET", "/v1/api-keys", "", []string{delegate}, 200, ""},
		{"a route the spec does not have", "GET", "/v1/undeclared", "", []string{secretariat}, 403, "not_permitted"},
		{"a handler behind another operation's route", "GET", "/v1/swapped", "", []string{secretariat}, 500, "internal"},
		{"a handler registered past the door", "GET", "/v1/unguarded", "", []string{secretariat}, 500, "internal"},
	} {
		a := ask(t, app, test.method, test.path, test.body, test.headers...)
		if a.StatusCode != test.status || a.doc.Code != test.code {
			t.Errorf("%s: %d %q, want %d %q", test.name, a.StatusCode, a.doc.Code, test.status, test.code)
		}
		switch got := a.Header.Get("WWW-Authenticate"); {
		case test.status != 401 && got != "",
			test.code == "token_missing" && got != "Bearer",
			test.code == "token_invalid" && got != `Bearer error="invalid_token"`:
			t.Errorf("%s: WWW-Authenticate %q", test.name, got)
		}
	}
}

func TestComplaintsPointAtTheirPlace(t *testing.T) {
	t.Parallel()
	app, token := house(t)
	headers := []string{token("seoul-2013", "secretariat"), "Content-Type: application/merge-patch+json"}
	for _, test := range []struct {
		name, query, body string
		status            int
		places            string // "pointer or parameter: code", comma-separated
	}{
		{"nothing wrong", "?limit=5", `{"title":"Hall","reason":"fire","startsAt":"2013-10-17T09:00:00Z","names":[{"language":"ko","seats":3}]}`, 200, ""},
		{"null where null is meant", "", `{"title":"Hall","reason":null}`, 200, ""},
		{
			"rules of the body", "", `{"title":"H","reason":"too long","kind":"tent","names":[{"language":"ko"},{"language":"","seats":0}]}`, 422,
			"/title: min,/reason: max,/kind: oneof,/names/1/language: required,/names/1/seats: gte",
		},
		{"a required member is missing", "", `{}`, 422, "/title: required"},
		{"a required member is missing that may be empty", "", `{"title":"Hall","room":{}}`, 422, "/room/note: required"},
		{"a required member is empty that may be", "", `{"title":"Hall","room":{"note":""}}`, 200, ""},
		{"rules of the parameters", "?limit=101", `{"title":"Hall"}`, 400, "limit: lte"},
		{"an empty parameter", "?limit=", `{"title":"Hall"}`, 400, "limit: wrong_format"},
		{"a parameter there is not", "?limit=1&lim=2", `{"title":"Hall"}`, 400, "lim: unknown_parameter"},
		{"unknown members", "", `{"title":"Hall","titel":1,"names":[{"language":"ko","seat":1}],"a/b~":0}`, 400, "/titel: unknown_member,/names/0/seat: unknown_member,/a~1b~0: unknown_member"},
		{"another spelling", "", `{"Title":"Hall"}`, 400, "/Title: unknown_member"},
		{"given twice", "", `{"title":"Hall","title":"Tent"}`, 400, "/title: duplicate_member"},
		{"null where it has no meaning", "", `{"title":null,"startsAt":null}`, 400, "/title: null,/startsAt: null"},
		{"null where a map's value is taken away", "", `{"title":"Hall","texts":{"en":null,"ko":"a"}}`, 200, ""},
		{"rules of a map's values", "", `{"title":"Hall","texts":{"en":"","ko":"too long"}}`, 422, ""},
		{"a map with too much in it", "", `{"title":"Hall","texts":{"en":"a","ko":"a","fr":"a"}}`, 422, "/texts: max"},
		{"a map's values of a wrong type", "", `{"title":"Hall","texts":{"en":7}}`, 400, "/texts/en: wrong_type"},
		{"wrong types", "", `{"title":7,"names":{},"startsAt":"noon"}`, 400, "/title: wrong_type,/names: wrong_type,/startsAt: wrong_type"},
		{"a fraction of a seat", "", `{"title":"Hall","names":[{"language":"ko","seats":1.5}]}`, 400, "/names/0/seats: wrong_type"},
		{"more seats than fit", "", `{"title":"Hall","names":[{"language":"ko","seats":3000000000}]}`, 400, "/names/0/seats: wrong_type"},
		{"something behind it", "", `{"title":"Hall"} {}`, 400, ": trailing_data"},
		{"cut off", "", `{"title":"Ha`, 400, ": syntax"},
		{"nothing", "", ``, 400, ": required"},
		{"not UTF-8", "", "{\"title\":\"\xff\xfe\"}", 400, ": syntax"},
		{"bottomless", "", `{"names":` + strings.Repeat("[", 100000), 400, ""},
		{"an array", "", `[]`, 400, ": wrong_type"},
	} {
		a := ask(t, app, "PATCH", "/v1/conferences/seoul-2013/room"+test.query, test.body, headers...)
		if a.StatusCode != test.status {
			t.Errorf("%s: %d, want %d\n%s", test.name, a.StatusCode, test.status, a.body)
		}
		var places []string
		for _, e := range a.doc.Errors {
			places = append(places, e.Pointer+e.Parameter+": "+e.Code)
		}
		if got := strings.Join(places, ","); test.places != "" && got != test.places {
			t.Errorf("%s: complaints\n%s, want\n%s", test.name, got, test.places)
		}
	}
	if a := ask(t, app, "PATCH", "/v1/conferences/seoul-2013/room", `{"title":"Hall","kind":"s3cret"}`, headers...); strings.Contains(a.body, "s3cret") {
		t.Errorf("the value is repeated: %s", a.body)
	}
}

func TestTheGeneratedParsersWordsBecomeOurs(t *testing.T) {
	t.Parallel()
	app, _ := quiet(httpd.Config{})
	var message string
	app.Get("/", func(*fiber.Ctx) error { return fiber.NewError(400, message) })
	for _, test := range []struct {
		message, parameter, code string
		status                   int
	}{
		{"Invalid format for parameter limit: error binding string parameter: strconv s3cret", "limit", "wrong_format", 400},
		{"Error unescaping path parameter 'session': invalid URL escape s3cret", "session", "wrong_format", 400},
		{"Header parameter Idempotency-Key is required, but not found", "Idempotency-Key", "required", 400},
		{"Query argument after is required, but not found", "after", "required", 400},
		{"Invalid format for parameter after: query parameter 'after' is required", "after", "required", 400},
		{"Too many values for ParamName If-None-Match, 1 is required, but 2 found", "If-None-Match", "too_many", 400},
		{"Header parameter If-Match is required, but not found", "If-Match", "required", 428},
	} {
		message = test.message
		a := ask(t, app, "GET", "/", "")
		if a.StatusCode != test.status || len(a.doc.Errors) != 1 || a.doc.Errors[0].Parameter != test.parameter || a.doc.Errors[0].Code != test.code || strings.Contains(a.body, "s3cret") {
			t.Errorf("%q became %d %s", test.message, a.StatusCode, a.body)
		}
	}
}

func TestEntityTags(t *testing.T) {
	t.Parallel()
	if got := httpd.ETag(12, "ko"); got != `"12-ko"` {
		t.Errorf("ETag = %s", got)
	}
	for header, want := range map[string]bool{
		``: false, `"12-ko"`: true, `"11-ko"`: false, `"11-ko", "12-ko"`: true, `W/"12-ko"`: true, `*`: true, `"12-en"`: false,
	} {
		if got := httpd.NotModified(header, `"12-ko"`); got != want {
			t.Errorf("NotModified(%s) = %v", header, got)
		}
	}
	for header, want := range map[string]struct {
		revision int64
		kind     problem.Kind
	}{
		`"12"`: {12, 0}, `"12-ko"`: {12, 0}, ` "0-en" `: {0, 0},
		``: {0, problem.PreconditionRequired}, `*`: {0, problem.PreconditionRequired}, `W/"12"`: {0, problem.Stale},
		`12`: {0, problem.Malformed}, `"x"`: {0, problem.Malformed}, `"-1"`: {0, problem.Malformed}, `"1", "2"`: {0, problem.Malformed},
		`"1-en", "2-en"`: {0, problem.Malformed}, `"+1"`: {0, problem.Malformed}, `""`: {0, problem.Malformed},
	} {
		got, err := httpd.IfMatch(header)
		if got != want.revision || (err != nil) != (want.kind != 0) || err != nil && !problem.Is(err, want.kind) {
			t.Errorf("IfMatch(%s) = %d, %v", header, got, err)
		}
	}
	for header, code := range map[string]string{"": "required", "*": "revision_required"} {
		if _, err := httpd.IfMatch(header); problem.From(err).Code != "if_match_required" || problem.From(err).Fields[0].Code != code {
			t.Errorf("IfMatch(%q) is refused with %+v", header, err)
		}
	}
}

func TestACanceledContextEndsWithTheRequest(t *testing.T) {
	t.Parallel()
	app, _ := quiet(httpd.Config{Deadline: time.Millisecond})
	app.Get("/", func(c *fiber.Ctx) error {
		<-c.UserContext().Done()
		return context.Cause(c.UserContext())
	})
	if a := ask(t, app, "GET", "/", ""); a.StatusCode != 503 || a.doc.Code != "deadline_exceeded" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}
