package rest

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/oapi-codegen/nullable"

	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/problem"
)

// history is what was released.
type history interface {
	At(ctx context.Context, id string, revision int64) (programme.Agenda, error)
	ReleaseAt(ctx context.Context, id string, revision int64) (programme.Release, error)
	RollBack(ctx context.Context, id string, revision int64, command string, since int64, again bool, o draft.Order) (draft.Outcome, error)
}

// ordered is what the caller wants released.
func ordered(ctx context.Context, note *string, count *int, acknowledged *[]string) (draft.Order, error) {
	by, err := who(ctx)
	if err != nil {
		return draft.Order{}, err
	}
	r := &reader{}
	r.line("/note", text(note), true)
	return draft.Order{Actor: by.Actor(), Machine: by.Key != "", Note: text(note), Count: count, Acknowledged: list(acknowledged)}, r.err()
}

// GetDraftChanges answers what releasing the draft would change, and whom it
// would reach.
func (h *handler) GetDraftChanges(ctx context.Context, r api.GetDraftChangesRequestObject) (api.GetDraftChangesResponseObject, error) {
	v, err := h.draftSeen(ctx, r.Conference)
	if err != nil {
		return nil, err
	}
	all := programme.Changes(v.agenda, v.merged)
	toll, err := h.drafts.Toll(ctx, r.Conference, all)
	if err != nil {
		return nil, err
	}
	trips, err := h.drafts.Trips(r.Conference, all, toll)
	if err != nil {
		return nil, err
	}
	return api.GetDraftChanges200JSONResponse{Body: api.DraftChanges{
		Draft: v.Revision, Agenda: v.agenda.Revision, Sessions: sessionChanges(all, v.facts, v.agenda, v.merged, v.facts.Now(h.now())),
		Rooms: roomChanges(v.agenda, v.merged), Totals: totals(toll), Breaker: api.Breaker{Tripped: len(trips) > 0, Rules: rules(trips)},
	}, Headers: api.GetDraftChanges200ResponseHeaders{ETag: v.tag().String()}}, nil
}

// ReleaseDraft makes the draft the next revision, or answers that it waits.
func (h *handler) ReleaseDraft(ctx context.Context, r api.ReleaseDraftRequestObject) (api.ReleaseDraftResponseObject, error) {
	tag, err := readTag(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	o, err := ordered(ctx, r.Body.Note, typed(r.Body.Confirm), r.Body.Acknowledged)
	if err != nil {
		return nil, err
	}
	if err := h.agendas.Heard(ctx, r.Conference, tag.agenda); err != nil {
		return nil, err
	}
	out, err := h.drafts.ReleaseDraft(ctx, r.Conference, tag.draft, o)
	switch {
	case err != nil:
		return nil, err
	case out.Held != nil:
		return api.ReleaseDraft202JSONResponse{Body: held(*out.Held), Headers: api.ReleaseDraft202ResponseHeaders{ETag: heldTag(out).String()}}, nil
	}
	return api.ReleaseDraft200JSONResponse{Body: release(out.Release), Headers: api.ReleaseDraft200ResponseHeaders{PlenaryRevision: out.Release.Revision}}, nil
}

func heldTag(o draft.Outcome) draftTag { return draftTag{o.Draft.Revision, o.Held.Agenda} }

func typed(c *api.Confirmation) *int {
	if c == nil {
		return nil
	}
	return &c.Count
}

// ConfirmRelease releases what waits.
func (h *handler) ConfirmRelease(ctx context.Context, r api.ConfirmReleaseRequestObject) (api.ConfirmReleaseResponseObject, error) {
	tag, err := readTag(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	o, err := ordered(ctx, nil, r.Body.Count, nil)
	if err != nil {
		return nil, err
	}
	out, err := h.drafts.ConfirmRelease(ctx, r.Conference, tag.draft, o)
	if err != nil {
		return nil, err
	}
	return api.ConfirmRelease200JSONResponse{Body: release(out.Release), Headers: api.ConfirmRelease200ResponseHeaders{PlenaryRevision: out.Release.Revision}}, nil
}

// WithdrawRelease takes back what waits.
func (h *handler) WithdrawRelease(ctx context.Context, r api.WithdrawReleaseRequestObject) (api.WithdrawReleaseResponseObject, error) {
	if err := h.drafts.WithdrawRelease(ctx, r.Conference); err != nil {
		return nil, err
	}
	return api.WithdrawRelease204Response{}, nil
}

// RollBack goes back to a revision, or answers that it waits.
func (h *handler) RollBack(ctx context.Context, r api.RollBackRequestObject) (api.RollBackResponseObject, error) {
	type answer struct {
		Release api.Release
		Held    *api.HeldRelease
	}
	o, err := ordered(ctx, r.Body.Note, typed(r.Body.Confirm), nil)
	if err != nil {
		return nil, err
	}
	route := "rollBack/" + strconv.FormatInt(r.Revision, 10)
	out, replayed, err := once(ctx, h, r.Conference, route, r.Params.IdempotencyKey, r.Body, func(id, _ string, since int64, again bool) (answer, error) {
		out, err := h.history.RollBack(ctx, r.Conference, r.Revision, id, since, again, o)
		if err != nil || out.Held == nil {
			return answer{Release: release(out.Release)}, err
		}
		held := held(*out.Held)
		return answer{Held: &held}, nil
	})
	switch {
	case err != nil:
		return nil, err
	case out.Held != nil:
		return api.RollBack202JSONResponse(*out.Held), nil
	}
	return api.RollBack200JSONResponse{Body: out.Release, Headers: api.RollBack200ResponseHeaders{
		PlenaryRevision: out.Release.Revision, IdempotencyReplayed: replayed,
	}}, nil
}

// ListReleases answers what was released, the newest first.
func (h *handler) ListReleases(ctx context.Context, r api.ListReleasesRequestObject) (api.ListReleasesResponseObject, error) {
	_, agenda, err := h.agendas.Conference(r.Conference)
	if err != nil {
		return nil, err
	}
	limit, from := 50, agenda.Revision
	if r.Params.Limit != nil {
		limit = *r.Params.Limit
	}
	if r.Params.Cursor != nil {
		if from, err = readReleaseCursor(*r.Params.Cursor); err != nil {
			return nil, err
		}
		if err := h.agendas.Heard(ctx, r.Conference, from); err != nil {
			return nil, err
		}
	}
	list := api.ReleaseList{Items: []api.Release{}, Page: api.Page{NextCursor: nullable.NewNullNullable[string]()}}
	for ; from > 0 && len(list.Items) < limit; from-- {
		made, err := h.history.ReleaseAt(ctx, r.Conference, from)
		if problem.Is(err, problem.NotFound) {
			from = 0 // older ones are not kept
			break
		}
		if err != nil {
			return nil, err
		}
		list.Items = append(list.Items, release(made))
	}
	headers := api.ListReleases200ResponseHeaders{}
	if from > 0 {
		next := base64.RawURLEncoding.EncodeToString([]byte(releaseCursor + strconv.FormatInt(from, 10)))
		list.Page = api.Page{HasMore: true, NextCursor: nullable.NewNullableWithValue(next)}
		filters := url.Values{"cursor": {next}, "limit": {strconv.Itoa(limit)}}
		link := "<" + "/v1/conferences/" + url.PathEscape(r.Conference) + "/releases?" + filters.Encode() + `>; rel="next"`
		headers.Link = &link
	}
	return api.ListReleases200JSONResponse{Body: list, Headers: headers}, nil
}

const releaseCursor = "releases/"

func readReleaseCursor(s string) (int64, error) {
	plain, err := base64.RawURLEncoding.Strict().DecodeString(s)
	number, ours := strings.CutPrefix(string(plain), releaseCursor)
	revision, numErr := strconv.ParseInt(number, 10, 64)
	if err != nil || !ours || numErr != nil || revision < 1 || number[0] == '+' {
		return 0, problem.New(problem.Malformed, "bad_cursor", "This cursor does not belong to this list. Begin again without it.").
			With(problem.Field{Parameter: "cursor", Code: "bad_cursor", Detail: "Not given out for this list."})
	}
	return revision, nil
}

// GetReleaseChanges answers what one release changed.
func (h *handler) GetReleaseChanges(ctx context.Context, r api.GetReleaseChangesRequestObject) (api.GetReleaseChangesResponseObject, error) {
	facts, _, err := h.agendas.Conference(r.Conference)
	if err != nil {
		return nil, err
	}
	made, err := h.history.ReleaseAt(ctx, r.Conference, r.Revision)
	if err != nil {
		return nil, err
	}
	diff, err := h.difference(ctx, facts, r.Revision-1, r.Revision, facts.Now(made.At))
	return api.GetReleaseChanges200JSONResponse(diff), err
}

// CompareRevisions answers what differs between two revisions.
func (h *handler) CompareRevisions(ctx context.Context, r api.CompareRevisionsRequestObject) (api.CompareRevisionsResponseObject, error) {
	facts, _, err := h.agendas.Conference(r.Conference)
	if err != nil {
		return nil, err
	}
	diff, err := h.difference(ctx, facts, r.Params.From, r.Params.To, facts.Now(h.now()))
	return api.CompareRevisions200JSONResponse(diff), err
}

func (h *handler) difference(ctx context.Context, facts programme.Conference, from, to int64, now time.Time) (api.AgendaDifference, error) {
	a, err := h.history.At(ctx, facts.ID, from)
	if err != nil {
		return api.AgendaDifference{}, err
	}
	b, err := h.history.At(ctx, facts.ID, to)
	if err != nil {
		return api.AgendaDifference{}, err
	}
	return api.AgendaDifference{From: from, To: to, Sessions: sessionChanges(programme.Changes(a, b), facts, a, b, now), Rooms: roomChanges(a, b)}, nil
}

func sessionChanges(all []programme.Change, facts programme.Conference, from, to programme.Agenda, now time.Time) []api.SessionChange {
	out := make([]api.SessionChange, 0, len(all))
	languages := append([]string{"en"}, facts.Languages...)
	for _, c := range all {
		urgency, notice := c.Severity(now)
		x := api.SessionChange{SessionID: c.Session, Title: c.Latest().Title.In(languages...), Fields: []string{}, Details: []api.FieldChange{}, Severity: string(urgency), Notice: notice}
		for _, f := range c.Fields {
			x.Fields = append(x.Fields, string(f))
		}
		for _, d := range c.Details(from, to, languages...) {
			x.Details = append(x.Details, api.FieldChange{Field: string(d.Field), Before: d.Before, After: d.After})
		}
		out = append(out, x)
	}
	return out
}

func roomChanges(from, to programme.Agenda) []api.RoomChange {
	out := []api.RoomChange{}
	for _, c := range programme.RoomChanges(from, to) {
		x := api.RoomChange{RoomID: c.Room, Change: "changed"}
		if c.Before != nil {
			before := room(*c.Before)
			x.Before = &before
		} else {
			x.Change = "created"
		}
		if c.After != nil {
			after := room(*c.After)
			x.After = &after
		} else {
			x.Change = "removed"
		}
		out = append(out, x)
	}
	return out
}

// release is one as it is listed.
func release(r programme.Release) api.Release {
	out := api.Release{Revision: r.Revision, At: r.At.UTC(), Actor: r.Actor, Note: r.Note, Kind: r.Kind, Restores: r.Restores, Counts: api.ReleaseCounts{Rooms: len(r.Rooms) + len(r.RemovedRooms)}}
	if out.Kind == "" {
		out.Kind = programme.Live
	}
	for _, c := range r.Changes() {
		switch {
		case c.Before == nil:
			out.Counts.Created++
		case c.After == nil:
			out.Counts.Removed++
		case c.Is(programme.InStatus) && c.After.Status == programme.Cancelled:
			out.Counts.Cancelled++
		default:
			out.Counts.Changed++
		}
	}
	return out
}

func held(h draft.Hold) api.HeldRelease {
	out := api.HeldRelease{HeldAt: h.At.UTC(), Actor: h.By, Kind: programme.Drafted, Note: h.Note, Restores: h.Restores, Count: h.Toll.Notices, Rules: rules(h.Trips), Totals: totals(h.Toll)}
	if h.Restores > 0 {
		out.Kind = programme.RollBack
	}
	return out
}

// rules say which rules of the breaker tripped, with their figures.
func rules(trips []programme.Trip) []api.BreakerRule {
	out := make([]api.BreakerRule, 0, len(trips))
	for _, t := range trips {
		count, of, minutes := strconv.Itoa(t.Count), strconv.Itoa(t.Of), strconv.Itoa(int(t.Shift.Minutes()))
		x := api.BreakerRule{Code: t.Rule}
		switch t.Rule {
		case programme.TripShare:
			x.Detail = fmt.Sprintf("It changes %s of %s coming sessions.", count, of)
			x.Params = &map[string]string{"sessions": count, "coming": of}
		case programme.TripTogether:
			x.Detail = fmt.Sprintf("It moves %s sessions, %s of them by %s minutes.", of, count, minutes)
			x.Params = &map[string]string{"sessions": of, "same": count, "minutes": minutes}
		case programme.TripMessages:
			x.Detail = fmt.Sprintf("It sends %s notices to %s participants.", count, of)
			x.Params = &map[string]string{"notices": count, "participants": of}
		}
		out = append(out, x)
	}
	return out
}

func totals(t programme.Toll) api.ReachByUrgency {
	of := func(u programme.Urgency) api.Reach {
		s := t.ByUrgency[u]
		r := api.Reach{Notices: s.Notices, People: s.Count, Phones: nullable.NewNullNullable[int]()}
		switch {
		case s.Phones != nil:
			r.Phones = nullable.NewNullableWithValue(*s.Phones)
		case s.Count == 0:
			r.Phones = nullable.NewNullableWithValue(0) // nobody has none
		}
		return r
	}
	return api.ReachByUrgency{Urgent: of(programme.Urgent), Important: of(programme.Important), Routine: of(programme.Routine)}
}
