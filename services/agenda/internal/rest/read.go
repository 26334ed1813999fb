package rest

import (
	"context"
	"time"

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

// The headers of the agenda in the form in which they are kept, so that nothing
// is spelled anew for each of many readers.
var (
	headerETag         = []byte("Etag")
	headerCacheControl = []byte("Cache-Control")
	headerVary         = []byte("Vary")
	headerLanguage     = []byte("Content-Language")

	cacheControlBytes, varyBytes = []byte(cacheControl), []byte(vary)
)

// GetConference answers the facts of a conference and its clock.
func (h *handler) GetConference(ctx context.Context, r api.GetConferenceRequestObject) (api.GetConferenceResponseObject, error) {
	s, err := h.look(ctx, r.Conference, r.Params.AcceptLanguage, nil, nil)
	if err != nil {
		return nil, err
	}
	body := api.Conference{
		ID: s.facts.ID, Name: s.facts.Name.In(s.language), Timezone: s.facts.Zone, Venue: s.facts.Venue,
		Days: s.facts.Days, Languages: s.facts.Languages, Revision: s.agenda.Revision, Themes: []api.Theme{},
		Now: s.facts.Now(h.now()).UTC().Truncate(time.Second), ClockOffset: int64(s.facts.ClockOffset.Seconds()),
	}
	for _, t := range s.facts.Themes {
		body.Themes = append(body.Themes, api.Theme{ID: t.ID, Name: t.Name.In(s.language)})
	}
	return api.GetConference200JSONResponse{Body: body, Headers: api.GetConference200ResponseHeaders{
		ETag: httpd.ETag(s.facts.Revision, s.language), CacheControl: cacheControl, ContentLanguage: s.language, Vary: vary,
	}}, nil
}

// GetAgenda answers the whole agenda as it was rendered once for everybody.
func (h *handler) GetAgenda(ctx context.Context, r api.GetAgendaRequestObject) (api.GetAgendaResponseObject, error) {
	s, err := h.look(ctx, r.Conference, r.Params.AcceptLanguage, r.Params.PlenaryRevision, r.Params.IfNoneMatch)
	if err != nil {
		return nil, err
	}
	p, err := h.pages.of(s)
	if err != nil {
		return nil, err
	}
	if r.Params.IfNoneMatch == nil {
		return rendered{p, ""}, nil
	}
	return rendered{p, *r.Params.IfNoneMatch}, nil
}

// rendered sends a page without touching it, or 304 to whom has it already.
type rendered struct {
	*page
	ifNoneMatch string
}

// VisitGetAgendaResponse implements the generated interface.
func (p rendered) VisitGetAgendaResponse(c *fiber.Ctx) error {
	h := &c.Response().Header
	h.SetCanonical(headerETag, utils.UnsafeBytes(p.etag))
	h.SetCanonical(headerCacheControl, cacheControlBytes)
	h.SetCanonical(headerVary, varyBytes)
	if httpd.NotModified(p.ifNoneMatch, p.etag) {
		c.Status(fiber.StatusNotModified)
		return nil
	}
	h.SetCanonical(headerLanguage, p.language)
	h.SetContentType(fiber.MIMEApplicationJSON)
	body := p.plain
	if takesGzip(c.Request().Header.Peek(fiber.HeaderAcceptEncoding)) {
		h.SetContentEncoding("gzip")
		body = p.gzipped
	}
	c.Response().SetBodyRaw(body)
	return nil
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
	etag := httpd.ETag(x.Revision, s.language)
	if r.Params.IfNoneMatch != nil && httpd.NotModified(*r.Params.IfNoneMatch, etag) {
		return api.GetSession304Response{Headers: api.NotModifiedResponseHeaders{ETag: etag, CacheControl: cacheControl, Vary: vary}}, nil
	}
	return api.GetSession200JSONResponse{Body: session(s, x), Headers: api.GetSession200ResponseHeaders{
		ETag: etag, CacheControl: cacheControl, ContentLanguage: s.language, Vary: vary,
	}}, nil
}
