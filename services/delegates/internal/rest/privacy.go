package rest

import (
	"context"

	"plenary.example/services/delegates/internal/audit"
	"plenary.example/services/delegates/internal/command"
	"plenary.example/services/delegates/internal/privacy"
	"plenary.example/services/delegates/internal/rest/api"
	"plenary.example/services/delegates/internal/seat"
	"plenary.example/shared/caller"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// Privacy is what the operations on substitutions, erasure and the audit need.
type Privacy struct {
	Commands   commands
	Seats      seats
	Erasures   erasures
	Everything everything
	Audit      reader
}

type commands interface {
	Once(ctx context.Context, r command.Request, choose func() string, do func(id string, again bool) (string, error)) (id string, replayed bool, err error)
}

type seats interface {
	Find(ctx context.Context, by caller.Caller, id string) (seat.Substitution, error)
	Substitute(ctx context.Context, by caller.Caller, o seat.Order) (seat.Substitution, error)
	List(ctx context.Context, by caller.Caller) ([]seat.Substitution, error)
	Withdraw(ctx context.Context, by caller.Caller, id string) error
}

type erasures interface {
	Ask(ctx context.Context, by caller.Caller) error
	Unask(ctx context.Context, by caller.Caller) error
	Erase(ctx context.Context, by caller.Caller, delegate string, expect int64) error
}

type everything interface {
	Of(ctx context.Context, by caller.Caller) (privacy.Data, error)
}

type reader interface {
	Read(conference string, f audit.Filter, limit int, cursor string) (page []audit.Act, next string, err error)
}

type privacyHandler struct{ room Privacy }

// signedIn is who calls.
func signedIn(ctx context.Context) (caller.Caller, error) {
	who, ok := caller.From(ctx)
	if !ok {
		return who, problem.New(problem.Unauthenticated, "token_missing", "Sign in first.")
	}
	return who, nil
}

// GetMyData answers GET /v1/me/data.
func (h privacyHandler) GetMyData(ctx context.Context, _ api.GetMyDataRequestObject) (api.GetMyDataResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	d, err := h.room.Everything.Of(ctx, who)
	if err != nil {
		return nil, err
	}
	return api.GetMyData200JSONResponse{Delegates: d.Delegates, Agenda: d.Agenda, Notifications: d.Notifications}, nil
}

// AskErasure answers POST /v1/me/erasure.
func (h privacyHandler) AskErasure(ctx context.Context, _ api.AskErasureRequestObject) (api.AskErasureResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.room.Erasures.Ask(ctx, who); err != nil {
		return nil, err
	}
	return api.AskErasure202Response{}, nil
}

// WithdrawErasure answers DELETE /v1/me/erasure.
func (h privacyHandler) WithdrawErasure(ctx context.Context, _ api.WithdrawErasureRequestObject) (api.WithdrawErasureResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.room.Erasures.Unask(ctx, who); err != nil {
		return nil, err
	}
	return api.WithdrawErasure204Response{}, nil
}

// EraseDelegate answers POST /v1/conferences/{conference}/delegates/{delegate}/erasure.
func (h privacyHandler) EraseDelegate(ctx context.Context, r api.EraseDelegateRequestObject) (api.EraseDelegateResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	if err := h.room.Erasures.Erase(ctx, who, r.Delegate, revision); err != nil {
		return nil, err
	}
	return api.EraseDelegate204Response{}, nil
}
