package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/httpd"
)

// A meetingView is how one caller is shown meetings, with the names that can be
// had at this moment. Names are never kept.
type meetingView struct {
	seen
	world meeting.World
	me    caller.Caller
	known map[string]event.Person
	faces map[string]string // of delegations that name nobody; see Desk.Faces
}

// shows is the view that the caller has of some meetings.
func (h *handler) shows(ctx context.Context, me caller.Caller, w meeting.World, s seen, all []meeting.Meeting) meetingView {
	v := meetingView{seen: s, world: w, me: me}
	var ids, unnamed []string
	for _, m := range all {
		for _, side := range m.Sides {
			ids = append(ids, side.People()...)
			if len(side.Principals) == 0 {
				unnamed = append(unnamed, side.Delegation)
			}
		}
	}
	v.faces = h.meetings.Faces(w.Conference.ID, unnamed)
	ids = slices.AppendSeq(ids, maps.Values(v.faces))
	if len(ids) > 0 {
		v.known = h.names.People(ctx, s.facts.ID, event.ForMeeting, []string{s.language}, ids...)
	}
	return v
}

// meetingFor renders one meeting, with its entity tag, which is made of all that
// is shown: how many compete for a slot changes without the meeting.
func (h *handler) meetingFor(ctx context.Context, me caller.Caller, m meeting.Meeting, acceptLanguage *string) (body api.Meeting, etag, language string, err error) {
	w, err := h.meetings.World(m.Conference)
	if err != nil {
		return api.Meeting{}, "", "", err
	}
	s := h.sees(w.Conference, w.Agenda, octets(acceptLanguage))
	body = h.shows(ctx, me, w, s, []meeting.Meeting{m}).meeting(m)
	shown, err := json.Marshal(body)
	if err != nil {
		return api.Meeting{}, "", "", fmt.Errorf("meeting %s: %w", m.ID, err)
	}
	sum := fnv.New64a()
	_, _ = sum.Write(shown) // it never fails
	return body, httpd.ETag(m.Revision, fmt.Sprintf("%s-%016x", s.language, sum.Sum64())), s.language, nil
}

// meeting is m as it is answered.
func (v meetingView) meeting(m meeting.Meeting) api.Meeting {
	room, _ := v.agenda.Room(m.Room)
	out := api.Meeting{
		ID: m.ID, Revision: m.Revision, Status: string(m.Status), Level: string(m.Level), Topic: m.Topic,
		Languages: append([]string{}, m.Languages...), Minutes: m.Minutes, Timezone: v.facts.Zone,
		RoomID: m.Room, RoomName: room.Name, Place: m.Place, WaitsForRoom: m.WaitsForRoom,
		Sequence: m.Sequence, CreatedAt: m.CreatedAt.UTC(), ChangedAt: m.ChangedAt.UTC(),
	}
	for _, s := range m.Sides {
		out.Sides = append(out.Sides, v.side(s))
	}
	if !m.Slot.IsZero() {
		from, to := m.Slot.Start.UTC(), m.Slot.End.UTC()
		out.StartsAt, out.EndsAt = &from, &to
		if by := v.world.Policy.ConfirmBy; by > 0 && m.Status == meeting.Confirmed && m.Place == "" {
			at := from.Add(-time.Duration(by) * time.Minute)
			out.ReconfirmBy = &at
		}
	}
	if m.Proposal != nil && !m.Status.Over() {
		out.Proposal = v.proposal(m, *m.Proposal)
	}
	return out
}

func (v meetingView) side(s meeting.Side) api.MeetingSide {
	return api.MeetingSide{
		Delegation: s.Delegation, Designation: v.designation(s),
		Principals: v.people(s.Principals), Interpreters: v.people(s.Interpreters), Plus: s.Plus, Reconfirmed: s.Reconfirmed,
	}
}

// designation is what the delegation of a side is called, by whoever of it is
// known.
func (v meetingView) designation(s meeting.Side) string {
	for _, id := range append(slices.Clone(s.Principals), v.faces[s.Delegation]) {
		if p, ok := v.known[id]; ok && p.Delegation == s.Delegation {
			return p.Designation
		}
	}
	return ""
}

func (v meetingView) people(ids []string) []api.MeetingPerson {
	out := make([]api.MeetingPerson, 0, len(ids))
	for _, id := range ids {
		p := v.known[id]
		out = append(out, api.MeetingPerson{DelegateID: id, Name: p.Name, Function: p.Function})
	}
	return out
}

func (v meetingView) proposal(m meeting.Meeting, p meeting.Proposal) *api.MeetingProposal {
	out := &api.MeetingProposal{
		Kind: p.Kind, By: p.By, Awaits: append([]string{}, p.Awaits...), Slots: slots(p.Slots),
		Out: p.Out, In: p.In, Note: p.Note, MadeAt: p.MadeAt.UTC(), ExpiresAt: p.ExpiresAt.UTC(),
	}
	if !p.Chosen.IsZero() {
		chosen := slot(p.Chosen)
		out.Chosen = &chosen
	}
	if other, ok := v.world.Meeting(p.With); ok && seesMeeting(v.me, other) {
		out.With = other.ID // of another meeting of its maker the other side knows nothing
	}
	invitee := v.invitee(p)
	if invitee == "" || m.Status != meeting.Requested {
		return out
	}
	for i, s := range p.Slots {
		out.Slots[i].Competing = v.world.Competing(m, invitee, s)
	}
	return out
}

// invitee is the delegation asked, whose liaisons alone are shown how many others
// ask for a slot; empty when that is neither for the caller nor for the desk.
func (v meetingView) invitee(p meeting.Proposal) string {
	switch {
	case v.me.Is(caller.Liaison) && slices.Contains(p.Awaits, v.me.Delegation):
		return v.me.Delegation
	case runsDesk(v.me) && len(p.Awaits) == 1:
		return p.Awaits[0]
	}
	return ""
}

func slot(s meeting.Slot) api.MeetingSlot {
	return api.MeetingSlot{StartsAt: s.Start.UTC(), EndsAt: s.End.UTC()}
}

func slots(all []meeting.Slot) []api.MeetingSlot {
	out := make([]api.MeetingSlot, 0, len(all))
	for _, s := range all {
		out = append(out, slot(s))
	}
	return out
}

// entries are acts as they are answered, with the names of who acted, left or came.
func (h *handler) entries(ctx context.Context, s seen, all []meeting.Entry) []api.MeetingEntry {
	var ids []string
	for _, e := range all {
		for _, id := range []string{e.Actor, e.Out, e.In} {
			if id != "" && !strings.HasPrefix(id, caller.KeyPrefix) {
				ids = append(ids, id)
			}
		}
	}
	var known map[string]event.Person
	if len(ids) > 0 {
		known = h.names.People(ctx, s.facts.ID, event.ForMeeting, []string{s.language}, ids...)
	}
	out := make([]api.MeetingEntry, 0, len(all))
	for _, e := range all {
		room, _ := s.agenda.Room(e.Room)
		out = append(out, api.MeetingEntry{
			Verb: e.Verb, Actor: e.Actor, ActorName: known[e.Actor].Name, Principal: e.Principal, Delegation: e.Delegation, At: e.At.UTC(),
			Reason: e.Reason, Slots: slots(e.Slots), RoomID: e.Room, RoomName: room.Name, Revision: e.Revision,
			Out: e.Out, OutName: known[e.Out].Name, In: e.In, InName: known[e.In].Name,
		})
	}
	return out
}
