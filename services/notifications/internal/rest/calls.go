package rest

import (
	"context"

	"plenary.example/services/notifications/internal/rest/api"
	"plenary.example/shared/event"
)

// GetCallList answers whom the desk has to call.
func (h *handler) GetCallList(ctx context.Context, r api.GetCallListRequestObject) (api.GetCallListResponseObject, error) {
	locale := given(r.Params.AcceptLanguage)
	reader, language := h.Reader(r.Conference, locale), h.Words.Language(locale)
	calls := h.Ladder.Calls(r.Conference)
	var people []string
	for _, c := range calls {
		people = append(people, c.Principals...)
	}
	known := h.Callees.People(ctx, r.Conference, event.ForCalls, []string{language}, people...)
	list := api.CallList{Items: make([]api.Call, 0, len(calls))}
	for _, c := range calls {
		n, ok := h.Ladder.About(c)
		if !ok {
			continue
		}
		line := api.Call{ID: c.ID, Delegation: c.Delegation, Since: c.OpenedAt, Title: h.sent(n, reader).Title, People: []api.Callee{}}
		if !n.ExpiresAt.IsZero() {
			line.Until = &n.ExpiresAt
		}
		for _, delegate := range c.Principals {
			if !h.Ladder.Roster.May(c.Conference, delegate) || h.Receipts.Of(c.Conference, delegate).HasAcknowledged(n.Seq) {
				continue
			}
			p := known[delegate]
			line.Designation = p.Designation
			line.People = append(line.People, api.Callee{DelegateID: delegate, Name: p.Name, Function: p.Function, Telephone: p.Telephone})
		}
		list.Items = append(list.Items, line)
	}
	return api.GetCallList200JSONResponse{Body: list, Headers: api.GetCallList200ResponseHeaders{ContentLanguage: language}}, nil
}

// ReportCalls takes which calls the desk has made.
func (h *handler) ReportCalls(ctx context.Context, r api.ReportCallsRequestObject) (api.ReportCallsResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	found, err := h.Ladder.Called(ctx, r.Conference, me.Delegate, r.Body.Ids)
	if err != nil {
		return nil, err
	}
	return api.ReportCalls200JSONResponse{Taken: found, Ignored: len(r.Body.Ids) - found}, nil
}
