package rest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
)

// GetMeetingGrid answers a day of the bilateral rooms, as data or as a page to be
// printed.
func (h *handler) GetMeetingGrid(ctx context.Context, r api.GetMeetingGridRequestObject) (api.GetMeetingGridResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	w, err := h.meetings.World(r.Conference)
	if err != nil {
		return nil, err
	}
	zone := w.Conference.Location()
	all, err := h.meetings.Which(r.Conference, func(m meeting.Meeting) bool {
		return m.Status == meeting.Confirmed && m.Slot.Start.In(zone).Format(time.DateOnly) == r.Params.Day
	})
	if err != nil {
		return nil, err
	}
	s := h.sees(w.Conference, w.Agenda, octets(r.Params.AcceptLanguage))
	g := grid{meetingView: h.shows(ctx, me, w, s, all), day: r.Params.Day, zone: zone}
	blocked, err := h.meetings.Blocks(r.Conference)
	if err != nil {
		return nil, err
	}
	body := g.made(all)
	for _, b := range blocked {
		if g.touches(b.Start, b.End) {
			g.into(&body, b.Room, api.GridEntry{
				Kind: "block", BlockID: b.ID, Title: b.Reason, StartsAt: b.Start.UTC(), EndsAt: b.End.UTC(), UntilAt: b.End.UTC(), Delegations: []api.GridDelegation{},
			})
		}
	}
	for i := range body.Rooms {
		slices.SortFunc(body.Rooms[i].Entries, inTime)
	}
	if f := r.Params.Format; f != nil && *f == api.GetMeetingGridParamsFormatHTML {
		return g.page(body, w.Now)
	}
	return api.GetMeetingGrid200JSONResponse{Body: body, Headers: api.GetMeetingGrid200ResponseHeaders{ContentLanguage: s.language}}, nil
}

// A grid is a local day of the rooms in which there are meetings.
type grid struct {
	meetingView
	day  string
	zone *time.Location
}

// touches says whether some of a time is on the day.
func (g grid) touches(from, to time.Time) bool {
	return from.In(g.zone).Format(time.DateOnly) <= g.day && to.Add(-1).In(g.zone).Format(time.DateOnly) >= g.day
}

// made is the grid with the meetings of the day, and the sessions in their rooms.
func (g grid) made(all []meeting.Meeting) api.MeetingGrid {
	out := api.MeetingGrid{
		Day: g.day, Timezone: g.facts.Zone, Cells: slots(g.world.Cells(g.day)), Rooms: []api.GridRoom{}, Unroomed: []api.GridEntry{},
	}
	for _, r := range g.inOrder(g.agenda.Rooms()) {
		if levels, open := g.opens(r); open {
			out.Rooms = append(out.Rooms, g.room(r, levels))
		}
	}
	for _, m := range all {
		if m.Room == "" {
			out.Unroomed = append(out.Unroomed, g.entry(m))
			continue
		}
		g.into(&out, m.Room, g.entry(m))
	}
	slices.SortFunc(out.Unroomed, inTime)
	for _, x := range g.agenda.Sessions() {
		i := slices.IndexFunc(out.Rooms, func(r api.GridRoom) bool { return r.ID == x.Room })
		if i >= 0 && x.Status != programme.Cancelled && g.touches(x.Start, x.End) {
			out.Rooms[i].Entries = append(out.Rooms[i].Entries, api.GridEntry{
				Kind: "session", SessionID: x.ID, Title: x.Title.In(g.language), StartsAt: x.Start.UTC(), EndsAt: x.End.UTC(), UntilAt: x.End.UTC(), Delegations: []api.GridDelegation{},
			})
		}
	}
	return out
}

// inOrder are rooms as people count: the second before the tenth.
func (g grid) inOrder(rooms []programme.Room) []programme.Room {
	names := collate.New(language.Make(g.language), collate.Numeric)
	rooms = slices.Clone(rooms)
	slices.SortStableFunc(rooms, func(a, b programme.Room) int { return names.CompareString(a.Name, b.Name) })
	return rooms
}

func inTime(a, b api.GridEntry) int {
	return cmp.Or(a.StartsAt.Compare(b.StartsAt), cmp.Compare(a.MeetingID, b.MeetingID))
}

// opens says whether a room is open to meetings, and to which levels; none is
// all.
func (g grid) opens(r programme.Room) (levels []meeting.Level, open bool) {
	rules := g.world.Policy.Rooms
	if len(rules) == 0 {
		return nil, r.Kind == "bilateral"
	}
	i := slices.IndexFunc(rules, func(rule meeting.RoomRule) bool { return rule.Room == r.ID })
	if i < 0 {
		return nil, false
	}
	return rules[i].Levels, true
}

func (g grid) room(r programme.Room, levels []meeting.Level) api.GridRoom {
	return api.GridRoom{ID: r.ID, Name: r.Name, Capacity: r.Capacity, Levels: levelNames(levels), Entries: []api.GridEntry{}}
}

// into puts an entry into its room, which may be closed to meetings by now.
func (g grid) into(out *api.MeetingGrid, room string, e api.GridEntry) {
	i := slices.IndexFunc(out.Rooms, func(r api.GridRoom) bool { return r.ID == room })
	if i < 0 {
		r, ok := g.agenda.Room(room)
		if !ok {
			r = programme.Room{ID: room, Name: room}
		}
		i = len(out.Rooms)
		out.Rooms = append(out.Rooms, g.room(r, nil))
	}
	out.Rooms[i].Entries = append(out.Rooms[i].Entries, e)
}

// entry is a meeting as the grid shows it: who meets, and nothing of what about.
func (g grid) entry(m meeting.Meeting) api.GridEntry {
	e := api.GridEntry{
		Kind: "meeting", MeetingID: m.ID, StartsAt: m.Slot.Start.UTC(), EndsAt: m.Slot.End.UTC(), UntilAt: m.Slot.End.UTC(),
		Level: string(m.Level), Place: m.Place, Delegations: []api.GridDelegation{},
	}
	for _, hold := range m.Holds {
		if until := time.Unix(hold.To*meeting.CellMinutes*60, 0).UTC(); until.After(e.UntilAt) {
			e.UntilAt = until
		}
	}
	if m.WaitsForRoom {
		e.WaitsForRoom = &m.WaitsForRoom
	}
	for _, s := range m.Sides {
		e.Delegations = append(e.Delegations, api.GridDelegation{ID: s.Delegation, Designation: g.designation(s)})
	}
	return e
}
