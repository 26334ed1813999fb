package rest

import (
	"context"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

const (
	// An answer is kept by the phone and asked for again; never by a proxy.
	cacheControl = "private, no-cache"
	vary         = "Accept-Language, Accept-Encoding"
)

// GetConference answers the facts of a conference and its clock.
func (h *handler) GetConference(ctx context.Context, r api.GetConferenceRequestObject) (api.GetConferenceResponseObject, error) {
	s, err := h.look(ctx, r.Conference, r.Params.AcceptLanguage, nil, nil)
	if err != nil {
		return nil, err
	}
	return api.GetConference200JSONResponse{Body: conference(s), Headers: api.GetConference200ResponseHeaders{
		ETag: httpd.ETag(s.facts.Revision, s.language), CacheControl: cacheControl, ContentLanguage: s.language, Vary: vary,
	}}, nil
}

// GetAgenda answers the whole agenda, or a day of it, as it was rendered once
// for everybody.
func (h *handler) GetAgenda(ctx context.Context, r api.GetAgendaRequestObject) (api.GetAgendaResponseObject, error) {
	s, err := h.look(ctx, r.Conference, r.Params.AcceptLanguage, r.Params.PlenaryRevision, r.Params.IfNoneMatch)
	if err != nil {
		return nil, err
	}
	v := view{conference: s.facts.ID, language: s.language}
	if r.Params.Day != nil {
		v.day = utils.CopyString(*r.Params.Day) // a page outlives the request
	}
	p, err := h.pages.of(s, v)
	if err != nil {
		return nil, err
	}
	return rendered{p, text(r.Params.IfNoneMatch)}, nil
}

// rendered is a page for whom says what they have of it.
type rendered struct {
	page        *page
	ifNoneMatch string
}

// VisitGetAgendaResponse implements the generated interface.
func (r rendered) VisitGetAgendaResponse(c *fiber.Ctx) error {
	return r.page.send(c, r.ifNoneMatch, cacheControlBytes)
}

// GetSession answers one session.
func (h *handler) GetSession(ctx context.Context, r api.GetSessionRequestObject) (api.GetSessionResponseObject, error) {
	s, err := h.look(ctx, r.Conference, r.Params.AcceptLanguage, r.Params.PlenaryRevision, r.Params.IfNoneMatch)
	if err != nil {
		return nil, err
	}
	x, ok := s.agenda.Session(r.Session)
	if !ok {
		return nil, problem.Hidden()
	}
	etag := tagOf(s, x)
	if r.Params.IfNoneMatch != nil && httpd.NotModified(*r.Params.IfNoneMatch, etag) {
		return api.GetSession304Response{Headers: api.NotModifiedResponseHeaders{ETag: etag, CacheControl: cacheControl, Vary: vary}}, nil
	}
	return api.GetSession200JSONResponse{Body: session(s, x), Headers: api.GetSession200ResponseHeaders{
		ETag: etag, CacheControl: cacheControl, ContentLanguage: s.language, Vary: vary,
	}}, nil
}
