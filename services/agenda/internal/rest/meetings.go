package rest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/caller"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// meetings is where bilateral meetings are kept and plans for them come true.
type meetings interface {
	attendance
	houseRules
	searchLog
	blocks
	allocations
	World(conference string) (meeting.World, error)
	StandsIn(conference, delegate string) func(meeting.Meeting) bool
	Faces(conference string, delegations []string) map[string]string
	Meeting(ctx context.Context, conference, id string, atLeast int64) (meeting.Meeting, error)
	Which(conference string, keep func(meeting.Meeting) bool) ([]meeting.Meeting, error)
	History(ctx context.Context, conference, id string) ([]meeting.Entry, error)
	Add(ctx context.Context, conference, id string, by meeting.By, decide func(meeting.World) (meeting.Plan, error)) (meeting.Meeting, error)
	Do(ctx context.Context, conference, id string, expect int64, by meeting.By, decide meeting.Decision) (meeting.Meeting, error)
	DoAll(ctx context.Context, conference string, by meeting.By, ids []string, expects []int64, decide meeting.Joint) ([]meeting.Meeting, error)
}

// runsDesk says whether the caller may act upon any meeting.
func runsDesk(c caller.Caller) bool { return c.Is(caller.Desk) || c.Is(caller.Secretariat) }

// seesMeeting says whether a meeting is there for the caller: as somebody who
// takes part, as the liaison of a side, or at the desk.
func seesMeeting(c caller.Caller, m meeting.Meeting) bool {
	return runsDesk(c) || m.TakesPart(c.Delegate) || c.Is(caller.Liaison) && m.Party(c.Delegation)
}

// byWhom is the caller as somebody who acts upon m. Who is at the desk and is the
// liaison of a side as well acts for that side.
func byWhom(c caller.Caller, m meeting.Meeting) meeting.By {
	by := meeting.By{Actor: c.Actor()}
	if m.Party(c.Delegation) && c.Is(caller.Liaison) {
		by.Delegation = c.Delegation
		return by
	}
	by.Desk = runsDesk(c)
	return by
}

// met finds a meeting that the caller may see, at no older a revision than they
// have seen.
func (h *handler) met(ctx context.Context, conference, id string, atLeast int64) (caller.Caller, meeting.Meeting, error) {
	me, err := who(ctx)
	if err != nil {
		return me, meeting.Meeting{}, err
	}
	m, err := h.meetings.Meeting(ctx, conference, id, atLeast)
	if err == nil && !seesMeeting(me, m) && !h.meetings.StandsIn(conference, me.Delegate)(m) {
		err = problem.Hidden()
	}
	return me, m, err
}

// GetMeeting answers one meeting.
func (h *handler) GetMeeting(ctx context.Context, r api.GetMeetingRequestObject) (api.GetMeetingResponseObject, error) {
	me, m, err := h.met(ctx, r.Conference, r.Meeting, newest(text(r.Params.IfNoneMatch)))
	if err != nil {
		return nil, err
	}
	body, etag, language, err := h.meetingFor(ctx, me, m, r.Params.AcceptLanguage)
	if err != nil {
		return nil, err
	}
	if httpd.NotModified(text(r.Params.IfNoneMatch), etag) {
		return api.GetMeeting304Response{Headers: api.NotModifiedResponseHeaders{ETag: etag, CacheControl: cacheControl, Vary: vary}}, nil
	}
	return api.GetMeeting200JSONResponse{Body: body, Headers: api.GetMeeting200ResponseHeaders{
		ETag: etag, CacheControl: cacheControl, ContentLanguage: language, Vary: vary,
	}}, nil
}

// ListMeetings answers the meetings there are for the caller.
func (h *handler) ListMeetings(ctx context.Context, r api.ListMeetingsRequestObject) (api.ListMeetingsResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	w, err := h.meetings.World(r.Conference)
	if err != nil {
		return nil, err
	}
	status, day, delegation := meeting.Status(""), text(r.Params.Day), text(r.Params.Delegation)
	if r.Params.Status != nil {
		status = meeting.Status(*r.Params.Status)
	}
	zone := w.Conference.Location()
	standsIn := h.meetings.StandsIn(r.Conference, me.Delegate)
	all, err := h.meetings.Which(r.Conference, func(m meeting.Meeting) bool {
		return (seesMeeting(me, m) || standsIn(m)) && (status == "" || m.Status == status) &&
			(delegation == "" || m.Party(delegation)) && (day == "" || onDay(m, day, zone))
	})
	if err != nil {
		return nil, err
	}
	list := httpd.Listing{Conference: r.Conference, Path: "meetings", Filters: map[string]string{
		"status": string(status), "day": day, "delegation": delegation,
	}, Limit: r.Params.Limit, Cursor: r.Params.Cursor}
	body, link, language, err := h.meetingList(ctx, me, w, all, whenMet, list, r.Params.AcceptLanguage)
	if err != nil {
		return nil, err
	}
	return api.ListMeetings200JSONResponse{Body: body, Headers: api.ListMeetings200ResponseHeaders{ContentLanguage: language, Link: link}}, nil
}

// onDay says whether a meeting begins, or may begin by what is proposed, on a
// local date.
func onDay(m meeting.Meeting, day string, zone *time.Location) bool {
	slots := []meeting.Slot{m.Slot}
	if m.Proposal != nil && !m.Status.Over() {
		slots = append(slots, m.Proposal.Slots...)
	}
	return slices.ContainsFunc(slots, func(s meeting.Slot) bool {
		return !s.IsZero() && s.Start.In(zone).Format(time.DateOnly) == day
	})
}

// whenMet is the order of time; what has no slot yet comes last.
func whenMet(m meeting.Meeting) int64 {
	if m.Slot.IsZero() {
		return unslotted
	}
	return m.Slot.Start.Unix()
}

// unslotted is later than anything.
const unslotted = 1 << 62

// meetingList is the page of a list of meetings that is asked for, each rendered
// for who asks, in the order of rank and then of id.
func (h *handler) meetingList(ctx context.Context, me caller.Caller, w meeting.World, all []meeting.Meeting, rank func(meeting.Meeting) int64, l httpd.Listing, acceptLanguage *string) (body api.MeetingList, link *string, language string, err error) {
	slices.SortFunc(all, func(a, b meeting.Meeting) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.ID, b.ID))
	})
	place := func(m meeting.Meeting) httpd.Place { return httpd.Place{Rank: rank(m), ID: m.ID} }
	items, page, link, err := paged(l, all, place)
	if err != nil {
		return api.MeetingList{}, nil, "", err
	}
	s := h.sees(w.Conference, w.Agenda, octets(acceptLanguage))
	show := h.shows(ctx, me, w, s, items)
	body = api.MeetingList{Items: make([]api.Meeting, 0, len(items)), Page: page}
	for _, m := range items {
		body.Items = append(body.Items, show.meeting(m))
	}
	return body, link, s.language, nil
}

// toldTo is an act as the caller may read it. A swap is done for both its meetings
// by whoever of the four sides agrees last: that a third delegation did would tell
// whom the other side meets besides, so only the desk reads it.
func toldTo(me caller.Caller, m meeting.Meeting, e meeting.Entry) meeting.Entry {
	if !runsDesk(me) && e.Delegation != "" && !m.Party(e.Delegation) {
		e.Actor, e.Principal, e.Delegation = "", "", ""
	}
	return e
}

// GetMeetingHistory answers every act upon a meeting, the newest first.
func (h *handler) GetMeetingHistory(ctx context.Context, r api.GetMeetingHistoryRequestObject) (api.GetMeetingHistoryResponseObject, error) {
	me, m, err := h.met(ctx, r.Conference, r.Meeting, 0)
	if err != nil {
		return nil, err
	}
	if !runsDesk(me) && !m.Party(me.Delegation) {
		return nil, problem.Hidden() // an interpreter of a third delegation
	}
	entries, err := h.meetings.History(ctx, r.Conference, r.Meeting)
	if err != nil {
		return nil, err
	}
	w, err := h.meetings.World(r.Conference)
	if err != nil {
		return nil, err
	}
	type numbered struct {
		meeting.Entry
		n int
	}
	all := make([]numbered, 0, len(entries))
	for i, e := range slices.Backward(entries) {
		all = append(all, numbered{e, i})
	}
	l := httpd.Listing{Conference: r.Conference, Path: "meetings/" + m.ID + "/history", Limit: r.Params.Limit, Cursor: r.Params.Cursor}
	items, page, link, err := paged(l, all, func(e numbered) httpd.Place { return httpd.Place{Rank: int64(-e.n), ID: ""} })
	if err != nil {
		return nil, err
	}
	s := h.sees(w.Conference, w.Agenda, octets(r.Params.AcceptLanguage))
	plain := make([]meeting.Entry, 0, len(items))
	for _, e := range items {
		plain = append(plain, toldTo(me, m, e.Entry))
	}
	return api.GetMeetingHistory200JSONResponse{
		Body:    api.MeetingHistory{Items: h.entries(ctx, s, plain), Page: page},
		Headers: api.GetMeetingHistory200ResponseHeaders{ContentLanguage: s.language, Link: link},
	}, nil
}
