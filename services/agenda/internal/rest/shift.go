package rest

import (
	"context"
	"strconv"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// DelaySession moves a session by some minutes, and what follows it.
func (h *handler) DelaySession(ctx context.Context, r api.DelaySessionRequestObject) (api.DelaySessionResponseObject, error) {
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	reason, err := given(r.Body.Reason)
	if err != nil {
		return nil, err
	}
	o := order{"delaySession", r.Conference, r.Session, r.Params.IfMatch, r.Params.IdempotencyKey, r.Params.AcceptLanguage, r.Body}
	by, scope := time.Duration(r.Body.Minutes)*time.Minute, programme.Scope(r.Body.Scope)
	body, headers, err := h.several(ctx, o, func(c programme.Conference, a programme.Agenda) ([]programme.Session, error) {
		moved, err := a.Delay(c, r.Session, revision, by, scope, reason, c.Now(h.now()))
		if err != nil {
			return nil, err
		}
		return moved, h.confirmed(ctx, a, moved, r.Body.Confirm)
	})
	if err != nil {
		return nil, err
	}
	return api.DelaySession200JSONResponse{Body: body, Headers: headers}, nil
}

// confirmed refuses to move many at once until a person has typed how many
// notices that sends, which an API key cannot. Moving one is never held.
func (h *handler) confirmed(ctx context.Context, a programme.Agenda, moved []programme.Session, typed *api.Confirmation) error {
	if len(moved) < 2 {
		return nil
	}
	by, err := who(ctx)
	switch {
	case err != nil:
		return err
	case by.Key != "":
		return problem.New(problem.Forbidden, "person_required", "This moves several sessions, which only a person can confirm.")
	}
	toll := h.desk.Count(a.Conference, a.Becoming(moved))
	if typed != nil && toll.Confirms(typed.Count) && (typed.Sessions == nil || *typed.Sessions == len(moved)) {
		return nil
	}
	refusal := problem.New(problem.PreconditionRequired, "confirmation_required", "This moves several sessions. Confirm it with the number of notices it sends.")
	if typed != nil {
		refusal = problem.New(problem.Conflict, "count_changed", "This is not what it moves and sends now. Look again.")
	}
	return refusal.With(problem.Field{Pointer: "/confirm", Code: refusal.Code, Detail: refusal.Detail, Params: map[string]string{
		"sessions": strconv.Itoa(len(moved)), "notices": strconv.Itoa(toll.Notices), "people": strconv.Itoa(toll.People),
	}})
}

// SwapSessions puts two sessions in each other's place.
func (h *handler) SwapSessions(ctx context.Context, r api.SwapSessionsRequestObject) (api.SwapSessionsResponseObject, error) {
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	reason, err := given(r.Body.Reason)
	if err != nil {
		return nil, err
	}
	o := order{"swapSessions", r.Conference, r.Session, r.Params.IfMatch, r.Params.IdempotencyKey, r.Params.AcceptLanguage, r.Body}
	body, headers, err := h.several(ctx, o, func(c programme.Conference, a programme.Agenda) ([]programme.Session, error) {
		return a.Swap(r.Session, revision, r.Body.With, string(r.Body.What), reason, c.Now(h.now()))
	})
	if err != nil {
		return nil, err
	}
	return api.SwapSessions200JSONResponse{Body: body, Headers: api.SwapSessions200ResponseHeaders(headers)}, nil
}
