package rest

import (
	"context"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// ChangeSession gives a session another time or room.
func (h *handler) ChangeSession(ctx context.Context, r api.ChangeSessionRequestObject) (api.ChangeSessionResponseObject, error) {
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	if r.Body.StartsAt == nil && r.Body.EndsAt == nil && r.Body.RoomID == nil {
		return nil, problem.New(problem.Invalid, "nothing_to_change", "Say what to change: startsAt, endsAt or roomId.")
	}
	reason, err := given(r.Body.Reason)
	if err != nil {
		return nil, err
	}
	to := programme.Slot{Start: r.Body.StartsAt, End: r.Body.EndsAt, Room: r.Body.RoomID}
	s, x, err := h.edit(ctx, r.Conference, r.Session, revision, r.Params.AcceptLanguage, func(c programme.Conference, a programme.Agenda) (programme.Session, error) {
		return a.Move(c, r.Session, revision, to, reason, c.Now(h.now()))
	})
	if err != nil {
		return nil, err
	}
	return api.ChangeSession200JSONResponse{Body: session(s, x), Headers: api.ChangeSession200ResponseHeaders{
		ETag: tagOf(s, x), ContentLanguage: s.language, PlenaryRevision: s.agenda.Revision,
	}}, nil
}

// CancelSession cancels a session.
func (h *handler) CancelSession(ctx context.Context, r api.CancelSessionRequestObject) (api.CancelSessionResponseObject, error) {
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	reason, err := given(&r.Body.Reason)
	if err != nil {
		return nil, err
	}
	s, x, err := h.edit(ctx, r.Conference, r.Session, revision, r.Params.AcceptLanguage, func(c programme.Conference, a programme.Agenda) (programme.Session, error) {
		return a.Cancel(r.Session, revision, reason, c.Now(h.now()))
	})
	if err != nil {
		return nil, err
	}
	return api.CancelSession200JSONResponse{Body: session(s, x), Headers: api.CancelSession200ResponseHeaders{
		ETag: tagOf(s, x), ContentLanguage: s.language, PlenaryRevision: s.agenda.Revision,
	}}, nil
}

// edit releases what change makes of one session and answers it as it is then.
// revision is what the caller has seen of it, perhaps on a replica that is
// ahead of this one.
func (h *handler) edit(ctx context.Context, conference, id string, revision int64, acceptLanguage *string, change func(programme.Conference, programme.Agenda) (programme.Session, error)) (seen, programme.Session, error) {
	by, err := who(ctx)
	if err != nil {
		return seen{}, programme.Session{}, err
	}
	if err := h.agendas.Heard(ctx, conference, revision); err != nil {
		return seen{}, programme.Session{}, err
	}
	after, _, err := h.desk.Release(ctx, conference, by.Actor(), "", func(c programme.Conference, a programme.Agenda) (programme.Proposal, error) {
		x, err := change(c, a)
		return programme.Proposal{Sessions: []programme.Session{x}}, err
	})
	if err != nil {
		return seen{}, programme.Session{}, err
	}
	facts, _, err := h.agendas.Conference(conference)
	if err != nil {
		return seen{}, programme.Session{}, err
	}
	x, _ := after.Session(id)
	return h.sees(facts, after, octets(acceptLanguage)), x, nil
}

// given is the reason for a change, empty for none.
func given(reason *string) (string, error) {
	r := &reader{}
	return r.line("/reason", text(reason), true), r.err()
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
