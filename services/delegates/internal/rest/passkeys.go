package rest

import (
	"context"
	"encoding/json"
	"fmt"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/passkey"
	"plenary.example/services/delegates/internal/rest/api"
	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/caller"
	"plenary.example/shared/httpd"
)

type passkeys interface {
	Begin(ctx context.Context, p passkey.Person) (passkey.Asked, error)
	Add(ctx context.Context, p passkey.Person, challenge, name string, credential []byte) (passkey.Passkey, error)
	List(ctx context.Context, delegate string) ([]passkey.Passkey, error)
	Remove(ctx context.Context, p passkey.Person, id string) error
}

type people interface {
	Accredited(ctx context.Context, conference, id string) (delegate.Delegate, error)
}

type secondStep interface {
	Complete(ctx context.Context, challenge string, credential []byte, address string) (token.Pair, error)
}

// BeginPasskey answers POST /v1/me/passkeys/challenges.
func (h keyHandler) BeginPasskey(ctx context.Context, _ api.BeginPasskeyRequestObject) (api.BeginPasskeyResponseObject, error) {
	who, _ := caller.From(ctx)
	d, err := h.room.People.Accredited(ctx, who.Conference, who.Delegate)
	if err != nil {
		return nil, err
	}
	asked, err := h.room.Passkeys.Begin(ctx, passkey.Person{Conference: d.Conference, Delegate: d.ID, Account: d.Accreditation, Name: d.Name})
	if err != nil {
		return nil, err
	}
	challenge, err := renderChallenge(asked)
	if err != nil {
		return nil, err
	}
	return api.BeginPasskey201JSONResponse(challenge), nil
}

// renderChallenge is a challenge as the API has it, for enrolling and for
// signing in.
func renderChallenge(a passkey.Asked) (api.PasskeyChallenge, error) {
	c := api.PasskeyChallenge{Challenge: a.ID, ExpiresAt: a.ExpiresAt}
	if err := json.Unmarshal(a.Options, &c.Options); err != nil {
		return api.PasskeyChallenge{}, fmt.Errorf("render a challenge: %w", err)
	}
	return c, nil
}

// self is whose passkeys the operations are about.
func self(ctx context.Context) passkey.Person {
	who, _ := caller.From(ctx)
	return passkey.Person{Conference: who.Conference, Delegate: who.Delegate}
}

// AddPasskey answers POST /v1/me/passkeys.
func (h keyHandler) AddPasskey(ctx context.Context, r api.AddPasskeyRequestObject) (api.AddPasskeyResponseObject, error) {
	credential, err := json.Marshal(r.Body.Credential)
	if err != nil {
		return nil, fmt.Errorf("read a credential: %w", err)
	}
	k, err := h.room.Passkeys.Add(ctx, self(ctx), r.Body.Challenge, r.Body.Name, credential)
	if err != nil {
		return nil, err
	}
	return api.AddPasskey201JSONResponse(renderPasskey(k)), nil
}

func renderPasskey(k passkey.Passkey) api.Passkey {
	return api.Passkey{ID: k.ID, Name: k.Name, CreatedAt: k.AddedAt, LastUsedAt: moment(k.UsedAt)}
}

// ListPasskeys answers GET /v1/me/passkeys.
func (h keyHandler) ListPasskeys(ctx context.Context, _ api.ListPasskeysRequestObject) (api.ListPasskeysResponseObject, error) {
	keys, err := h.room.Passkeys.List(ctx, self(ctx).Delegate)
	if err != nil {
		return nil, err
	}
	list := api.ListPasskeys200JSONResponse{Items: make([]api.Passkey, len(keys))}
	for i, k := range keys {
		list.Items[i] = renderPasskey(k)
	}
	return list, nil
}

// RemovePasskey answers DELETE /v1/me/passkeys/{passkey}.
func (h keyHandler) RemovePasskey(ctx context.Context, r api.RemovePasskeyRequestObject) (api.RemovePasskeyResponseObject, error) {
	if err := h.room.Passkeys.Remove(ctx, self(ctx), r.Passkey); err != nil {
		return nil, err
	}
	return api.RemovePasskey204Response{}, nil
}

// CompleteSignIn answers POST /v1/sign-ins/passkey.
func (h keyHandler) CompleteSignIn(ctx context.Context, r api.CompleteSignInRequestObject) (api.CompleteSignInResponseObject, error) {
	credential, err := json.Marshal(r.Body.Credential)
	if err != nil {
		return nil, fmt.Errorf("read a credential: %w", err)
	}
	pair, err := h.room.SecondStep.Complete(ctx, r.Body.Challenge, credential, httpd.Address(ctx))
	if err != nil {
		return nil, err
	}
	return api.CompleteSignIn201JSONResponse(render(pair)), nil
}
