package rest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/httpd"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
)

// allocationPatience is how long finding slots for thousands of meetings, or
// giving them theirs, may take.
const allocationPatience = time.Minute

// allocations are plans for many meetings at once.
type allocations interface {
	PlanAllocation(ctx context.Context, conference, id, actor, include string, seed int64) (meeting.Allocation, error)
	ApplyAllocation(ctx context.Context, conference, id, actor string) (meeting.Allocation, error)
	Allocation(ctx context.Context, conference, id string) (meeting.Allocation, []meeting.Line, error)
	Allocations(conference string) ([]meeting.Allocation, error)
}

// ListAllocations answers the allocations of a conference.
func (h *handler) ListAllocations(_ context.Context, r api.ListAllocationsRequestObject) (api.ListAllocationsResponseObject, error) {
	all, err := h.meetings.Allocations(r.Conference)
	if err != nil {
		return nil, err
	}
	l := httpd.Listing{Conference: r.Conference, Path: "meeting-allocations", Limit: r.Params.Limit, Cursor: r.Params.Cursor}
	items, page, link, err := paged(l, all, func(a meeting.Allocation) httpd.Place { return httpd.Place{Rank: -a.PlannedAt.UnixMilli(), ID: a.ID} })
	if err != nil {
		return nil, err
	}
	body := api.AllocationList{Items: make([]api.AllocationSummary, 0, len(items)), Page: page}
	for _, a := range items {
		body.Items = append(body.Items, api.AllocationSummary{
			ID: a.ID, State: a.State, Include: a.Include, Seed: a.Seed, PlannedAt: a.PlannedAt.UTC(), AppliedAt: moment(a.AppliedAt),
			Wishes: a.Wishes, Met: a.Met, Worth: a.Worth, FirstCome: a.FirstCome, FirstComeMet: a.FirstComeMet, Bound: a.Bound,
			Applied: a.Applied, Refused: a.Refused,
		})
	}
	return api.ListAllocations200JSONResponse{Body: body, Headers: api.ListAllocations200ResponseHeaders{Link: link}}, nil
}

// PlanAllocation finds slots and rooms for all meetings that wait.
func (h *handler) PlanAllocation(ctx context.Context, r api.PlanAllocationRequestObject) (api.PlanAllocationResponseObject, error) {
	seed := int64(1)
	if r.Body.Seed != nil {
		seed = *r.Body.Seed
	}
	id, replayed, err := once(ctx, h, r.Conference, "planAllocation", r.Params.IdempotencyKey, r.Body, func(id, actor string, _ int64, _ bool) (string, error) {
		a, err := h.meetings.PlanAllocation(ctx, r.Conference, id, actor, string(r.Body.Include), seed)
		return a.ID, err
	})
	if err != nil {
		return nil, err
	}
	body, err := h.allocation(ctx, r.Conference, id)
	if err != nil {
		return nil, err
	}
	return api.PlanAllocation201JSONResponse{Body: body, Headers: api.PlanAllocation201ResponseHeaders{IdempotencyReplayed: replayed}}, nil
}

// GetAllocation answers one allocation with all it says.
func (h *handler) GetAllocation(ctx context.Context, r api.GetAllocationRequestObject) (api.GetAllocationResponseObject, error) {
	body, err := h.allocation(ctx, r.Conference, r.Allocation)
	if err != nil {
		return nil, err
	}
	return api.GetAllocation200JSONResponse(body), nil
}

// ApplyAllocation gives the meetings of an allocation their slots and rooms.
func (h *handler) ApplyAllocation(ctx context.Context, r api.ApplyAllocationRequestObject) (api.ApplyAllocationResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := h.meetings.ApplyAllocation(ctx, r.Conference, r.Allocation, me.Actor()); err != nil {
		return nil, err
	}
	body, err := h.allocation(ctx, r.Conference, r.Allocation)
	if err != nil {
		return nil, err
	}
	return api.ApplyAllocation200JSONResponse(body), nil
}

func (h *handler) allocation(ctx context.Context, conference, id string) (api.Allocation, error) {
	a, lines, err := h.meetings.Allocation(ctx, conference, id)
	if err != nil {
		return api.Allocation{}, err
	}
	w, err := h.meetings.World(conference)
	if err != nil {
		return api.Allocation{}, err
	}
	out := api.Allocation{
		ID: a.ID, State: a.State, Include: a.Include, Seed: a.Seed, PlannedAt: a.PlannedAt.UTC(), AppliedAt: moment(a.AppliedAt),
		Worth: a.Worth, FirstCome: a.FirstCome, FirstComeMet: a.FirstComeMet, Bound: a.Bound, Timezone: w.Conference.Zone,
		Met: make([]api.AllocatedMeeting, 0, a.Met), Refused: []api.RefusedMeeting{}, Applied: make([]string, 0, a.Applied), Shares: shares(lines),
	}
	for _, l := range lines {
		if l.Code != meeting.NotMet {
			out.Met = append(out.Met, allocated(w.Agenda, l))
		}
		switch l.Code {
		case "":
		case meeting.Done:
			out.Applied = append(out.Applied, l.Meeting)
		default:
			out.Refused = append(out.Refused, api.RefusedMeeting{MeetingID: l.Meeting, Code: l.Code, Missing: missing(l.Missing)})
		}
	}
	return out, nil
}

func allocated(a programme.Agenda, l meeting.Line) api.AllocatedMeeting {
	room, _ := a.Room(l.Room)
	return api.AllocatedMeeting{
		MeetingID: l.Meeting, StartsAt: l.Slot.Start.UTC(), EndsAt: l.Slot.End.UTC(), RoomID: l.Room, RoomName: room.Name, Rank: l.Rank,
	}
}

func missing(all []meeting.Missing) []api.MissingResource {
	out := make([]api.MissingResource, 0, len(all))
	for _, m := range all {
		out = append(out, api.MissingResource{StartsAt: moment(m.Slot.Start), EndsAt: moment(m.Slot.End), What: m.What})
	}
	return out
}

// shares are how much of its meetings each delegation gets by the plan.
func shares(lines []meeting.Line) []api.AllocationShare {
	of := map[string]*api.AllocationShare{}
	for _, l := range lines {
		for _, d := range l.Sides {
			if of[d] == nil {
				of[d] = &api.AllocationShare{Delegation: d}
			}
			of[d].Wishes++
			if l.Code != meeting.NotMet {
				of[d].Met++
			}
		}
	}
	out := make([]api.AllocationShare, 0, len(of))
	for _, s := range of {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b api.AllocationShare) int {
		return cmp.Or(cmp.Compare(a.Met*b.Wishes, b.Met*a.Wishes), strings.Compare(a.Delegation, b.Delegation))
	})
	return out
}

// moment is t as it is answered; nil when it has not come.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
