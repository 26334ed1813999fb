package rest

import (
	"context"
	"encoding/json"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/rest/api"
	"plenary.example/services/notifications/internal/trial"
)

// TestPush tries a push on a phone of the caller's.
func (h *handler) TestPush(ctx context.Context, r api.TestPushRequestObject) (api.TestPushResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	wish := trial.Wish{Category: "session.moved", Urgency: push.Important, ValidateOnly: true}
	if r.Body.Category != nil {
		wish.Category = *r.Body.Category
	}
	if r.Body.Urgency != nil {
		wish.Urgency = push.Lane(*r.Body.Urgency)
	}
	if r.Body.ValidateOnly != nil {
		wish.ValidateOnly = *r.Body.ValidateOnly
	}
	got, err := h.Trials.Send(ctx, me.Conference, me.Delegate, r.Installation, wish)
	if err != nil {
		return nil, err
	}
	out := api.TestPushResult{ValidateOnly: wish.ValidateOnly, Outcome: got.Result.Outcome.String(), Bytes: len(got.Request), Reason: got.Result.Reason}
	if err := json.Unmarshal(got.Request, &out.Request); err != nil {
		return nil, err
	}
	return api.TestPush200JSONResponse(out), nil
}
