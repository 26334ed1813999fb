package rest

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"

	"github.com/oapi-codegen/nullable"

	"plenary.example/services/delegates/internal/command"
	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/rest/api"
	"plenary.example/services/delegates/internal/seat"
	"plenary.example/shared/problem"
)

// Substitute answers POST /v1/conferences/{conference}/substitutions.
func (h privacyHandler) Substitute(ctx context.Context, r api.SubstituteRequestObject) (api.SubstituteResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	o := seat.Order{Delegate: r.Body.Delegate, Deputy: r.Body.Deputy}
	if r.Body.From != nil {
		o.From = *r.Body.From
	}
	request := command.Request{Caller: who.Actor(), Route: "substitute " + r.Conference, Body: r.Body}
	if r.Params.IdempotencyKey != nil {
		request.Key = *r.Params.IdempotencyKey
	}
	var s seat.Substitution
	id, replayed, err := h.room.Commands.Once(ctx, request, delegate.NewID, func(id string, _ bool) (string, error) {
		o.ID = id
		s, err = h.room.Seats.Substitute(ctx, who, o)
		return id, err
	})
	if err == nil && replayed {
		s, err = h.room.Seats.Find(ctx, who, id)
	}
	if err != nil {
		return nil, err
	}
	return api.Substitute201JSONResponse{Body: substitution(s), Headers: api.Substitute201ResponseHeaders{IdempotencyReplayed: replayed}}, nil
}

// ListSubstitutions answers GET /v1/conferences/{conference}/substitutions.
func (h privacyHandler) ListSubstitutions(ctx context.Context, r api.ListSubstitutionsRequestObject) (api.ListSubstitutionsResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	all, err := h.room.Seats.List(ctx, who)
	if err != nil {
		return nil, err
	}
	limit := limitOr(r.Params.Limit)
	if r.Params.Cursor != nil { // the last one of the page before
		id, err := base64.RawURLEncoding.Strict().DecodeString(*r.Params.Cursor)
		i := slices.IndexFunc(all, func(s seat.Substitution) bool { return s.ID == string(id) })
		if err != nil || i < 0 {
			return nil, problem.New(problem.Malformed, "bad_cursor", "This cursor does not belong to this list. Begin again without it.").
				With(problem.Field{Parameter: "cursor", Code: "bad_cursor", Detail: "Not given out for this list."})
		}
		all = all[i+1:]
	}
	next := ""
	if len(all) > limit {
		all = all[:limit]
		next = base64.RawURLEncoding.EncodeToString([]byte(all[limit-1].ID))
	}
	out := api.ListSubstitutions200JSONResponse{Body: api.SubstitutionList{Items: make([]api.Substitution, 0, len(all)), Page: pageBefore(next)}}
	for _, s := range all {
		out.Body.Items = append(out.Body.Items, substitution(s))
	}
	out.Headers.Link = linkTo("/v1/conferences/"+url.PathEscape(r.Conference)+"/substitutions", url.Values{}, limit, next)
	return out, nil
}

// WithdrawSubstitution answers DELETE /v1/conferences/{conference}/substitutions/{substitution}.
func (h privacyHandler) WithdrawSubstitution(ctx context.Context, r api.WithdrawSubstitutionRequestObject) (api.WithdrawSubstitutionResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.room.Seats.Withdraw(ctx, who, r.Substitution); err != nil {
		return nil, err
	}
	return api.WithdrawSubstitution204Response{}, nil
}

// substitution is one as it is answered: one under way, which takes moments, is
// planned still.
func substitution(s seat.Substitution) api.Substitution {
	status := s.State
	if status == seat.Open {
		status = seat.Planned
	}
	return api.Substitution{
		ID: s.ID, Delegate: s.Delegate, Deputy: s.Deputy, Delegation: s.Delegation, From: s.From.UTC(),
		Status: status, Actor: s.Actor, At: s.At.UTC(),
	}
}

const defaultLimit = 50

func limitOr(limit *int) int {
	if limit == nil {
		return defaultLimit
	}
	return *limit
}

// pageBefore describes the page that is followed by the one at next, "" for the last.
func pageBefore(next string) api.Page {
	if next == "" {
		return api.Page{NextCursor: nullable.NewNullNullable[string]()}
	}
	return api.Page{HasMore: true, NextCursor: nullable.NewNullableWithValue(next)}
}

// linkTo is the Link header to the page at next, nil for the last.
func linkTo(path string, filters url.Values, limit int, next string) *string {
	if next == "" {
		return nil
	}
	filters.Set("limit", fmt.Sprint(limit))
	filters.Set("cursor", next)
	link := fmt.Sprintf(`<%s?%s>; rel="next"`, path, filters.Encode())
	return &link
}
