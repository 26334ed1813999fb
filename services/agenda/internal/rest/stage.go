package rest

import (
	"context"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// ReinstateSession takes a cancellation back.
func (h *handler) ReinstateSession(ctx context.Context, r api.ReinstateSessionRequestObject) (api.ReinstateSessionResponseObject, error) {
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	reason, err := given(r.Body.Reason)
	if err != nil {
		return nil, err
	}
	o := order{"reinstateSession", r.Conference, r.Session, r.Params.IfMatch, r.Params.IdempotencyKey, r.Params.AcceptLanguage, r.Body}
	body, headers, err := h.one(ctx, o, func(c programme.Conference, a programme.Agenda) (programme.Session, error) {
		return a.Reinstate(c, r.Session, revision, reason, c.Now(h.now()))
	})
	if err != nil {
		return nil, err
	}
	return api.ReinstateSession200JSONResponse{Body: body, Headers: headers}, nil
}

// StartSession says that a session has begun.
func (h *handler) StartSession(ctx context.Context, r api.StartSessionRequestObject) (api.StartSessionResponseObject, error) {
	o := order{name: "startSession", conference: r.Conference, session: r.Session, key: r.Params.IdempotencyKey, acceptLanguage: r.Params.AcceptLanguage}
	body, headers, err := h.one(ctx, o, func(c programme.Conference, a programme.Agenda) (programme.Session, error) {
		return a.Begin(r.Session, c.Now(h.now()))
	})
	if err != nil {
		return nil, err
	}
	return api.StartSession200JSONResponse{Body: body, Headers: api.StartSession200ResponseHeaders(headers)}, nil
}

// EndSession says that a session is over.
func (h *handler) EndSession(ctx context.Context, r api.EndSessionRequestObject) (api.EndSessionResponseObject, error) {
	o := order{name: "endSession", conference: r.Conference, session: r.Session, key: r.Params.IdempotencyKey, acceptLanguage: r.Params.AcceptLanguage}
	body, headers, err := h.one(ctx, o, func(c programme.Conference, a programme.Agenda) (programme.Session, error) {
		return a.Close(r.Session, c.Now(h.now()))
	})
	if err != nil {
		return nil, err
	}
	return api.EndSession200JSONResponse{Body: body, Headers: api.EndSession200ResponseHeaders(headers)}, nil
}

// StartStream gives the link of the live stream out from now on.
func (h *handler) StartStream(ctx context.Context, r api.StartStreamRequestObject) (api.StartStreamResponseObject, error) {
	o := order{name: "startStream", conference: r.Conference, session: r.Session, key: r.Params.IdempotencyKey, acceptLanguage: r.Params.AcceptLanguage}
	body, headers, err := h.one(ctx, o, func(c programme.Conference, a programme.Agenda) (programme.Session, error) {
		return a.GoLive(r.Session, c.Now(h.now()))
	})
	if err != nil {
		return nil, err
	}
	return api.StartStream200JSONResponse{Body: body, Headers: api.StartStream200ResponseHeaders(headers)}, nil
}

// ReplaceSpeaker puts one person in the place of another.
func (h *handler) ReplaceSpeaker(ctx context.Context, r api.ReplaceSpeakerRequestObject) (api.ReplaceSpeakerResponseObject, error) {
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	x, err := replacement(*r.Body)
	if err != nil {
		return nil, err
	}
	o := order{"replaceSpeaker", r.Conference, r.Session, r.Params.IfMatch, r.Params.IdempotencyKey, r.Params.AcceptLanguage, r.Body}
	body, headers, err := h.one(ctx, o, func(c programme.Conference, a programme.Agenda) (programme.Session, error) {
		if x.in.Delegate != "" && !h.desk.Accredited(c.ID, x.in.Delegate) {
			return programme.Session{}, stranger()
		}
		return a.Replace(r.Session, revision, x.out, x.in, x.reason, c.Now(h.now()))
	})
	if err != nil {
		return nil, err
	}
	return api.ReplaceSpeaker200JSONResponse{Body: body, Headers: api.ReplaceSpeaker200ResponseHeaders(headers)}, nil
}

// A swapped is who leaves a part in a session, who takes it, and why.
type swapped struct {
	out, in programme.Part
	reason  string
}

// replacement reads who is to be in whose place.
func replacement(b api.Replacement) (swapped, error) {
	x := swapped{
		out: programme.Part{Delegate: text(b.Out.DelegateID), Name: text(b.Out.Name)},
		in:  programme.Part{Delegate: text(b.In.DelegateID), Name: text(b.In.Name), Affiliation: text(b.In.Affiliation)},
	}
	if b.In.Role != nil {
		x.in.Role = string(*b.In.Role)
	}
	switch {
	case (x.out.Delegate == "") == (x.out.Name == ""):
		return x, unclear("/out")
	case (x.in.Delegate == "") == (x.in.Name == ""), x.in.Delegate != "" && x.in.Affiliation != "":
		return x, unclear("/in")
	}
	r := &reader{}
	r.line("/in/name", x.in.Name, false)
	r.line("/in/affiliation", x.in.Affiliation, false)
	x.reason = r.line("/reason", text(b.Reason), true)
	return x, r.err()
}

// stranger refuses a delegate the conference does not have, or no longer.
func stranger() error {
	const code, detail = "person_unknown", "The conference has no such delegate, or no longer."
	return problem.New(problem.Invalid, code, detail).With(problem.Field{Pointer: "/in/delegateId", Code: code, Detail: detail})
}

// unclear refuses somebody who is named in two ways or in none.
func unclear(pointer string) error {
	const code, detail = "person_unclear", "Name a delegate by id, or somebody from outside by name, not both."
	return problem.New(problem.Invalid, code, detail).With(problem.Field{Pointer: pointer, Code: code, Detail: detail})
}
