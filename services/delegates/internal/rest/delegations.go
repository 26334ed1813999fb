package rest

import (
	"context"
	"maps"

	"plenary.example/services/delegates/internal/command"
	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/rest/api"
	"plenary.example/shared/caller"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// ListDelegations answers GET /v1/conferences/{conference}/delegations.
func (h peopleHandler) ListDelegations(ctx context.Context, r api.ListDelegationsRequestObject) (api.ListDelegationsResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	c := delegate.Choice{
		Conference: r.Conference, Language: h.tongue(ctx, r.Conference, r.Params.AcceptLanguage), Kind: string(given(r.Params.Kind)),
		Removed: sees(who), Limit: limitOr(r.Params.Limit), Cursor: given(r.Params.Cursor),
	}
	found, err := h.room.Book.List(c)
	if err != nil {
		return nil, err
	}
	list := api.DelegationList{Items: make([]api.DelegationEntry, 0, len(found.Items)), Page: pageBefore(found.Next)}
	for _, g := range found.Items {
		e := api.DelegationEntry{ID: g.ID, Designation: g.DesignationIn([]string{c.Language}), Kind: g.Kind}
		if sees(who) {
			e.ExternalID, e.Status, e.Revision = g.ExternalID, g.Status, g.Revision
		}
		list.Items = append(list.Items, e)
	}
	return api.ListDelegations200JSONResponse{Body: list, Headers: api.ListDelegations200ResponseHeaders{
		ContentLanguage: c.Language, Link: nextOf(found.Next, c.Conference, "delegations", c.Limit, "kind", c.Kind),
	}}, nil
}

// GetDelegation answers GET /v1/conferences/{conference}/delegations/{delegation}.
func (h peopleHandler) GetDelegation(ctx context.Context, r api.GetDelegationRequestObject) (api.GetDelegationResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	g, err := h.room.Book.Delegation(ctx, r.Conference, r.Delegation)
	if err != nil {
		return nil, err
	}
	if !g.Accredited() && !sees(who) {
		return nil, problem.Hidden()
	}
	lang := h.tongue(ctx, r.Conference, r.Params.AcceptLanguage)
	return api.GetDelegation200JSONResponse{Body: h.page(ctx, who, g, lang), Headers: api.GetDelegation200ResponseHeaders{
		ETag: httpd.ETag(g.Revision, lang), ContentLanguage: lang,
	}}, nil
}

// page is a delegation as who sees it.
func (h peopleHandler) page(ctx context.Context, who caller.Caller, g delegate.Delegation, lang string) api.DelegationPage {
	page := api.DelegationPage{ID: g.ID, Designation: g.DesignationIn([]string{lang}), Kind: g.Kind, Members: []api.Member{}}
	members := h.room.Book.Members(g.Conference, g.ID)
	delegate.SortMembers(lang, g.Head, members)
	own := who.Delegate != "" && who.Delegation == g.ID
	for _, d := range members {
		if !d.Accredited() || !d.Consent.Participants && !own && !sees(who) {
			continue
		}
		page.Members = append(page.Members, member(d))
		if d.ID == g.Head {
			head := member(d)
			page.Head = &head
		}
		if sees(who) && d.Is(caller.Liaison) {
			page.Liaisons = append(page.Liaisons, member(d))
		}
	}
	if !sees(who) {
		return page
	}
	designations := api.Designations(maps.Clone(g.Designation))
	page.ExternalID, page.Designations, page.Precedence, page.Code = g.ExternalID, &designations, g.Precedence, g.Code
	page.Status, page.Revision = g.Status, g.Revision
	if g.Officer != "" {
		if d, err := h.room.Book.Accredited(ctx, g.Conference, g.Officer); err == nil {
			officer := member(d)
			page.Officer = &officer
		}
	}
	return page
}

// CreateDelegation answers POST /v1/conferences/{conference}/delegations.
func (h peopleHandler) CreateDelegation(ctx context.Context, r api.CreateDelegationRequestObject) (api.CreateDelegationResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	asked := command.Request{Caller: who.Actor(), Route: "createDelegation " + r.Conference, Key: given(r.Params.IdempotencyKey), Body: r.Body}
	choose := func() string { return delegate.NewDelegationID(r.Conference, given(r.Body.ExternalID)) }
	id, replayed, err := h.room.Commands.Once(ctx, asked, choose, func(id string, again bool) (string, error) {
		if again {
			if _, err := h.room.Book.Delegation(ctx, r.Conference, id); !problem.Is(err, problem.NotFound) {
				return id, err // the first attempt got that far
			}
		}
		made, err := h.room.Office.CreateDelegation(ctx, who, delegate.Delegation{
			ID: id, Conference: r.Conference, ExternalID: given(r.Body.ExternalID), Code: given(r.Body.Code),
			Designation: r.Body.Designation, Kind: string(r.Body.Kind), Precedence: given(r.Body.Precedence), Officer: given(r.Body.Officer),
		})
		return made.ID, err
	})
	if err != nil {
		return nil, err
	}
	g, err := h.room.Book.Delegation(ctx, r.Conference, id)
	if err != nil {
		return nil, err
	}
	lang := h.tongue(ctx, r.Conference, r.Params.AcceptLanguage)
	return api.CreateDelegation201JSONResponse{Body: h.page(ctx, who, g, lang), Headers: api.CreateDelegation201ResponseHeaders{
		ETag: httpd.ETag(g.Revision, lang), ContentLanguage: lang, IdempotencyReplayed: replayed,
	}}, nil
}

// UpdateDelegation answers PATCH /v1/conferences/{conference}/delegations/{delegation}.
func (h peopleHandler) UpdateDelegation(ctx context.Context, r api.UpdateDelegationRequestObject) (api.UpdateDelegationResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	g, err := h.room.Office.EditDelegation(ctx, who, r.Conference, r.Delegation, revision, func(g *delegate.Delegation) { patchDelegation(g, r.Body) })
	if err != nil {
		return nil, err
	}
	lang := h.tongue(ctx, r.Conference, r.Params.AcceptLanguage)
	return api.UpdateDelegation200JSONResponse{Body: h.page(ctx, who, g, lang), Headers: api.UpdateDelegation200ResponseHeaders{
		ETag: httpd.ETag(g.Revision, lang), ContentLanguage: lang,
	}}, nil
}

func patchDelegation(g *delegate.Delegation, b *api.DelegationPatch) {
	for tag, text := range given(b.Designation) {
		if canonical, ok := delegate.Language(tag); ok {
			tag = canonical // "EN" means the "en" that is there
		}
		if text == nil {
			delete(g.Designation, tag)
		} else {
			g.Designation[tag] = *text
		}
	}
	if b.Kind != nil {
		g.Kind = string(*b.Kind)
	}
	patch(&g.Code, b.Code)
	patch(&g.Head, b.Head)
	patch(&g.Officer, b.Officer)
	set(&g.Precedence, b.Precedence)
}

// RemoveDelegation answers DELETE /v1/conferences/{conference}/delegations/{delegation}.
func (h peopleHandler) RemoveDelegation(ctx context.Context, r api.RemoveDelegationRequestObject) (api.RemoveDelegationResponseObject, error) {
	who, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	if err := h.room.Office.RemoveDelegation(ctx, who, r.Conference, r.Delegation, revision); err != nil {
		return nil, err
	}
	return api.RemoveDelegation204Response{}, nil
}
