package rest

import (
	"context"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/passkey"
	"plenary.example/services/delegates/internal/rest/api"
	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// SignIns is what the operations on sign-ins need.
type SignIns struct {
	Desk    desk
	SignIns signIns
	Office  office
	People  anybody
	JWKS    func() token.JWKS // what is published
	App     App
	Now     func() time.Time
}

type desk interface {
	// SignIn returns a challenge instead of a pair where a second step is due.
	SignIn(ctx context.Context, conference, number, code, address, device string) (token.Pair, *passkey.Asked, error)
}

type signIns interface {
	Refresh(ctx context.Context, token string) (token.Pair, error)
	Of(ctx context.Context, conference, person string) ([]token.Family, error)
	EndOne(ctx context.Context, conference, person, id, reason string) error
	EndOthers(ctx context.Context, conference, person, but string) error
	EndAll(ctx context.Context, conference, person, reason, by string) error
}

type anybody interface {
	Delegate(ctx context.Context, conference, id string) (delegate.Delegate, error)
}

type signInHandler struct{ room SignIns }

// SignIn answers POST /v1/sign-ins.
func (h signInHandler) SignIn(ctx context.Context, r api.SignInRequestObject) (api.SignInResponseObject, error) {
	device := ""
	if r.Body.Device != nil {
		device = *r.Body.Device
	}
	pair, asked, err := h.room.Desk.SignIn(ctx, r.Body.Conference, r.Body.Accreditation, r.Body.ActivationCode, httpd.Address(ctx), device)
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

// ListSignIns answers GET /v1/me/sign-ins.
func (h signInHandler) ListSignIns(ctx context.Context, _ api.ListSignInsRequestObject) (api.ListSignInsResponseObject, error) {
	who, err := person(ctx)
	if err != nil {
		return nil, err
	}
	families, err := h.room.SignIns.Of(ctx, who.Conference, who.Delegate)
	if err != nil {
		return nil, err
	}
	list := api.ListSignIns200JSONResponse{Items: make([]api.OpenSignIn, 0, len(families))}
	for _, f := range families {
		list.Items = append(list.Items, api.OpenSignIn{
			ID: f.ID, StartedAt: f.StartedAt.UTC(), LastUsedAt: f.RotatedAt.UTC(), Current: f.ID == who.SignIn, Device: f.Device,
		})
	}
	return list, nil
}

// EndSignIn answers DELETE /v1/me/sign-ins/{signIn}.
func (h signInHandler) EndSignIn(ctx context.Context, r api.EndSignInRequestObject) (api.EndSignInResponseObject, error) {
	who, err := person(ctx)
	if err != nil {
		return nil, err
	}
	id, reason := r.SignIn, event.EndedElsewhere
	if id == "current" || id == who.SignIn {
		id, reason = who.SignIn, event.EndedSignedOut
	}
	if err := h.room.SignIns.EndOne(ctx, who.Conference, who.Delegate, id, reason); err != nil {
		return nil, err
	}
	return api.EndSignIn204Response{}, nil
}

// EndOtherSignIns answers DELETE /v1/me/sign-ins.
func (h signInHandler) EndOtherSignIns(ctx context.Context, _ api.EndOtherSignInsRequestObject) (api.EndOtherSignInsResponseObject, error) {
	who, err := person(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.room.SignIns.EndOthers(ctx, who.Conference, who.Delegate, who.SignIn); err != nil {
		return nil, err
	}
	return api.EndOtherSignIns204Response{}, nil
}

// EndDelegateSignIns answers DELETE …/delegates/{delegate}/sign-ins.
func (h signInHandler) EndDelegateSignIns(ctx context.Context, r api.EndDelegateSignInsRequestObject) (api.EndDelegateSignInsResponseObject, error) {
	who, err := person(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := h.room.People.Delegate(ctx, who.Conference, r.Delegate); err != nil {
		return nil, err
	}
	if err := h.room.SignIns.EndAll(ctx, who.Conference, r.Delegate, event.EndedByOffice, who.Actor()); err != nil {
		return nil, err
	}
	return api.EndDelegateSignIns204Response{}, nil
}

// GetJwks answers GET /.well-known/jwks.json.
func (h signInHandler) GetJwks(context.Context, api.GetJwksRequestObject) (api.GetJwksResponseObject, error) {
	set := api.GetJwks200JSONResponse{Keys: []api.Jwk{}}
	for _, k := range h.room.JWKS().Keys {
		set.Keys = append(set.Keys, api.Jwk{Kty: k.KeyType, Crv: k.Curve, Kid: k.ID, Use: k.Use, Alg: k.Algorithm, X: k.X})
	}
	return set, nil
}

// person is the person who calls. The door has let nobody else through; this is for the
// day on which a permission is declared wrongly.
func person(ctx context.Context) (caller.Caller, error) {
	who, ok := caller.From(ctx)
	if !ok || who.Delegate == "" {
		return caller.Caller{}, problem.New(problem.Unauthenticated, "token_missing", "Sign in first.")
	}
	return who, nil
}
