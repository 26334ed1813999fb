package rest

import (
	"context"
	"slices"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/caller"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// atDesk is the caller as the desk, whatever else they are.
func atDesk(c caller.Caller) meeting.By { return meeting.By{Actor: c.Actor(), Desk: true} }

// BookMeeting enters a meeting that two delegations have agreed to.
func (h *handler) BookMeeting(ctx context.Context, r api.BookMeetingRequestObject) (api.BookMeetingResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	by := atDesk(me)
	booking := meeting.Booking{Asking: r.Body.Asking, Asked: meeting.Asked{
		Delegation: r.Body.Asked, Level: meeting.Level(r.Body.Level), Principals: list(r.Body.Principals), Head: yes(r.Body.Head),
		Interpreters: list(r.Body.Interpreters), Plus: number(r.Body.Plus), WithPrincipals: list(r.Body.WithPrincipals), WithHead: yes(r.Body.WithHead),
		Topic: text(r.Body.Topic), Languages: list(r.Body.Languages), Minutes: number(r.Body.Minutes), Place: text(r.Body.Place),
	}, Start: r.Body.StartsAt, Room: text(r.Body.RoomID)}
	m, replayed, err := h.created(ctx, r.Conference, "bookMeeting", r.Params.IdempotencyKey, r.Body, by, func(w meeting.World) (meeting.Plan, error) {
		plan, err := w.Book(booking, by)
		return plan, elsewhere(err, "/delegation", "/asked")
	})
	if err != nil {
		return nil, err
	}
	body, etag, language, err := h.meetingFor(ctx, me, m, r.Params.AcceptLanguage)
	if err != nil {
		return nil, err
	}
	return api.BookMeeting201JSONResponse{Body: body, Headers: api.BookMeeting201ResponseHeaders{
		ContentLanguage: language, ETag: etag, IdempotencyReplayed: replayed,
	}}, nil
}

// elsewhere is a refusal that points to where this operation has what another one
// has at from.
func elsewhere(err error, from, to string) error {
	if err == nil {
		return nil
	}
	p := problem.From(err)
	if !slices.ContainsFunc(p.Fields, func(f problem.Field) bool { return f.Pointer == from }) {
		return err
	}
	said := *p
	said.Fields = slices.Clone(p.Fields)
	for i := range said.Fields {
		if said.Fields[i].Pointer == from {
			said.Fields[i].Pointer = to
		}
	}
	return &said
}

// AssignRoom gives a meeting a room, or another one.
func (h *handler) AssignRoom(ctx context.Context, r api.AssignRoomRequestObject) (api.AssignRoomResponseObject, error) {
	body, headers, err := h.actUpon(ctx, r.Conference, r.Meeting, r.Params.IfMatch, r.Params.AcceptLanguage, func(w meeting.World, m meeting.Meeting, by meeting.By) (meeting.Plan, error) {
		return w.Assign(m, meeting.By{Actor: by.Actor, Desk: true}, text(r.Body.RoomID))
	})
	if err != nil {
		return nil, err
	}
	return api.AssignRoom200JSONResponse{Body: body, Headers: api.AssignRoom200ResponseHeaders(headers)}, nil
}

// EvictMeeting takes the room of a meeting for one that stands above it.
func (h *handler) EvictMeeting(ctx context.Context, r api.EvictMeetingRequestObject) (api.EvictMeetingResponseObject, error) {
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	me, _, err := h.met(ctx, r.Conference, r.Meeting, revision)
	if err != nil {
		return nil, err
	}
	if err := exactly(revision); err != nil {
		return nil, err
	}
	if r.Body.For == r.Meeting {
		return nil, badField("/for", "same_meeting", "A meeting cannot make room for itself.")
	}
	if _, _, err := h.met(ctx, r.Conference, r.Body.For, 0); problem.Is(err, problem.NotFound) {
		return nil, badField("/for", "meeting_unknown", "There is no such meeting.")
	} else if err != nil {
		return nil, err
	}
	by := atDesk(me)
	after, err := h.meetings.DoAll(ctx, r.Conference, by, []string{r.Body.For, r.Meeting}, []int64{0, revision}, func(w meeting.World, both []meeting.Meeting) ([]meeting.Plan, error) {
		plans, err := w.Evict(both[0], both[1], by)
		err = elsewhere(err, "/roomId", "/for")
		if err == nil {
			plans[1], err = plans[1].Because("/reason", text(r.Body.Reason))
		}
		return plans, err
	})
	if err != nil {
		return nil, err
	}
	won, _, language, err := h.meetingFor(ctx, me, after[0], r.Params.AcceptLanguage)
	if err != nil {
		return nil, err
	}
	lost, _, _, err := h.meetingFor(ctx, me, after[1], r.Params.AcceptLanguage)
	if err != nil {
		return nil, err
	}
	return api.EvictMeeting200JSONResponse{Body: api.EvictedMeetings{Evicted: lost, For: won}, Headers: api.EvictMeeting200ResponseHeaders{ContentLanguage: language}}, nil
}

// GetMeetingQueue answers what waits for the desk, the most senior first.
func (h *handler) GetMeetingQueue(ctx context.Context, r api.GetMeetingQueueRequestObject) (api.GetMeetingQueueResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	w, err := h.meetings.World(r.Conference)
	if err != nil {
		return nil, err
	}
	all, err := h.meetings.Which(r.Conference, func(m meeting.Meeting) bool {
		return m.Status == meeting.Agreed || m.Status == meeting.Confirmed && m.WaitsForRoom && w.Now.Before(m.Slot.End)
	})
	if err != nil {
		return nil, err
	}
	seniority := func(m meeting.Meeting) int64 { return int64(slices.Index(meeting.Levels(), m.Level)) }
	l := httpd.Listing{Conference: r.Conference, Path: "meeting-queue", Limit: r.Params.Limit, Cursor: r.Params.Cursor}
	body, link, language, err := h.meetingList(ctx, me, w, all, seniority, l, r.Params.AcceptLanguage)
	if err != nil {
		return nil, err
	}
	return api.GetMeetingQueue200JSONResponse{Body: body, Headers: api.GetMeetingQueue200ResponseHeaders{ContentLanguage: language, Link: link}}, nil
}

// ListMeetingSearches answers who searched for a delegation on one day.
func (h *handler) ListMeetingSearches(ctx context.Context, r api.ListMeetingSearchesRequestObject) (api.ListMeetingSearchesResponseObject, error) {
	made, err := h.meetings.Searches(ctx, r.Conference, r.Params.Delegation, text(r.Params.Day))
	if err != nil {
		return nil, err
	}
	body := api.MeetingSearches{Day: made.Day, Earlier: made.Earlier, Items: make([]api.MeetingSearch, 0, len(made.Kept))}
	for _, s := range made.Kept {
		body.Items = append(body.Items, api.MeetingSearch{Actor: s.Actor, With: s.With, Level: s.Level, At: s.At.UTC()})
	}
	return api.ListMeetingSearches200JSONResponse(body), nil
}
