package rest

import (
	"context"
	"net/url"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/rest/api"
)

// SearchDirectory answers GET /v1/conferences/{conference}/directory.
func (h peopleHandler) SearchDirectory(ctx context.Context, r api.SearchDirectoryRequestObject) (api.SearchDirectoryResponseObject, error) {
	s := delegate.Search{
		Conference: r.Conference, Audience: delegate.Participants, Language: h.tongue(ctx, r.Conference, r.Params.AcceptLanguage),
		Text: given(r.Params.Q), Delegation: given(r.Params.Delegation), Limit: limitOr(r.Params.Limit), Cursor: given(r.Params.Cursor),
	}
	page, link, err := h.entries(ctx, "directory", s)
	if err != nil {
		return nil, err
	}
	return api.SearchDirectory200JSONResponse{
		Body: page, Headers: api.SearchDirectory200ResponseHeaders{ContentLanguage: s.Language, Link: link},
	}, nil
}

// ListPublicParticipants answers GET /v1/conferences/{conference}/participants.
func (h peopleHandler) ListPublicParticipants(ctx context.Context, r api.ListPublicParticipantsRequestObject) (api.ListPublicParticipantsResponseObject, error) {
	s := delegate.Search{
		Conference: r.Conference, Audience: delegate.Public, Language: h.tongue(ctx, r.Conference, r.Params.AcceptLanguage),
		Text: given(r.Params.Q), Limit: limitOr(r.Params.Limit), Cursor: given(r.Params.Cursor),
	}
	page, link, err := h.entries(ctx, "participants", s)
	if err != nil {
		return nil, err
	}
	return api.ListPublicParticipants200JSONResponse{
		Body: page, Headers: api.ListPublicParticipants200ResponseHeaders{ContentLanguage: s.Language, Link: link},
	}, nil
}

// entries is a page of people as they are shown to people.
func (h peopleHandler) entries(ctx context.Context, of string, s delegate.Search) (api.DirectoryPage, *string, error) {
	found, err := h.room.Book.Find(s)
	if err != nil {
		return api.DirectoryPage{}, nil, err
	}
	page := api.DirectoryPage{Items: make([]api.DirectoryEntry, 0, len(found.Items)), Page: pageBefore(found.Next)}
	for _, d := range found.Items {
		g, err := h.delegationOf(ctx, d, s.Language)
		if err != nil {
			return api.DirectoryPage{}, nil, err
		}
		page.Items = append(page.Items, api.DirectoryEntry{ID: d.ID, Name: d.Name, Function: d.Function, Rank: d.Rank, Delegation: g})
	}
	return page, nextOf(found.Next, s.Conference, of, s.Limit, "q", s.Text, "delegation", s.Delegation), nil
}

// nextOf is the Link to the next page of a list of a conference; nil when there
// is none. filters are names and values; empty ones are left out.
func nextOf(next, conference, of string, limit int, filters ...string) *string {
	set := url.Values{}
	for i := 0; i+1 < len(filters); i += 2 {
		if filters[i+1] != "" {
			set.Set(filters[i], filters[i+1])
		}
	}
	return linkTo("/v1/conferences/"+url.PathEscape(conference)+"/"+of, set, limit, next)
}

// given is what a parameter says; the zero value when it is left out.
func given[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}
