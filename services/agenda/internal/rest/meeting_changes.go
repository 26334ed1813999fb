package rest

import (
	"context"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// RescheduleMeeting proposes other slots for a meeting that stands.
func (h *handler) RescheduleMeeting(ctx context.Context, r api.RescheduleMeetingRequestObject) (api.RescheduleMeetingResponseObject, error) {
	body, headers, err := h.actUpon(ctx, r.Conference, r.Meeting, r.Params.IfMatch, r.Params.AcceptLanguage, func(w meeting.World, m meeting.Meeting, by meeting.By) (meeting.Plan, error) {
		return w.Reschedule(m, by, starts(r.Body.Slots), text(r.Body.Note))
	})
	if err != nil {
		return nil, err
	}
	return api.RescheduleMeeting200JSONResponse{Body: body, Headers: api.RescheduleMeeting200ResponseHeaders(headers)}, nil
}

// SwapMeetings proposes that two meetings exchange their slots.
func (h *handler) SwapMeetings(ctx context.Context, r api.SwapMeetingsRequestObject) (api.SwapMeetingsResponseObject, error) {
	me, m, err := h.met(ctx, r.Conference, r.Meeting, 0)
	if err != nil {
		return nil, err
	}
	if r.Body.With == m.ID {
		return nil, badField("/with", "same_meeting", "That is the meeting itself.")
	}
	by := byWhom(me, m)
	_, other, err := h.met(ctx, r.Conference, r.Body.With, 0)
	switch {
	case problem.Is(err, problem.NotFound), err == nil && !by.Desk && !other.Party(by.Delegation):
		return nil, badField("/with", "meeting_unknown", "Your delegation has no such meeting.")
	case err != nil:
		return nil, err
	}
	body, headers, err := h.actUponTwo(ctx, r.Conference, r.Meeting, r.Body.With, r.Params.IfMatch, r.Params.AcceptLanguage, func(w meeting.World, m, other meeting.Meeting, by meeting.By) ([]meeting.Plan, error) {
		plans, err := w.ProposeSwap(m, other, by, text(r.Body.Note))
		return plans, elsewhere(err, "/startsAt", "/with")
	})
	if err != nil {
		return nil, err
	}
	return api.SwapMeetings200JSONResponse{Body: body, Headers: api.SwapMeetings200ResponseHeaders(headers)}, nil
}

// actUponTwo does something to a meeting that the caller has seen and to another
// one at one stroke, and answers the first.
func (h *handler) actUponTwo(ctx context.Context, conference, id, with, ifMatch string, acceptLanguage *string, do func(w meeting.World, m, other meeting.Meeting, by meeting.By) ([]meeting.Plan, error)) (api.Meeting, api.AcceptMeeting200ResponseHeaders, error) {
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
	after, err := h.meetings.DoAll(ctx, conference, by, []string{id, with}, []int64{revision, 0}, func(w meeting.World, both []meeting.Meeting) ([]meeting.Plan, error) {
		return do(w, both[0], both[1], by)
	})
	if err != nil {
		return api.Meeting{}, none, err
	}
	body, etag, language, err := h.meetingFor(ctx, me, after[0], acceptLanguage)
	return body, api.AcceptMeeting200ResponseHeaders{ContentLanguage: language, ETag: etag}, err
}

// badField refuses what stands at pointer.
func badField(pointer, code, detail string) error {
	return problem.New(problem.Invalid, code, "%s", detail).With(problem.Field{Pointer: pointer, Code: code, Detail: detail})
}

// SubstitutePrincipal puts a delegate in the place of another.
func (h *handler) SubstitutePrincipal(ctx context.Context, r api.SubstitutePrincipalRequestObject) (api.SubstitutePrincipalResponseObject, error) {
	body, headers, err := h.actUpon(ctx, r.Conference, r.Meeting, r.Params.IfMatch, r.Params.AcceptLanguage, func(w meeting.World, m meeting.Meeting, by meeting.By) (meeting.Plan, error) {
		return w.Substitute(m, by, text(r.Body.Out), r.Body.In)
	})
	if err != nil {
		return nil, err
	}
	return api.SubstitutePrincipal200JSONResponse{Body: body, Headers: api.SubstitutePrincipal200ResponseHeaders(headers)}, nil
}

// ExtendMeeting lets a meeting end later.
func (h *handler) ExtendMeeting(ctx context.Context, r api.ExtendMeetingRequestObject) (api.ExtendMeetingResponseObject, error) {
	body, headers, err := h.actUpon(ctx, r.Conference, r.Meeting, r.Params.IfMatch, r.Params.AcceptLanguage, func(w meeting.World, m meeting.Meeting, by meeting.By) (meeting.Plan, error) {
		return w.Extend(m, by, r.Body.Cells)
	})
	if err != nil {
		return nil, err
	}
	return api.ExtendMeeting200JSONResponse{Body: body, Headers: api.ExtendMeeting200ResponseHeaders(headers)}, nil
}

// ReconfirmMeeting says that the caller's side still comes.
func (h *handler) ReconfirmMeeting(ctx context.Context, r api.ReconfirmMeetingRequestObject) (api.ReconfirmMeetingResponseObject, error) {
	body, headers, err := h.actUpon(ctx, r.Conference, r.Meeting, r.Params.IfMatch, r.Params.AcceptLanguage, func(w meeting.World, m meeting.Meeting, by meeting.By) (meeting.Plan, error) {
		return w.Reconfirm(m, by)
	})
	if err != nil {
		return nil, err
	}
	return api.ReconfirmMeeting200JSONResponse{Body: body, Headers: api.ReconfirmMeeting200ResponseHeaders(headers)}, nil
}
