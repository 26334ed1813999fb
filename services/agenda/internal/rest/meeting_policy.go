package rest

import (
	"cmp"
	"context"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// houseRules are how meetings are handled and when delegations can be met.
type houseRules interface {
	Policy(conference string) (meeting.Policy, error)
	SetPolicy(ctx context.Context, conference string, expect int64, change func(meeting.World, meeting.Policy) (meeting.Policy, error)) (meeting.Policy, error)
	Availability(conference, delegation string) (meeting.Availability, error)
	SetAvailability(ctx context.Context, conference, delegation string, expect int64, change func(meeting.World, meeting.Availability) (meeting.Availability, error)) (meeting.Availability, error)
}

// GetMeetingPolicy answers how meetings are handled.
func (h *handler) GetMeetingPolicy(_ context.Context, r api.GetMeetingPolicyRequestObject) (api.GetMeetingPolicyResponseObject, error) {
	w, err := h.meetings.World(r.Conference)
	if err != nil {
		return nil, err
	}
	return api.GetMeetingPolicy200JSONResponse{Body: policy(w), Headers: api.GetMeetingPolicy200ResponseHeaders{ETag: httpd.ETag(w.Policy.Revision, "")}}, nil
}

// SetMeetingPolicy says how meetings are handled from now on.
func (h *handler) SetMeetingPolicy(ctx context.Context, r api.SetMeetingPolicyRequestObject) (api.SetMeetingPolicyResponseObject, error) {
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	wanted := wantedPolicy(*r.Body)
	p, err := h.meetings.SetPolicy(ctx, r.Conference, revision, func(w meeting.World, _ meeting.Policy) (meeting.Policy, error) {
		return wanted, w.CheckPolicy(wanted)
	})
	if err != nil {
		return nil, err
	}
	w, err := h.meetings.World(r.Conference)
	if err != nil {
		return nil, err
	}
	w.Policy = p
	return api.SetMeetingPolicy200JSONResponse{Body: policy(w), Headers: api.SetMeetingPolicy200ResponseHeaders{ETag: httpd.ETag(p.Revision, "")}}, nil
}

// policy is that of w as it counts.
func policy(w meeting.World) api.MeetingPolicy {
	p, grid := w.Policy, w.Grid()
	out := api.MeetingPolicy{
		Revision: p.Revision, Grid: api.Grid{Cell: grid.Cell, Meeting: grid.Meeting, Changeover: grid.Changeover},
		Changeovers: map[string]int{}, Hours: []api.OpeningHours{}, Rooms: []api.MeetingRoom{}, Levels: levelNames(p.Levels),
		Quota: p.Quota, MaxSlots: cmp.Or(p.MaxSlots, 3), AnswerHours: cmp.Or(p.AnswerHours, 24), BeforeHours: cmp.Or(p.BeforeHours, 24),
		SameDayHours: cmp.Or(p.SameDayHours, 2), ConfirmBy: p.ConfirmBy, Warning: cmp.Or(p.Warning, 60),
		OptIn: p.OptIn, NotAsked: []api.KindPair{}, Closed: p.Closed,
	}
	for l, minutes := range p.Changeovers {
		out.Changeovers[string(l)] = minutes
	}
	for _, o := range p.Hours {
		out.Hours = append(out.Hours, api.OpeningHours{Day: o.Day, From: o.From, To: o.To})
	}
	if len(out.Hours) == 0 {
		out.Hours = append(out.Hours, api.OpeningHours{From: "08:00", To: "20:00"})
	}
	for _, x := range p.Rooms {
		out.Rooms = append(out.Rooms, api.MeetingRoom{Room: x.Room, Levels: levelNames(x.Levels)})
	}
	for _, k := range p.NotAsked {
		out.NotAsked = append(out.NotAsked, api.KindPair{From: k.From, To: k.To})
	}
	return out
}

func levelNames(levels []meeting.Level) []string {
	out := make([]string, 0, len(levels))
	for _, l := range levels {
		out = append(out, string(l))
	}
	return out
}

// wantedPolicy is the policy as the body has it.
func wantedPolicy(b api.NewMeetingPolicy) meeting.Policy {
	p := meeting.Policy{
		Levels: levelsOf(b.Levels), Quota: number(b.Quota), MaxSlots: number(b.MaxSlots), AnswerHours: number(b.AnswerHours),
		BeforeHours: number(b.BeforeHours), SameDayHours: number(b.SameDayHours), ConfirmBy: number(b.ConfirmBy),
		Warning: number(b.Warning), OptIn: yes(b.OptIn), Closed: yes(b.Closed),
	}
	if b.Grid != nil {
		p.Grid = programme.Grid{Cell: b.Grid.Cell, Meeting: b.Grid.Meeting, Changeover: b.Grid.Changeover}
	}
	if b.Changeovers != nil {
		p.Changeovers = make(map[meeting.Level]int, len(*b.Changeovers))
		for l, minutes := range *b.Changeovers {
			p.Changeovers[meeting.Level(l)] = minutes
		}
	}
	if b.Hours != nil {
		for _, o := range *b.Hours {
			p.Hours = append(p.Hours, programme.Hours{Day: text(o.Day), From: o.From, To: o.To})
		}
	}
	if b.Rooms != nil {
		for _, x := range *b.Rooms {
			p.Rooms = append(p.Rooms, meeting.RoomRule{Room: x.Room, Levels: levelsOf(x.Levels)})
		}
	}
	if b.NotAsked != nil {
		for _, k := range *b.NotAsked {
			p.NotAsked = append(p.NotAsked, meeting.KindPair{From: string(k.From), To: string(k.To)})
		}
	}
	return p
}

func levelsOf(levels *api.MeetingLevels) []meeting.Level {
	if levels == nil {
		return nil
	}
	out := make([]meeting.Level, 0, len(*levels))
	for _, l := range *levels {
		out = append(out, meeting.Level(l))
	}
	return out
}

// GetAvailability answers when a delegation can be met.
func (h *handler) GetAvailability(ctx context.Context, r api.GetAvailabilityRequestObject) (api.GetAvailabilityResponseObject, error) {
	w, err := h.speaksFor(ctx, r.Conference, r.Delegation)
	if err != nil {
		return nil, err
	}
	a, err := h.meetings.Availability(r.Conference, r.Delegation)
	if err != nil {
		return nil, err
	}
	return api.GetAvailability200JSONResponse{Body: availability(w, a), Headers: api.GetAvailability200ResponseHeaders{ETag: httpd.ETag(a.Revision, "")}}, nil
}

// SetAvailability says when a delegation can be met.
func (h *handler) SetAvailability(ctx context.Context, r api.SetAvailabilityRequestObject) (api.SetAvailabilityResponseObject, error) {
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	w, err := h.speaksFor(ctx, r.Conference, r.Delegation)
	if err != nil {
		return nil, err
	}
	wanted := meeting.Availability{Delegation: r.Delegation, OptedIn: r.Body.OptedIn}
	for _, x := range r.Body.Windows {
		wanted.Windows = append(wanted.Windows, meeting.Window{Principal: text(x.Principal), Start: x.StartsAt.UTC(), End: x.EndsAt.UTC()})
	}
	a, err := h.meetings.SetAvailability(ctx, r.Conference, r.Delegation, revision, func(w meeting.World, _ meeting.Availability) (meeting.Availability, error) {
		return wanted, w.CheckAvailability(wanted)
	})
	if err != nil {
		return nil, err
	}
	return api.SetAvailability200JSONResponse{Body: availability(w, a), Headers: api.SetAvailability200ResponseHeaders{ETag: httpd.ETag(a.Revision, "")}}, nil
}

// speaksFor refuses whoever may not speak for a delegation as if it were not
// there: a liaison for another one, and anybody for none.
func (h *handler) speaksFor(ctx context.Context, conference, delegation string) (meeting.World, error) {
	me, err := who(ctx)
	if err != nil {
		return meeting.World{}, err
	}
	w, err := h.meetings.World(conference)
	if err != nil {
		return meeting.World{}, err
	}
	if d, ok := w.Delegation(delegation); !speaks(me, delegation) || !ok || d.Status == event.Removed {
		return meeting.World{}, problem.Hidden()
	}
	return w, nil
}

func speaks(me caller.Caller, delegation string) bool {
	return runsDesk(me) || me.Delegation == delegation
}

func availability(w meeting.World, a meeting.Availability) api.Availability {
	out := api.Availability{
		Delegation: a.Delegation, Revision: a.Revision, OptedIn: a.OptedIn, Timezone: w.Conference.Zone,
		Windows: make([]api.AvailabilityWindow, 0, len(a.Windows)),
	}
	for _, x := range a.Windows {
		out.Windows = append(out.Windows, api.AvailabilityWindow{Principal: x.Principal, StartsAt: x.Start.UTC(), EndsAt: x.End.UTC()})
	}
	if a.Revision > 0 {
		at := a.ChangedAt.UTC()
		out.ChangedAt = &at
	}
	return out
}
