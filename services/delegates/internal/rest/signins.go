package rest

import (
	"context"

	"plenary.example/services/delegates/internal/passkey"
	"plenary.example/services/delegates/internal/rest/api"
	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/httpd"
)

// SignIns is what the operations on sign-ins need.
type SignIns struct {
	Desk    desk
	SignIns signIns
	JWKS    func() token.JWKS // what is published
}

type desk interface {
	// SignIn returns a challenge instead of a pair where a second step is due.
	SignIn(ctx context.Context, conference, number, code, address, platform string) (token.Pair, *passkey.Asked, error)
}

type signIns interface {
	Refresh(ctx context.Context, token string) (token.Pair, error)
}

type signInHandler struct{ room SignIns }

// SignIn answers POST /v1/sign-ins.
func (h signInHandler) SignIn(ctx context.Context, r api.SignInRequestObject) (api.SignInResponseObject, error) {
	pair, asked, err := h.room.Desk.SignIn(ctx, r.Body.Conference, r.Body.Accreditation, r.Body.ActivationCode, httpd.Address(ctx), token.Other)
	if err != nil {
		return nil, err
	}
	if asked != nil {
		challenge, err := renderChallenge(*asked)
		if err != nil {
			return nil, err
		}
		return api.SignIn202JSONResponse(challenge), nil
	}
	return api.SignIn201JSONResponse(render(pair)), nil
}

// RefreshSignIn answers POST /v1/sign-ins/refresh.
func (h signInHandler) RefreshSignIn(ctx context.Context, r api.RefreshSignInRequestObject) (api.RefreshSignInResponseObject, error) {
	pair, err := h.room.SignIns.Refresh(ctx, r.Body.RefreshToken)
	if err != nil {
		return nil, err
	}
	return api.RefreshSignIn200JSONResponse(render(pair)), nil
}

func render(p token.Pair) api.TokenPair {
	return api.TokenPair{AccessToken: p.Access, RefreshToken: p.Refresh, TokenType: "Bearer", ExpiresIn: int(p.ExpiresIn.Seconds())}
}

// GetJwks answers GET /.well-known/jwks.json.
func (h signInHandler) GetJwks(context.Context, api.GetJwksRequestObject) (api.GetJwksResponseObject, error) {
	set := api.GetJwks200JSONResponse{Keys: []api.Jwk{}}
	for _, k := range h.room.JWKS().Keys {
		set.Keys = append(set.Keys, api.Jwk{Kty: k.KeyType, Crv: k.Curve, Kid: k.ID, Use: k.Use, Alg: k.Algorithm, X: k.X})
	}
	return set, nil
}
