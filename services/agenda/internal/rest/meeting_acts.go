package rest

import (
	"context"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// A rule is what becomes of a meeting when somebody does something.
type rule func(w meeting.World, m meeting.Meeting, by meeting.By) (meeting.Plan, error)

// actUpon does something to a meeting that the caller has seen, and answers it as
// it is then.
func (h *handler) actUpon(ctx context.Context, conference, id, ifMatch string, acceptLanguage *string, do rule) (api.Meeting, api.AcceptMeeting200ResponseHeaders, error) {
	var none api.AcceptMeeting200ResponseHeaders
	revision, err := httpd.IfMatch(ifMatch)
	if err != nil {
		return api.Meeting{}, none, err
	}
	me, m, err := h.met(ctx, conference, id, revision)
	if err != nil {
		return api.Meeting{}, none, err
	}
	if err := exactly(revision); err != nil {
		return api.Meeting{}, none, err
	}
	by := byWhom(me, m)
	m, err = h.meetings.Do(ctx, conference, id, revision, by, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) {
		return do(w, m, by)
	})
	if err != nil {
		return api.Meeting{}, none, err
	}
	body, etag, language, err := h.meetingFor(ctx, me, m, acceptLanguage)
	return body, api.AcceptMeeting200ResponseHeaders{ContentLanguage: language, ETag: etag}, err
}

// exactly refuses a revision no meeting has: to whoever keeps meetings it would
// stand for any.
func exactly(revision int64) error {
	if revision < 1 {
		return problem.New(problem.Stale, "stale", "The meeting has changed since. Read it again.")
	}
	return nil
}

// RequestMeeting asks another delegation for a meeting.
func (h *handler) RequestMeeting(ctx context.Context, r api.RequestMeetingRequestObject) (api.RequestMeetingResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	by := meeting.By{Actor: me.Actor(), Delegation: me.Delegation}
	asked := meeting.Asked{
		Delegation: r.Body.Delegation, Level: meeting.Level(r.Body.Level), Principals: list(r.Body.Principals), Head: yes(r.Body.Head),
		Interpreters: list(r.Body.Interpreters), Plus: number(r.Body.Plus), WithPrincipals: list(r.Body.WithPrincipals), WithHead: yes(r.Body.WithHead),
		Topic: text(r.Body.Topic), Languages: list(r.Body.Languages), Minutes: number(r.Body.Minutes), Starts: starts(r.Body.Slots),
		Place: text(r.Body.Place), Note: text(r.Body.Note),
	}
	m, replayed, err := h.created(ctx, r.Conference, "requestMeeting", r.Params.IdempotencyKey, r.Body, by, func(w meeting.World) (meeting.Plan, error) {
		return w.Request(asked, by)
	})
	if err != nil {
		return nil, err
	}
	body, etag, language, err := h.meetingFor(ctx, me, m, r.Params.AcceptLanguage)
	if err != nil {
		return nil, err
	}
	return api.RequestMeeting201JSONResponse{Body: body, Headers: api.RequestMeeting201ResponseHeaders{
		ContentLanguage: language, ETag: etag, IdempotencyReplayed: replayed,
	}}, nil
}

// created makes a meeting once, however often the request for it is repeated
// under its key. Only the id is kept for the repeats: what a meeting is about
// lies in the meeting and nowhere else.
func (h *handler) created(ctx context.Context, conference, route string, key *string, body any, by meeting.By, decide func(meeting.World) (meeting.Plan, error)) (m meeting.Meeting, replayed bool, err error) {
	id, replayed, err := once(ctx, h, conference, route, key, body, func(id, _ string, _ int64, again bool) (string, error) {
		if again {
			if _, err := h.meetings.Meeting(ctx, conference, id, 0); err == nil || !problem.Is(err, problem.NotFound) {
				return id, err // an earlier attempt got so far
			}
		}
		m, err = h.meetings.Add(ctx, conference, id, by, decide)
		return id, err
	})
	if err == nil && m.ID == "" {
		m, err = h.meetings.Meeting(ctx, conference, id, 0)
	}
	return m, replayed, err
}

func starts(choices api.SlotChoices) []time.Time {
	out := make([]time.Time, 0, len(choices))
	for _, c := range choices {
		out = append(out, c.StartsAt)
	}
	return out
}

func yes(b *bool) bool { return b != nil && *b }

func number(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// AcceptMeeting agrees to what is proposed, or to meet when the desk says.
func (h *handler) AcceptMeeting(ctx context.Context, r api.AcceptMeetingRequestObject) (api.AcceptMeetingResponseObject, error) {
	a := meeting.Acceptance{Plus: r.Body.Plus, WithoutRoom: yes(r.Body.WithoutRoom)}
	if r.Body.StartsAt != nil {
		a.Start = *r.Body.StartsAt
	}
	if r.Body.Principals != nil {
		a.Principals = append([]string{}, *r.Body.Principals...)
	}
	if r.Body.Interpreters != nil {
		a.Interpreters = append([]string{}, *r.Body.Interpreters...)
	}
	if with, err := h.swapsWith(ctx, r.Conference, r.Meeting); err != nil {
		return nil, err
	} else if with != "" {
		if err := dropped(*r.Body, true); err != nil {
			return nil, err
		}
		body, headers, err := h.actUponTwo(ctx, r.Conference, r.Meeting, with, r.Params.IfMatch, r.Params.AcceptLanguage, meeting.World.CompleteSwap)
		if problem.Is(err, problem.NotFound) { // the other one: this one is there
			err = problem.New(problem.Conflict, "swap_off", "The other meeting is not for this swap any more.")
		}
		if err != nil {
			return nil, err
		}
		return api.AcceptMeeting200JSONResponse{Body: body, Headers: headers}, nil
	}
	body, headers, err := h.actUpon(ctx, r.Conference, r.Meeting, r.Params.IfMatch, r.Params.AcceptLanguage, func(w meeting.World, m meeting.Meeting, by meeting.By) (meeting.Plan, error) {
		alone := m.Proposal != nil && m.Proposal.Kind == meeting.Substitution
		if err := dropped(*r.Body, alone); err != nil {
			return meeting.Plan{}, err
		}
		if yes(r.Body.LeaveToDesk) {
			return w.Agree(m, by, a)
		}
		return w.Accept(m, by, a)
	})
	if err != nil {
		return nil, err
	}
	return api.AcceptMeeting200JSONResponse{Body: body, Headers: headers}, nil
}

// dropped refuses what would go unheard in an acceptance: a slot and a room where
// they are left to the desk, and anything at all where there is nothing to choose.
func dropped(b api.MeetingAcceptance, alone bool) error {
	toDesk := yes(b.LeaveToDesk)
	for _, member := range []struct {
		pointer string
		unheard bool
	}{
		{"/startsAt", b.StartsAt != nil && (alone || toDesk)},
		{"/withoutRoom", yes(b.WithoutRoom) && (alone || toDesk)},
		{"/principals", b.Principals != nil && alone},
		{"/interpreters", b.Interpreters != nil && alone},
		{"/plus", b.Plus != nil && alone},
		{"/leaveToDesk", toDesk && alone},
	} {
		if member.unheard {
			return badField(member.pointer, "means_nothing_here", "That means nothing for what is accepted here.")
		}
	}
	return nil
}

// swapsWith is the other meeting of the swap that is proposed for one; empty when
// none is, as far as this replica knows: the rules know better.
func (h *handler) swapsWith(ctx context.Context, conference, id string) (string, error) {
	_, m, err := h.met(ctx, conference, id, 0)
	if err != nil || m.Proposal == nil || m.Proposal.Kind != meeting.Swap {
		return "", err
	}
	return m.Proposal.With, nil
}

// CounterMeeting answers slots with other slots.
func (h *handler) CounterMeeting(ctx context.Context, r api.CounterMeetingRequestObject) (api.CounterMeetingResponseObject, error) {
	body, headers, err := h.actUpon(ctx, r.Conference, r.Meeting, r.Params.IfMatch, r.Params.AcceptLanguage, func(w meeting.World, m meeting.Meeting, by meeting.By) (meeting.Plan, error) {
		return w.Counter(m, by, starts(r.Body.Slots), text(r.Body.Note))
	})
	if err != nil {
		return nil, err
	}
	return api.CounterMeeting200JSONResponse{Body: body, Headers: api.CounterMeeting200ResponseHeaders(headers)}, nil
}

// unpropose ends what is proposed for a meeting that the caller has seen: a swap
// for both its meetings at one stroke, so that nobody goes on waiting for it.
func (h *handler) unpropose(ctx context.Context, conference, id, ifMatch string, acceptLanguage *string, end rule) (api.Meeting, api.AcceptMeeting200ResponseHeaders, error) {
	with, err := h.swapsWith(ctx, conference, id)
	if err != nil {
		return api.Meeting{}, api.AcceptMeeting200ResponseHeaders{}, err
	}
	if with != "" {
		body, headers, err := h.actUponTwo(ctx, conference, id, with, ifMatch, acceptLanguage, func(w meeting.World, m, other meeting.Meeting, by meeting.By) ([]meeting.Plan, error) {
			return w.EndSwap(m, other, func(w meeting.World, m meeting.Meeting) (meeting.Plan, error) { return end(w, m, by) })
		})
		if !problem.Is(err, problem.NotFound) {
			return body, headers, err
		} // the other one: this one is there
	}
	return h.actUpon(ctx, conference, id, ifMatch, acceptLanguage, end)
}

// DeclineMeeting turns down what is proposed.
func (h *handler) DeclineMeeting(ctx context.Context, r api.DeclineMeetingRequestObject) (api.DeclineMeetingResponseObject, error) {
	body, headers, err := h.unpropose(ctx, r.Conference, r.Meeting, r.Params.IfMatch, r.Params.AcceptLanguage, func(w meeting.World, m meeting.Meeting, by meeting.By) (meeting.Plan, error) {
		return w.Decline(m, by, text(r.Body.Reason))
	})
	if err != nil {
		return nil, err
	}
	return api.DeclineMeeting200JSONResponse{Body: body, Headers: api.DeclineMeeting200ResponseHeaders(headers)}, nil
}

// WithdrawMeeting takes back what the caller's side proposed.
func (h *handler) WithdrawMeeting(ctx context.Context, r api.WithdrawMeetingRequestObject) (api.WithdrawMeetingResponseObject, error) {
	body, headers, err := h.unpropose(ctx, r.Conference, r.Meeting, r.Params.IfMatch, r.Params.AcceptLanguage, func(w meeting.World, m meeting.Meeting, by meeting.By) (meeting.Plan, error) {
		return w.Withdraw(m, by, text(r.Body.Reason))
	})
	if err != nil {
		return nil, err
	}
	return api.WithdrawMeeting200JSONResponse{Body: body, Headers: api.WithdrawMeeting200ResponseHeaders(headers)}, nil
}

// CancelMeeting calls a meeting off.
func (h *handler) CancelMeeting(ctx context.Context, r api.CancelMeetingRequestObject) (api.CancelMeetingResponseObject, error) {
	body, headers, err := h.actUpon(ctx, r.Conference, r.Meeting, r.Params.IfMatch, r.Params.AcceptLanguage, func(w meeting.World, m meeting.Meeting, by meeting.By) (meeting.Plan, error) {
		return w.Cancel(m, by, r.Body.Reason)
	})
	if err != nil {
		return nil, err
	}
	return api.CancelMeeting200JSONResponse{Body: body, Headers: api.CancelMeeting200ResponseHeaders(headers)}, nil
}
