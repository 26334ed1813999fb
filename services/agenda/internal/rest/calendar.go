package rest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"plenary.example/services/agenda/internal/calendar"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// calendars are what one delegate's calendars read.
type calendars interface {
	FeedsOf(ctx context.Context, id, delegate string) ([]programme.Feed, error)
	AddFeed(ctx context.Context, id, delegate, language string) (f programme.Feed, token string, err error)
	EndFeed(ctx context.Context, id, delegate, feed string) error
	Follow(ctx context.Context, token string) (programme.Followed, error)
	Left(ctx context.Context, id, delegate string) (programme.Left, error)
}

// ListCalendarFeeds answers the caller's feeds, without where they are read.
func (h *handler) ListCalendarFeeds(ctx context.Context, _ api.ListCalendarFeedsRequestObject) (api.ListCalendarFeedsResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	feeds, err := h.calendars.FeedsOf(ctx, me.Conference, me.Delegate)
	if err != nil {
		return nil, err
	}
	list := api.CalendarFeedList{Items: make([]api.CalendarFeed, 0, len(feeds))}
	for _, f := range feeds {
		list.Items = append(list.Items, api.CalendarFeed{ID: f.ID, CreatedAt: f.CreatedAt, Language: f.Language})
	}
	return api.ListCalendarFeeds200JSONResponse(list), nil
}

// CreateCalendarFeed makes a feed and answers, this once, where it is read.
func (h *handler) CreateCalendarFeed(ctx context.Context, r api.CreateCalendarFeedRequestObject) (api.CreateCalendarFeedResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	s, err := h.look(ctx, me.Conference, r.Params.AcceptLanguage, nil, nil)
	if err != nil {
		return nil, err
	}
	f, token, err := h.calendars.AddFeed(ctx, me.Conference, me.Delegate, s.language)
	if err != nil {
		return nil, err
	}
	return newFeed{f, token}, nil
}

// newFeed knows where a feed is read only when it knows where the caller reached us.
type newFeed struct {
	feed  programme.Feed
	token string
}

// VisitCreateCalendarFeedResponse implements the generated interface.
func (f newFeed) VisitCreateCalendarFeedResponse(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store") // the address is a secret
	return api.CreateCalendarFeed201JSONResponse{
		Body: api.NewCalendarFeed{
			ID: f.feed.ID, CreatedAt: f.feed.CreatedAt, Language: f.feed.Language,
			URL: "webcal://" + c.Hostname() + "/v1/calendars/" + f.token + ".ics",
		},
		Headers: api.CreateCalendarFeed201ResponseHeaders{ContentLanguage: f.feed.Language},
	}.VisitCreateCalendarFeedResponse(c)
}

// EndCalendarFeed makes a feed unreadable.
func (h *handler) EndCalendarFeed(ctx context.Context, r api.EndCalendarFeedRequestObject) (api.EndCalendarFeedResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.calendars.EndFeed(ctx, me.Conference, me.Delegate, r.Feed); err != nil {
		return nil, err
	}
	return api.EndCalendarFeed204Response{}, nil
}

// ReadCalendarFeed answers what is before the owner of a feed, as a calendar
// reads it.
func (h *handler) ReadCalendarFeed(ctx context.Context, r api.ReadCalendarFeedRequestObject) (api.ReadCalendarFeedResponseObject, error) {
	f, err := h.calendars.Follow(ctx, strings.TrimSuffix(r.Token, ".ics"))
	if err != nil {
		return nil, err
	}
	var seen int64 // a session picked elsewhere a moment ago may be news here
	for _, p := range f.Picks {
		seen = max(seen, p.AgendaRevision)
	}
	if err := h.agendas.Heard(ctx, f.Conference, seen); err != nil {
		return nil, err
	}
	facts, agenda, err := h.agendas.Conference(f.Conference)
	if err != nil {
		return nil, err
	}
	left, err := h.calendars.Left(ctx, f.Conference, f.Delegate)
	if err != nil {
		return nil, err
	}
	meetings, err := h.meetings.With(f.Conference, f.Delegate)
	if err != nil {
		return nil, err
	}
	body, err := calendar.Write(facts, facts.Name.In(f.Language), f.Language, following(agenda, f, left), convening(agenda, f.Delegate, meetings)...)
	if err != nil {
		return nil, err
	}
	read := feedRead{body: body, etag: etagOf(body)}
	if r.Params.IfNoneMatch != nil {
		read.ifNoneMatch = *r.Params.IfNoneMatch
	}
	return read, nil
}

// following are the events of a delegate's feed: their schedule, and as
// cancelled what they had picked, or had a part in, and is no more. So is a part
// they had and lost; what they dropped themselves they know of.
func following(agenda programme.Agenda, f programme.Followed, left programme.Left) []calendar.Event {
	var events []calendar.Event
	there := map[string]bool{}
	for _, e := range agenda.Mine(f.Delegate, f.Picks) {
		room, _ := agenda.Room(e.Session.Room)
		lost := left.Lost[e.Session.ID]
		if !lost.Back && e.PickedAt.After(lost.At) && !lost.At.IsZero() {
			lost.Steps++ // they brought it back themselves
		}
		events = append(events, calendar.Event{Session: e.Session, Room: room, Steps: lost.Steps})
		there[e.Session.ID] = true
	}
	picked := make(map[string]bool, len(f.Picks))
	for _, p := range f.Picks {
		picked[p.Session] = true
	}
	for id, g := range left.Gone {
		if _, back := agenda.Session(id); !back && (picked[id] || takesPart(g.Session, f.Delegate)) {
			events = append(events, calendar.Event{Session: g.Session, Room: g.Room, Removed: g.At, Steps: left.Lost[id].Steps})
			there[id] = true
		}
	}
	for id, lost := range left.Lost {
		if !lost.Back && !there[id] {
			events = append(events, calendar.Event{Session: lost.Session, Room: lost.Room, Removed: lost.At, Steps: lost.Steps})
		}
	}
	return events
}

// convening are the meetings of a delegate's feed: those at which they are
// expected, and as cancelled those at which they were.
func convening(agenda programme.Agenda, delegate string, meetings []meeting.Meeting) []calendar.Meeting {
	var shown []calendar.Meeting
	for _, m := range meetings {
		was, missing := m.Missing(delegate)
		switch {
		case m.Expects(delegate):
			was = meeting.Former{Slot: m.Slot, Room: m.Room, Sequence: m.Sequence, At: m.SteppedAt}
		case !missing:
			continue
		}
		room, _ := agenda.Room(was.Room)
		shown = append(shown, calendar.Meeting{
			ID: m.ID, Start: was.Slot.Start, End: was.Slot.End, Room: room,
			Sequence: was.Sequence, ChangedAt: was.At, Cancelled: missing,
		})
	}
	return shown
}

func takesPart(s programme.Session, delegate string) bool {
	for _, p := range s.People {
		if p.Delegate == delegate {
			return true
		}
	}
	return false
}

// etagOf is the entity tag of a calendar by what is in it: a release that does
// not touch a schedule leaves its calendars alone.
func etagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"c` + hex.EncodeToString(sum[:16]) + `"`
}

// feedRead sends a calendar, or 304 to whom has it already.
type feedRead struct {
	body              []byte
	etag, ifNoneMatch string
}

// VisitReadCalendarFeedResponse implements the generated interface.
//
// There is no Last-Modified: a room under another name, or a duty that somebody
// else has now, is another calendar without a moment that all replicas know of.
func (r feedRead) VisitReadCalendarFeedResponse(c *fiber.Ctx) error {
	c.Set(fiber.HeaderETag, r.etag)
	c.Set(fiber.HeaderCacheControl, cacheControl)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if httpd.NotModified(r.ifNoneMatch, r.etag) {
		c.Status(fiber.StatusNotModified)
		return nil
	}
	c.Set(fiber.HeaderContentType, calendar.MediaType)
	c.Set(fiber.HeaderContentDisposition, `inline; filename="plenary.ics"`)
	return c.Send(r.body)
}

// ExportCalendar answers the whole agenda, or that of one room, as a calendar
// reads it.
func (h *handler) ExportCalendar(ctx context.Context, r api.ExportCalendarRequestObject) (api.ExportCalendarResponseObject, error) {
	s, err := h.look(ctx, r.Conference, r.Params.AcceptLanguage, r.Params.PlenaryRevision, nil)
	if err != nil {
		return nil, err
	}
	name := s.facts.Name.In(s.language)
	if r.Params.Room != nil {
		room, known := s.agenda.Room(*r.Params.Room)
		if !known {
			return nil, problem.Hidden()
		}
		name += ": " + room.Name
	}
	var events []calendar.Event
	for _, x := range s.agenda.Sessions() {
		if r.Params.Room == nil || x.Room == *r.Params.Room {
			room, _ := s.agenda.Room(x.Room)
			events = append(events, calendar.Event{Session: x, Room: room})
		}
	}
	body, err := calendar.Write(s.facts, name, s.language, events)
	if err != nil {
		return nil, err
	}
	return sent{body, calendar.MediaType, s.language, fmt.Sprintf("%s-%d.ics", s.facts.ID, s.agenda.Revision)}, nil
}
