package rest

import (
	"context"

	"plenary.example/services/agenda/internal/rest/api"
)

// ListPicks answers what the caller picked.
func (h *handler) ListPicks(ctx context.Context, _ api.ListPicksRequestObject) (api.ListPicksResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	picks, err := h.picks.PicksOf(me.Conference, me.Delegate)
	if err != nil {
		return nil, err
	}
	list := api.PickList{Items: make([]api.Pick, 0, len(picks))}
	for _, p := range picks {
		list.Items = append(list.Items, api.Pick{SessionID: p.Session, PickedAt: p.At})
	}
	return api.ListPicks200JSONResponse(list), nil
}

// PickSession adds to what the caller picked.
func (h *handler) PickSession(ctx context.Context, r api.PickSessionRequestObject) (api.PickSessionResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.picks.Pick(ctx, me.Conference, me.Delegate, r.Session, r.Params.PlenaryRevision); err != nil {
		return nil, err
	}
	return api.PickSession204Response{}, nil
}

// UnpickSession takes away from what the caller picked.
func (h *handler) UnpickSession(ctx context.Context, r api.UnpickSessionRequestObject) (api.UnpickSessionResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.picks.Unpick(ctx, me.Conference, me.Delegate, r.Session); err != nil {
		return nil, err
	}
	return api.UnpickSession204Response{}, nil
}
