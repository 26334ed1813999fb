package rest

import (
	"context"
	"strconv"

	"github.com/oapi-codegen/nullable"

	"plenary.example/services/delegates/internal/command"
	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/rest/api"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// ListDelegates answers GET /v1/conferences/{conference}/delegates.
func (h peopleHandler) ListDelegates(ctx context.Context, r api.ListDelegatesRequestObject) (api.ListDelegatesResponseObject, error) {
	s := delegate.Search{
		Conference: r.Conference, Audience: delegate.TheOffice, Language: h.tongue(ctx, r.Conference, r.Params.AcceptLanguage),
		Text: given(r.Params.Q), Delegation: given(r.Params.Delegation), Status: string(given(r.Params.Status)), ErasureAsked: r.Params.ErasureAsked,
		Limit: limitOr(r.Params.Limit), Cursor: given(r.Params.Cursor),
	}
	found, err := h.room.Book.Find(s)
	if err != nil {
		return nil, err
	}
	list := api.DelegateList{Items: make([]api.DelegateRecord, 0, len(found.Items)), Page: pageBefore(found.Next)}
	for _, d := range found.Items {
		record, err := h.record(ctx, d, s.Language)
		if err != nil {
			return nil, err
		}
		list.Items = append(list.Items, record)
	}
	asked := ""
	if s.ErasureAsked != nil {
		asked = strconv.FormatBool(*s.ErasureAsked)
	}
	link := nextOf(found.Next, s.Conference, "delegates", s.Limit, "q", s.Text, "delegation", s.Delegation, "status", s.Status, "erasureAsked", asked)
	return api.ListDelegates200JSONResponse{
		Body: list, Headers: api.ListDelegates200ResponseHeaders{ContentLanguage: s.Language, Link: link},
	}, nil
}

// GetDelegate answers GET /v1/conferences/{conference}/delegates/{delegate}.
func (h peopleHandler) GetDelegate(ctx context.Context, r api.GetDelegateRequestObject) (api.GetDelegateResponseObject, error) {
	d, err := h.room.Book.Delegate(ctx, r.Conference, r.Delegate)
	if err != nil {
		return nil, err
	}
	lang := h.tongue(ctx, r.Conference, r.Params.AcceptLanguage)
	record, err := h.record(ctx, d, lang)
	if err != nil {
		return nil, err
	}
	return api.GetDelegate200JSONResponse{
		Body: record, Headers: api.GetDelegate200ResponseHeaders{ETag: httpd.ETag(d.Revision, lang), ContentLanguage: lang},
	}, nil
}

// CreateDelegate answers POST /v1/conferences/{conference}/delegates.
func (h peopleHandler) CreateDelegate(ctx context.Context, r api.CreateDelegateRequestObject) (api.CreateDelegateResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	asked := command.Request{Caller: who.Actor(), Route: "createDelegate " + r.Conference, Key: given(r.Params.IdempotencyKey), Body: r.Body}
	choose := func() string { return delegate.NewDelegateID(r.Conference, given(r.Body.ExternalID)) }
	id, replayed, err := h.room.Commands.Once(ctx, asked, choose, func(id string, again bool) (string, error) {
		if again {
			if _, err := h.room.Book.Delegate(ctx, r.Conference, id); !problem.Is(err, problem.NotFound) {
				return id, err // the first attempt got that far
			}
		}
		d := newDelegate(r.Body)
		d.ID, d.Conference = id, r.Conference
		made, err := h.room.Office.CreateDelegate(ctx, who, d)
		return made.ID, err
	})
	if err != nil {
		return nil, err
	}
	d, err := h.room.Book.Delegate(ctx, r.Conference, id)
	if err != nil {
		return nil, err
	}
	lang := h.tongue(ctx, r.Conference, r.Params.AcceptLanguage)
	record, err := h.record(ctx, d, lang)
	if err != nil {
		return nil, err
	}
	return api.CreateDelegate201JSONResponse{Body: record, Headers: api.CreateDelegate201ResponseHeaders{
		ETag: httpd.ETag(d.Revision, lang), ContentLanguage: lang, IdempotencyReplayed: replayed,
	}}, nil
}

func newDelegate(b *api.NewDelegate) delegate.Delegate {
	d := delegate.Delegate{
		ExternalID: given(b.ExternalID), Accreditation: given(b.Accreditation), Name: b.Name, SortName: given(b.SortName), Delegation: b.Delegation,
		Function: given(b.Function), Rank: string(given(b.Rank)), Languages: given(b.Languages), Email: given(b.Email), Telephone: given(b.Telephone),
	}
	for _, role := range given(b.Roles) {
		d.Roles = append(d.Roles, string(role))
	}
	agree(&d.Consent, b.Consent)
	return d
}

// UpdateDelegate answers PATCH /v1/conferences/{conference}/delegates/{delegate}.
func (h peopleHandler) UpdateDelegate(ctx context.Context, r api.UpdateDelegateRequestObject) (api.UpdateDelegateResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	d, err := h.room.Office.EditDelegate(ctx, who, r.Conference, r.Delegate, revision, func(d *delegate.Delegate) { patchDelegate(d, r.Body) })
	if err != nil {
		return nil, err
	}
	lang := h.tongue(ctx, r.Conference, r.Params.AcceptLanguage)
	record, err := h.record(ctx, d, lang)
	if err != nil {
		return nil, err
	}
	return api.UpdateDelegate200JSONResponse{
		Body: record, Headers: api.UpdateDelegate200ResponseHeaders{ETag: httpd.ETag(d.Revision, lang), ContentLanguage: lang},
	}, nil
}

func patchDelegate(d *delegate.Delegate, b *api.DelegatePatch) {
	set(&d.Accreditation, b.Accreditation)
	set(&d.Name, b.Name)
	patch(&d.SortName, b.SortName)
	set(&d.Delegation, b.Delegation)
	patch(&d.Function, b.Function)
	patch(&d.Rank, b.Rank)
	if b.Roles != nil {
		d.Roles = nil
		for _, role := range *b.Roles {
			d.Roles = append(d.Roles, string(role))
		}
	}
	set(&d.Languages, b.Languages)
	patch(&d.Email, b.Email)
	patch(&d.Telephone, b.Telephone)
	agree(&d.Consent, b.Consent)
	if b.Status != nil {
		d.Status = string(*b.Status)
	}
}

// patch applies a member of a merge patch: null takes away, absent leaves.
func patch[T ~string](there *string, given nullable.Nullable[T]) {
	switch {
	case given.IsNull():
		*there = ""
	case given.IsSpecified():
		*there = string(given.MustGet())
	}
}

// RemoveDelegate answers DELETE /v1/conferences/{conference}/delegates/{delegate}.
func (h peopleHandler) RemoveDelegate(ctx context.Context, r api.RemoveDelegateRequestObject) (api.RemoveDelegateResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	if err := h.room.Office.RemoveDelegate(ctx, who, r.Conference, r.Delegate, revision); err != nil {
		return nil, err
	}
	return api.RemoveDelegate204Response{}, nil
}

// record is somebody as the office keeps them. The telephone number is the
// person's to show.
func (h peopleHandler) record(ctx context.Context, d delegate.Delegate, lang string) (api.DelegateRecord, error) {
	g, err := h.delegationOf(ctx, d, lang)
	if err != nil {
		return api.DelegateRecord{}, err
	}
	r := api.DelegateRecord{
		ID: d.ID, ExternalID: d.ExternalID, Accreditation: d.Accreditation, Name: d.Name, SortName: d.SortName, Delegation: g,
		Function: d.Function, Rank: d.Rank, Roles: append([]string{}, d.Roles...), Languages: append([]string{}, d.Languages...),
		Email: d.Email, Consent: consent(d.Consent), Status: d.Status, Deputy: d.Deputy, ErasureAskedAt: moment(d.ErasureAskedAt), Revision: d.Revision,
	}
	if d.Consent.Telephone {
		r.Telephone = d.Telephone
	}
	return r, nil
}
