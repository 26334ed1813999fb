package rest

import (
	"context"
	"time"

	"plenary.example/services/delegates/internal/apikey"
	"plenary.example/services/delegates/internal/rest/api"
	"plenary.example/shared/caller"
	"plenary.example/shared/httpd"
)

// Keys is what the operations on passkeys and API keys need.
type Keys struct {
	APIKeys    apiKeys
	KeySignIns keySignIns
	Passkeys   passkeys
	People     people
	SecondStep secondStep
}

type apiKeys interface {
	Create(ctx context.Context, conference, actor string, d apikey.Draft) (apikey.Key, string, error)
	List(ctx context.Context, conference string) ([]apikey.Key, error)
	End(ctx context.Context, conference, id, actor string) error
}

type keySignIns interface {
	SignIn(ctx context.Context, text, address string) (apikey.Token, error)
}

type keyHandler struct{ room Keys }

// CreateAPIKey answers POST /v1/conferences/{conference}/api-keys.
func (h keyHandler) CreateAPIKey(ctx context.Context, r api.CreateAPIKeyRequestObject) (api.CreateAPIKeyResponseObject, error) {
	who, _ := caller.From(ctx)
	d := apikey.Draft{Name: r.Body.Name}
	for _, s := range r.Body.Scopes {
		d.Scopes = append(d.Scopes, string(s))
	}
	if r.Body.ExpiresAt != nil {
		d.ExpiresAt = *r.Body.ExpiresAt
	}
	k, text, err := h.room.APIKeys.Create(ctx, who.Conference, who.Actor(), d)
	if err != nil {
		return nil, err
	}
	return api.CreateAPIKey201JSONResponse{
		ID: k.ID, Name: k.Name, Scopes: k.Scopes, CreatedAt: k.CreatedAt, CreatedBy: k.CreatedBy, ExpiresAt: k.ExpiresAt, Key: text,
	}, nil
}

// ListAPIKeys answers GET /v1/conferences/{conference}/api-keys.
func (h keyHandler) ListAPIKeys(ctx context.Context, _ api.ListAPIKeysRequestObject) (api.ListAPIKeysResponseObject, error) {
	who, _ := caller.From(ctx)
	keys, err := h.room.APIKeys.List(ctx, who.Conference)
	if err != nil {
		return nil, err
	}
	list := api.ListAPIKeys200JSONResponse{Items: make([]api.APIKey, len(keys))}
	for i, k := range keys {
		list.Items[i] = api.APIKey{
			ID: k.ID, Name: k.Name, Scopes: k.Scopes, CreatedAt: k.CreatedAt, CreatedBy: k.CreatedBy,
			ExpiresAt: k.ExpiresAt, LastUsedAt: moment(k.LastUsedAt), EndedAt: moment(k.EndedAt),
		}
	}
	return list, nil
}

// moment is when something happened; nil when it has not.
func moment(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// EndAPIKey answers DELETE /v1/conferences/{conference}/api-keys/{apiKey}.
func (h keyHandler) EndAPIKey(ctx context.Context, r api.EndAPIKeyRequestObject) (api.EndAPIKeyResponseObject, error) {
	who, _ := caller.From(ctx)
	if err := h.room.APIKeys.End(ctx, who.Conference, r.APIKey, who.Actor()); err != nil {
		return nil, err
	}
	return api.EndAPIKey204Response{}, nil
}

// SignInWithKey answers POST /v1/sign-ins/api-key.
func (h keyHandler) SignInWithKey(ctx context.Context, r api.SignInWithKeyRequestObject) (api.SignInWithKeyResponseObject, error) {
	t, err := h.room.KeySignIns.SignIn(ctx, r.Body.Key, httpd.Address(ctx))
	if err != nil {
		return nil, err
	}
	return api.SignInWithKey201JSONResponse{AccessToken: t.Access, TokenType: "Bearer", ExpiresIn: int(t.ExpiresIn.Seconds()), Scopes: t.Scopes}, nil
}
