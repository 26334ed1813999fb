package rest

import (
	"context"
	"time"

	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/event"
)

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
	mine := s.agenda.Mine(me.Delegate, picks)
	body := api.Schedule{
		Conference: s.facts.ID, Revision: s.agenda.Revision, Timezone: s.facts.Zone, Language: s.language,
		Items: make([]api.ScheduleItem, 0, len(mine)), Meetings: []api.ScheduleMeeting{}, Conflicts: []api.ScheduleConflict{},
	}
	for _, e := range mine {
		item := api.ScheduleItem{Why: e.Why, Session: session(s, e.Session)}
		if !e.PickedAt.IsZero() {
			item.PickedAt = &e.PickedAt
		}
		body.Items = append(body.Items, item)
	}
	h.name(ctx, s, body.Items)
	for _, c := range s.agenda.Clashes(s.facts, mine) {
		minutes := int((c.By + time.Minute - 1) / time.Minute)
		body.Conflicts = append(body.Conflicts, api.ScheduleConflict{Code: c.Code, Sessions: []string{c.First, c.Second}, Minutes: minutes})
	}
	return api.GetMySchedule200JSONResponse{Body: body, Headers: api.GetMySchedule200ResponseHeaders{
		CacheControl: cacheControl, ContentLanguage: s.language, Vary: vary,
	}}, nil
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
