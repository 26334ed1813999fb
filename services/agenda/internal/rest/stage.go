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
	o := order{"reinstateSession", r.Conference, r.Session, r.Params.IfMatch, r.Params.IdempotencyKey, r.Params.AcceptLanguage, r.Body}
	body, headers, err := h.one(ctx, o, func(c programme.Conference, a programme.Agenda) (programme.Session, error) {
		return a.Reinstate(c, r.Session, revision, text(r.Body.Reason), c.Now(h.now()))
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
	out := programme.Part{Delegate: text(r.Body.Out.DelegateID), Name: text(r.Body.Out.Name)}
	in := programme.Part{Delegate: text(r.Body.In.DelegateID), Name: text(r.Body.In.Name), Affiliation: text(r.Body.In.Affiliation)}
	if r.Body.In.Role != nil {
		in.Role = string(*r.Body.In.Role)
	}
	switch {
	case (out.Delegate == "") == (out.Name == ""):
		return nil, unclear("/out")
	case (in.Delegate == "") == (in.Name == ""), in.Delegate != "" && in.Affiliation != "":
		return nil, unclear("/in")
	}
	o := order{"replaceSpeaker", r.Conference, r.Session, r.Params.IfMatch, r.Params.IdempotencyKey, r.Params.AcceptLanguage, r.Body}
	body, headers, err := h.one(ctx, o, func(c programme.Conference, a programme.Agenda) (programme.Session, error) {
		return a.Replace(r.Session, revision, out, in, text(r.Body.Reason), c.Now(h.now()))
	})
	if err != nil {
		return nil, err
	}
	return api.ReplaceSpeaker200JSONResponse{Body: body, Headers: api.ReplaceSpeaker200ResponseHeaders(headers)}, nil
}

// unclear refuses somebody who is named in two ways or in none.
func unclear(pointer string) error {
	const code, detail = "person_unclear", "Name a delegate by id, or somebody from outside by name, not both."
	return problem.New(problem.Invalid, code, detail).With(problem.Field{Pointer: pointer, Code: code, Detail: detail})
}
