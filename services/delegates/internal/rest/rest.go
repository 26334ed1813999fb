// Package rest is the delegates service's part of the API: it reads requests,
// calls the desk, the sign-ins or the directory, and renders what they say.
package rest

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/rest/api"
	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/caller"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

type desk interface {
	SignIn(ctx context.Context, conference, number, code, address string) (token.Pair, error)
}

type signIns interface {
	Refresh(ctx context.Context, token string) (token.Pair, error)
}

type directory interface {
	Delegate(ctx context.Context, conference, id string) (delegate.Delegate, error)
	Delegation(ctx context.Context, conference, id string) (delegate.Delegation, error)
}

// Handler answers the operations of the delegates service.
type Handler struct {
	desk      desk
	signIns   signIns
	directory directory
	jwks      api.Jwks
}

// New makes a handler. The key set is what it publishes.
func New(d desk, s signIns, dir directory, keys token.JWKS) *Handler {
	h := &Handler{desk: d, signIns: s, directory: dir, jwks: api.Jwks{Keys: []api.Jwk{}}}
	for _, k := range keys.Keys {
		h.jwks.Keys = append(h.jwks.Keys, api.Jwk{Kty: k.KeyType, Crv: k.Curve, Kid: k.ID, Use: k.Use, Alg: k.Algorithm, X: k.X})
	}
	return h
}

// Mount puts the operations behind a door on app.
func (h *Handler) Mount(app fiber.Router, keys *httpd.Keys) {
	door := httpd.NewDoor(httpd.Rules{Permissions: api.Permissions, Routes: api.Routes, MediaTypes: api.MediaTypes}, keys)
	api.RegisterHandlers(door.Router(app), api.NewStrictHandler(h, []api.StrictMiddlewareFunc{httpd.Strict[api.StrictHandlerFunc]}))
}

// SignIn answers POST /v1/sign-ins.
func (h *Handler) SignIn(ctx context.Context, r api.SignInRequestObject) (api.SignInResponseObject, error) {
	pair, err := h.desk.SignIn(ctx, r.Body.Conference, r.Body.Accreditation, r.Body.ActivationCode, httpd.Address(ctx))
	if err != nil {
		return nil, err
	}
	return api.SignIn201JSONResponse(render(pair)), nil
}

// RefreshSignIn answers POST /v1/sign-ins/refresh.
func (h *Handler) RefreshSignIn(ctx context.Context, r api.RefreshSignInRequestObject) (api.RefreshSignInResponseObject, error) {
	pair, err := h.signIns.Refresh(ctx, r.Body.RefreshToken)
	if err != nil {
		return nil, err
	}
	return api.RefreshSignIn200JSONResponse(render(pair)), nil
}

func render(p token.Pair) api.TokenPair {
	return api.TokenPair{AccessToken: p.Access, RefreshToken: p.Refresh, TokenType: "Bearer", ExpiresIn: int(p.ExpiresIn.Seconds())}
}

// GetMe answers GET /v1/me.
func (h *Handler) GetMe(ctx context.Context, _ api.GetMeRequestObject) (api.GetMeResponseObject, error) {
	who, ok := caller.From(ctx)
	if !ok {
		return nil, problem.New(problem.Unauthenticated, "token_missing", "Sign in first.")
	}
	d, err := h.directory.Delegate(ctx, who.Conference, who.Delegate)
	if err != nil {
		return nil, err
	}
	g, err := h.directory.Delegation(ctx, who.Conference, d.Delegation)
	if err != nil {
		return nil, err
	}
	return api.GetMe200JSONResponse{
		ID: d.ID, Conference: d.Conference, Accreditation: d.Accreditation, Name: d.Name, Function: d.Function,
		Delegation: api.Delegation{ID: g.ID, Designation: g.DesignationIn(d.Languages), Kind: g.Kind},
		Roles:      append([]string{}, d.Roles...), Languages: append([]string{}, d.Languages...),
	}, nil
}

// GetJwks answers GET /.well-known/jwks.json.
func (h *Handler) GetJwks(context.Context, api.GetJwksRequestObject) (api.GetJwksResponseObject, error) {
	return api.GetJwks200JSONResponse(h.jwks), nil
}
