package rest

import (
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"plenary.example/shared/httpd"
)

const agendaRoute = "/v1/conferences/:conference/agenda"

// quickAgenda answers the read that phones make by the thousand: the whole
// agenda, as it is now, asked for in the ordinary way. It does what GetAgenda
// does without taking the request apart and putting it together again, which
// costs more than everything else. Whatever is not ordinary (a query, a
// revision to wait for, a header given twice, a tag from the future) goes on to
// the generated route, which alone knows what to refuse.
func (h *handler) quickAgenda(c *fiber.Ctx) error {
	asked := &c.Request().Header
	if len(c.Request().URI().QueryString()) > 0 || len(asked.Peek("Plenary-Revision")) > 0 ||
		len(asked.PeekAll(fiber.HeaderAcceptLanguage)) > 1 || len(asked.PeekAll(fiber.HeaderIfNoneMatch)) > 1 {
		return c.Next()
	}
	me, err := who(c.UserContext())
	if err != nil {
		return err
	}
	facts, agenda, err := h.agendas.Conference(me.Conference) // which is the one in the path, says the door
	if err != nil {
		return err
	}
	s := h.sees(facts, agenda, asked.Peek(fiber.HeaderAcceptLanguage))
	p, err := h.pages.of(s, view{conference: facts.ID, language: s.language})
	if err != nil {
		return err
	}
	tags := utils.UnsafeString(asked.Peek(fiber.HeaderIfNoneMatch)) // does not outlive the request
	if tags == "" || httpd.NotModified(tags, p.etag) {
		return rendered{p, tags}.VisitGetAgendaResponse(c)
	}
	if newest(tags) > agenda.Revision {
		return c.Next()
	}
	return rendered{p, ""}.VisitGetAgendaResponse(c)
}
