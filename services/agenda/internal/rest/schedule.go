package rest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
)

// attendance is in which meetings somebody has, or had, a part.
type attendance interface {
	With(conference, delegate string) ([]meeting.Meeting, error)
}

// GetMySchedule answers what is before the caller, and what of it cannot be done
// both.
func (h *handler) GetMySchedule(ctx context.Context, r api.GetMyScheduleRequestObject) (api.GetMyScheduleResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	s, err := h.look(ctx, me.Conference, r.Params.AcceptLanguage, r.Params.PlenaryRevision, nil)
	if err != nil {
		return nil, err
	}
	picks, err := h.picks.PicksOf(me.Conference, me.Delegate)
	if err != nil {
		return nil, err
	}
	meetings, err := h.attends(me.Conference, me.Delegate)
	if err != nil {
		return nil, err
	}
	mine := s.agenda.Mine(me.Delegate, picks)
	body := api.Schedule{
		Conference: s.facts.ID, Revision: s.agenda.Revision, Timezone: s.facts.Zone, Language: s.language,
		Items: make([]api.ScheduleItem, 0, len(mine)), Conflicts: clashes(s, mine, meetings),
	}
	for _, e := range mine {
		item := api.ScheduleItem{Why: e.Why, Session: session(s, e.Session)}
		if !e.PickedAt.IsZero() {
			item.PickedAt = &e.PickedAt
		}
		body.Items = append(body.Items, item)
	}
	h.name(ctx, s, body.Items)
	if body.Meetings, err = h.scheduled(ctx, me, s, meetings); err != nil {
		return nil, err
	}
	return api.GetMySchedule200JSONResponse{Body: body, Headers: api.GetMySchedule200ResponseHeaders{
		CacheControl: cacheControl, ContentLanguage: s.language, Vary: vary,
	}}, nil
}

// attends are the meetings at which somebody is expected, by start.
func (h *handler) attends(conference, delegate string) ([]meeting.Meeting, error) {
	all, err := h.meetings.With(conference, delegate)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(m meeting.Meeting) bool { return !m.Expects(delegate) })
	slices.SortFunc(all, func(a, b meeting.Meeting) int {
		return cmp.Or(a.Slot.Start.Compare(b.Slot.Start), strings.Compare(a.ID, b.ID))
	})
	return all, nil
}

// scheduled are meetings as somebody's schedule shows them: with whom, and not
// what about.
func (h *handler) scheduled(ctx context.Context, me caller.Caller, s seen, meetings []meeting.Meeting) ([]api.ScheduleMeeting, error) {
	shown := make([]api.ScheduleMeeting, 0, len(meetings))
	if len(meetings) == 0 {
		return shown, nil
	}
	w, err := h.meetings.World(me.Conference)
	if err != nil {
		return nil, err
	}
	show := h.shows(ctx, me, w, s, meetings)
	for _, m := range meetings {
		other := m.Sides[1]
		if slices.Contains(other.People(), me.Delegate) {
			other = m.Sides[0]
		}
		room, _ := s.agenda.Room(m.Room)
		shown = append(shown, api.ScheduleMeeting{
			ID: m.ID, Status: string(m.Status), Level: string(m.Level), StartsAt: m.Slot.Start.UTC(), EndsAt: m.Slot.End.UTC(),
			RoomID: m.Room, RoomName: room.Name, Place: m.Place, WaitsForRoom: m.WaitsForRoom,
			With: api.ScheduleCounterpart{Delegation: other.Delegation, Designation: show.designation(other)},
		})
	}
	return shown, nil
}

// clashes are what of a schedule cannot be done both.
func clashes(s seen, mine []programme.Entry, meetings []meeting.Meeting) []api.ScheduleConflict {
	spans, met := s.agenda.Spans(mine), map[string]bool{}
	for _, m := range meetings {
		room, _ := s.agenda.Room(m.Room)
		spans = append(spans, programme.Span{ID: m.ID, Start: m.Slot.Start, End: m.Slot.End, Zone: room.Zone})
		met[m.ID] = true
	}
	found := s.facts.Clashes(spans)
	shown := make([]api.ScheduleConflict, 0, len(found))
	for _, c := range found {
		x := api.ScheduleConflict{Code: c.Code, Sessions: []string{}, Meetings: []string{}, Minutes: int((c.By + time.Minute - 1) / time.Minute)}
		for _, id := range []string{c.First, c.Second} {
			if met[id] {
				x.Meetings = append(x.Meetings, id)
			} else {
				x.Sessions = append(x.Sessions, id)
			}
		}
		shown = append(shown, x)
	}
	return shown
}

// name says who the delegates are that have a part in the sessions. It is done
// here and not in the agenda, which is rendered once for everybody and kept:
// names are not to be kept. One that cannot be had is left out.
func (h *handler) name(ctx context.Context, s seen, items []api.ScheduleItem) {
	var ids []string
	for _, item := range items {
		for _, p := range item.Session.People {
			if p.DelegateID != "" {
				ids = append(ids, p.DelegateID)
			}
		}
	}
	if len(ids) == 0 {
		return
	}
	known := h.names.People(ctx, s.facts.ID, event.ForProgram, []string{s.language}, ids...)
	for i := range items {
		people := items[i].Session.People
		for j := range people {
			if who, ok := known[people[j].DelegateID]; ok {
				people[j].Name, people[j].Affiliation = who.Name, who.Designation
			}
		}
	}
}
