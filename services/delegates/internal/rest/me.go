package rest

import (
	"context"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/rest/api"
	"plenary.example/shared/httpd"
)

// GetMe answers GET /v1/me.
func (h peopleHandler) GetMe(ctx context.Context, _ api.GetMeRequestObject) (api.GetMeResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	d, err := h.room.Book.Accredited(ctx, who.Conference, who.Delegate)
	if err != nil {
		return nil, err
	}
	body, err := h.me(ctx, d)
	if err != nil {
		return nil, err
	}
	return api.GetMe200JSONResponse{Headers: api.GetMe200ResponseHeaders{ETag: httpd.ETag(d.Revision, "")}, Body: body}, nil
}

// UpdateMe answers PATCH /v1/me.
func (h peopleHandler) UpdateMe(ctx context.Context, r api.UpdateMeRequestObject) (api.UpdateMeResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	d, err := h.room.Office.ChooseForSelf(ctx, who, revision, func(d *delegate.Delegate) {
		set(&d.Languages, r.Body.Languages)
		agree(&d.Consent, r.Body.Consent)
		patch(&d.Telephone, r.Body.Telephone)
	})
	if err != nil {
		return nil, err
	}
	body, err := h.me(ctx, d)
	if err != nil {
		return nil, err
	}
	return api.UpdateMe200JSONResponse{Headers: api.UpdateMe200ResponseHeaders{ETag: httpd.ETag(d.Revision, "")}, Body: body}, nil
}

// me is what people see of themselves: all of it.
func (h peopleHandler) me(ctx context.Context, d delegate.Delegate) (api.Me, error) {
	g, err := h.room.Book.Delegation(ctx, d.Conference, d.Delegation)
	if err != nil {
		return api.Me{}, err
	}
	return api.Me{
		ID: d.ID, Conference: d.Conference, Accreditation: d.Accreditation, Name: d.Name, Function: d.Function, Rank: d.Rank,
		Delegation: api.Delegation{ID: g.ID, Designation: g.DesignationIn(d.Languages), Kind: g.Kind},
		Roles:      append([]string{}, d.Roles...), Languages: append([]string{}, d.Languages...),
		Email: d.Email, Telephone: d.Telephone, Consent: consent(d.Consent), ErasureAskedAt: moment(d.ErasureAskedAt), Revision: d.Revision,
	}, nil
}
