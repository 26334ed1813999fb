package rest

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/httpd"
)

// The same answer goes to everybody, so caches in between may keep it a little,
// and give out an older one while they ask for the next.
const sharedCacheControl = "public, max-age=30, stale-while-revalidate=60"

var sharedCacheControlBytes = []byte(sharedCacheControl)

// GetPublicConference answers the facts of a conference to anybody. It does not
// say how late it is, for it may be kept.
func (h *handler) GetPublicConference(ctx context.Context, r api.GetPublicConferenceRequestObject) (api.GetPublicConferenceResponseObject, error) {
	s, err := h.look(ctx, r.Conference, r.Params.AcceptLanguage, nil, nil)
	if err != nil {
		return nil, err
	}
	etag := httpd.ETag(s.facts.Revision, s.language)
	if httpd.NotModified(text(r.Params.IfNoneMatch), etag) {
		return api.GetPublicConference304Response{Headers: api.NotModifiedResponseHeaders{ETag: etag, CacheControl: sharedCacheControl, Vary: vary}}, nil
	}
	body := api.PublicConference{
		ID: s.facts.ID, Name: s.facts.Name.In(s.language), Timezone: s.facts.Zone, Venue: s.facts.Venue, Venues: venues(s),
		Days: s.facts.Days, Languages: s.facts.Languages, Themes: themes(s), ClockOffset: int64(s.facts.ClockOffset.Seconds()),
	}
	return api.GetPublicConference200JSONResponse{Body: body, Headers: api.GetPublicConference200ResponseHeaders{
		ETag: etag, CacheControl: sharedCacheControl, ContentLanguage: s.language, Vary: vary,
	}}, nil
}

// GetPublicAgenda answers the public part of the agenda to anybody.
func (h *handler) GetPublicAgenda(ctx context.Context, r api.GetPublicAgendaRequestObject) (api.GetPublicAgendaResponseObject, error) {
	s, err := h.look(ctx, r.Conference, r.Params.AcceptLanguage, nil, nil)
	if err != nil {
		return nil, err
	}
	p, err := h.pages.of(s, view{conference: s.facts.ID, language: s.language, public: true})
	if err != nil {
		return nil, err
	}
	return renderedForAnybody{p, text(r.Params.IfNoneMatch)}, nil
}

// renderedForAnybody sends a page that caches may keep.
type renderedForAnybody rendered

// VisitGetPublicAgendaResponse implements the generated interface.
func (p renderedForAnybody) VisitGetPublicAgendaResponse(c *fiber.Ctx) error {
	return p.page.send(c, p.ifNoneMatch, sharedCacheControlBytes)
}
