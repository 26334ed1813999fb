package rest

import (
	"context"
	"fmt"
	"mime"

	"github.com/gofiber/fiber/v2"

	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/services/agenda/internal/schedulefile"
)

// ExportSchedule answers the agenda as a schedule file of one of three kinds.
func (h *handler) ExportSchedule(ctx context.Context, r api.ExportScheduleRequestObject) (api.ExportScheduleResponseObject, error) {
	s, err := h.look(ctx, r.Conference, r.Params.AcceptLanguage, r.Params.PlenaryRevision, nil)
	if err != nil {
		return nil, err
	}
	write, media, ending := schedulefile.WriteXML, fiber.MIMEApplicationXML, "xml"
	if f := r.Params.Format; f != nil {
		switch *f {
		case api.ExportScheduleParamsFormatXML:
		case api.ExportScheduleParamsFormatJSON:
			write, media, ending = schedulefile.WriteJSON, fiber.MIMEApplicationJSON, "json"
		case api.ExportScheduleParamsFormatJson2:
			write, media, ending = schedulefile.WriteJSON2, fiber.MIMEApplicationJSON, "schedule2.json"
		}
	}
	body, err := write(s.agenda.Schedule(s.facts, s.language))
	if err != nil {
		return nil, err
	}
	return sent{body, media, s.language, fmt.Sprintf("%s-%d.%s", s.facts.ID, s.agenda.Revision, ending)}, nil
}

// sent is a file for the caller to keep.
type sent struct {
	body                  []byte
	media, language, name string
}

func (f sent) send(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, f.media)
	c.Set(fiber.HeaderContentLanguage, f.language)
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": f.name}))
	c.Set(fiber.HeaderCacheControl, cacheControl)
	return c.Send(f.body)
}

// VisitExportScheduleResponse implements the generated interface.
func (f sent) VisitExportScheduleResponse(c *fiber.Ctx) error { return f.send(c) }

// VisitExportCalendarResponse implements the generated interface.
func (f sent) VisitExportCalendarResponse(c *fiber.Ctx) error { return f.send(c) }
