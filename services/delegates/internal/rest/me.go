package rest

import (
	"context"

	"plenary.example/services/delegates/internal/rest/api"
	"plenary.example/shared/caller"
	"plenary.example/shared/problem"
)

// GetMe answers GET /v1/me.
func (h peopleHandler) GetMe(ctx context.Context, _ api.GetMeRequestObject) (api.GetMeResponseObject, error) {
	who, ok := caller.From(ctx)
	if !ok {
		return nil, problem.New(problem.Unauthenticated, "token_missing", "Sign in first.")
	}
	d, err := h.room.Directory.Delegate(ctx, who.Conference, who.Delegate)
	if err != nil {
		return nil, err
	}
	g, err := h.room.Directory.Delegation(ctx, who.Conference, d.Delegation)
	if err != nil {
		return nil, err
	}
	return api.GetMe200JSONResponse{
		Headers: api.GetMe200ResponseHeaders{ETag: `"0"`},
		Body: api.Me{
			ID: d.ID, Conference: d.Conference, Accreditation: d.Accreditation, Name: d.Name, Function: d.Function, Rank: d.Rank,
			Delegation: api.Delegation{ID: g.ID, Designation: g.DesignationIn(d.Languages), Kind: g.Kind},
			Roles:      append([]string{}, d.Roles...), Languages: append([]string{}, d.Languages...),
		},
	}, nil
}
