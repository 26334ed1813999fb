package rest

import (
	"context"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// A delegation may search as often as somebody who plans a day by hand, and no
// more often: a program that asks for every hour of every principal would learn
// the other side's diary.
const (
	searchEvery = 2 * time.Second
	searchBurst = 30
)

// searchers is how often each delegation has searched on this replica. It may be
// used by many at once.
type searchers struct {
	mu    sync.Mutex
	limit map[string]*rate.Limiter // by conference and delegation
}

func newSearchers() *searchers { return &searchers{limit: map[string]*rate.Limiter{}} }

// let refuses one search too many.
func (s *searchers) let(conference, delegation string, now time.Time) error {
	s.mu.Lock()
	key := conference + "/" + delegation
	l, ok := s.limit[key]
	if !ok {
		l = rate.NewLimiter(rate.Every(searchEvery), searchBurst)
		s.limit[key] = l
	}
	s.mu.Unlock()
	if l.AllowN(now, 1) {
		return nil
	}
	return problem.New(problem.TooMany, "too_many_searches", "Your delegation searches too often. Wait a moment.").After(searchEvery)
}

// FindMeetingSlots answers when the caller's delegation and another one are free.
func (h *handler) FindMeetingSlots(ctx context.Context, r api.FindMeetingSlotsRequestObject) (api.FindMeetingSlotsResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	q := query(r.Params)
	if q.By == "" {
		q.By = me.Delegation
	}
	w, err := h.speaksFor(ctx, r.Conference, q.By)
	if err != nil {
		return nil, err
	}
	if err := h.searchers.let(r.Conference, q.By, h.now()); err != nil {
		return nil, err
	}
	if err := searchable(w, q); err != nil {
		return nil, err
	}
	if err := h.meetings.Searched(ctx, r.Conference, q.By, me.Actor(), q.With, string(q.Level)); err != nil {
		return nil, err
	}
	body := api.MeetingOffers{Timezone: w.Conference.Zone, Items: []api.MeetingOffer{}}
	for _, o := range w.Search(q) {
		offer := api.MeetingOffer{StartsAt: o.Slot.Start.UTC(), EndsAt: o.Slot.End.UTC(), Rooms: o.Rooms, Score: o.Score, Reasons: []api.OfferReason{}}
		for _, why := range o.Reasons {
			offer.Reasons = append(offer.Reasons, api.OfferReason{Code: why.Code, DelegateID: why.Delegate, SessionID: why.Session, MeetingID: why.Meeting})
		}
		body.Items = append(body.Items, offer)
	}
	return api.FindMeetingSlots200JSONResponse(body), nil
}

func query(p api.FindMeetingSlotsParams) meeting.Query {
	q := meeting.Query{
		By: text(p.For), With: p.With, Level: meeting.Level(p.Level), Minutes: number(p.Minutes), Principals: list(p.Principals),
		Interpreters: list(p.Interpreters), WithPrincipals: list(p.WithPrincipals), Plus: number(p.Plus), Limit: 50,
	}
	if p.Limit != nil {
		q.Limit = *p.Limit
	}
	if p.From != nil {
		q.From = *p.From
	}
	if p.To != nil {
		q.To = *p.To
	}
	return q
}

// searchable refuses a search that could find nothing because of what is asked,
// not because of when.
func searchable(w meeting.World, q meeting.Query) error {
	if err := w.MayAsk(q.By, q.With, q.Level); err != nil {
		return inQuery(err)
	}
	if err := w.CheckLength("/minutes", q.Minutes); err != nil {
		return inQuery(err)
	}
	for _, named := range []struct {
		parameter, delegation string
		people                []string
	}{{"principals", q.By, q.Principals}, {"withPrincipals", q.With, q.WithPrincipals}, {"interpreters", "", q.Interpreters}} {
		for i, id := range named.people {
			p, ok := w.Person(id)
			fits := ok && p.Status == event.Accredited && p.Delegation == named.delegation
			if named.delegation == "" {
				fits = w.Interprets(id, q.By, q.With)
			}
			if !fits {
				const code, detail = "person_unknown", "There is no such accredited person who can be named here."
				return problem.New(problem.Invalid, code, detail).
					With(problem.Field{Parameter: named.parameter, Code: code, Detail: detail, Params: map[string]string{"index": strconv.Itoa(i)}})
			}
		}
	}
	return nil
}

// inQuery is a refusal of something that came in the query and not in a body.
func inQuery(err error) error {
	p := problem.From(err)
	if p.Kind != problem.Invalid {
		return err
	}
	said := problem.New(p.Kind, p.Code, "%s", p.Detail)
	for _, f := range p.Fields {
		switch f.Pointer {
		case "/delegation":
			f.Pointer, f.Parameter = "", "with"
		case "/level":
			f.Pointer, f.Parameter = "", "level"
		case "/minutes":
			f.Pointer, f.Parameter = "", "minutes"
		}
		said = said.With(f)
	}
	return said
}

// searchLog keeps who looked for whose free slots.
type searchLog interface {
	Searched(ctx context.Context, conference, delegation, actor, with, level string) error
	Searches(ctx context.Context, conference, delegation, day string) (meeting.Searches, error)
}
