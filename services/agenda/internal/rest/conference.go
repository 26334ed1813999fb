package rest

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// founder brings conferences and changes their facts.
type founder interface {
	Create(ctx context.Context, facts programme.Conference, again bool) (programme.Conference, error)
	ChangeConference(ctx context.Context, id string, expect int64, change func(programme.Conference, programme.Agenda) (programme.Conference, error)) (programme.Conference, error)
}

// CreateConference brings the conference that the caller is signed in to.
func (h *handler) CreateConference(ctx context.Context, r api.CreateConferenceRequestObject) (api.CreateConferenceResponseObject, error) {
	by, err := who(ctx)
	if err != nil {
		return nil, err
	}
	if by.Conference != r.Body.ID {
		return nil, problem.Hidden()
	}
	_, replayed, err := once(ctx, h, r.Body.ID, "createConference", r.Params.IdempotencyKey, r.Body, func(_, _ string, _ int64, again bool) (int64, error) {
		facts, err := founded(*r.Body)
		if err != nil {
			return 0, err
		}
		facts, err = h.founder.Create(ctx, facts, again)
		return facts.Revision, err
	})
	if err != nil {
		return nil, err
	}
	s, err := h.look(ctx, r.Body.ID, r.Params.AcceptLanguage, nil, nil)
	if err != nil {
		return nil, err
	}
	return api.CreateConference201JSONResponse{Body: conference(s), Headers: api.CreateConference201ResponseHeaders{
		ContentLanguage: s.language, ETag: httpd.ETag(s.facts.Revision, s.language), IdempotencyReplayed: replayed,
	}}, nil
}

// UpdateConference changes the facts of a conference at once.
func (h *handler) UpdateConference(ctx context.Context, r api.UpdateConferenceRequestObject) (api.UpdateConferenceResponseObject, error) {
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	if _, err := h.founder.ChangeConference(ctx, r.Conference, revision, func(c programme.Conference, a programme.Agenda) (programme.Conference, error) {
		return patched(c, a, *r.Body)
	}); err != nil {
		return nil, err
	}
	s, err := h.look(ctx, r.Conference, r.Params.AcceptLanguage, nil, nil)
	if err != nil {
		return nil, err
	}
	return api.UpdateConference200JSONResponse{Body: conference(s), Headers: api.UpdateConference200ResponseHeaders{
		ContentLanguage: s.language, ETag: httpd.ETag(s.facts.Revision, s.language),
	}}, nil
}

// founded is a conference as the body wants it.
func founded(b api.NewConference) (programme.Conference, error) {
	r := &reader{facts: programme.Conference{ID: b.ID, Zone: b.Timezone, Days: b.Days, Languages: b.Languages}}
	r.facts.Name = r.text("/name", b.Name, false)
	r.facts.Themes, r.facts.Venue = []programme.Theme{}, r.line("/venue", text(b.Venue), false)
	r.days()
	r.lists(b.Venues, b.Themes, b.Walking, b.Grid)
	return r.facts, r.err()
}

// patched is a conference with what a merge patch changes, if the agenda can do
// without what it takes away.
func patched(was programme.Conference, a programme.Agenda, p api.ConferencePatch) (programme.Conference, error) {
	r := &reader{facts: was}
	if p.Days != nil {
		r.facts.Days = *p.Days
		r.days()
	}
	if p.Languages != nil {
		r.facts.Languages = *p.Languages
	}
	if p.Venue != nil {
		r.facts.Venue = r.line("/venue", *p.Venue, false)
	}
	if p.Name != nil {
		name := maps.Clone(was.Name)
		for l, s := range *p.Name {
			if s == nil {
				delete(name, l)
			} else {
				name[l] = *s
			}
		}
		r.facts.Name = r.text("/name", name, false)
		if len(name) == 0 {
			r.fault("/name", "name_missing", "A conference has a name.")
		}
	}
	r.lists(p.Venues, p.Themes, p.Walking, p.Grid)
	r.inUse(was, a)
	return r.facts, r.err()
}

func (r *reader) days() {
	for i, day := range r.facts.Days {
		if i > 0 && day <= r.facts.Days[i-1] {
			r.fault("/days/"+strconv.Itoa(i), "days_unordered", "The days come in order, each once.")
		}
	}
}

// lists takes those that are given; each replaces the one there was.
func (r *reader) lists(venues *api.NewVenues, themes *api.NewThemes, walking *api.NewWalks, grid *api.NewGrid) {
	if venues != nil {
		r.facts.Venues = nil
		for i, v := range *venues {
			at := "/venues/" + strconv.Itoa(i)
			x := programme.Venue{ID: r.line(at+"/id", v.ID, false), Name: r.text(at+"/name", v.Name, false), Address: r.line(at+"/address", text(v.Address), true)}
			r.facts.Venues = append(r.facts.Venues, x)
		}
	}
	if themes != nil {
		r.facts.Themes = []programme.Theme{}
		for i, t := range *themes {
			at := "/themes/" + strconv.Itoa(i)
			r.facts.Themes = append(r.facts.Themes, programme.Theme{ID: r.line(at+"/id", t.ID, false), Name: r.text(at+"/name", t.Name, false)})
		}
	}
	if walking != nil {
		r.facts.Walking = nil
		for i, w := range *walking {
			at := "/walking/" + strconv.Itoa(i)
			r.facts.Walking = append(r.facts.Walking, programme.Walk{From: r.line(at+"/from", w.From, false), To: r.line(at+"/to", w.To, false), Minutes: w.Minutes})
		}
	}
	if grid != nil {
		r.facts.Grid = programme.Grid{Cell: grid.Cell, Meeting: grid.Meeting, Changeover: grid.Changeover}
	}
}

// inUse refuses to take away what the agenda speaks of.
func (r *reader) inUse(was programme.Conference, a programme.Agenda) {
	for _, l := range was.Languages {
		if slices.Contains(r.facts.Languages, l) {
			continue
		}
		if slices.ContainsFunc(a.Sessions(), func(s programme.Session) bool { return s.Title[l] != "" || s.Abstract[l] != "" }) {
			r.fault("/languages", "language_in_use", "Sessions have texts in a language that would be gone.")
		}
	}
	for _, t := range was.Themes {
		gone := !slices.ContainsFunc(r.facts.Themes, func(x programme.Theme) bool { return x.ID == t.ID })
		if gone && slices.ContainsFunc(a.Sessions(), func(s programme.Session) bool { return s.Theme == t.ID }) {
			r.fault("/themes", "theme_in_use", "Sessions have a theme that would be gone.")
		}
	}
	for _, v := range was.Venues {
		gone := !slices.ContainsFunc(r.facts.Venues, func(x programme.Venue) bool { return x.ID == v.ID })
		if gone && slices.ContainsFunc(a.Rooms(), func(x programme.Room) bool { return x.Venue == v.ID }) {
			r.fault("/venues", "venue_in_use", "Rooms are in a venue that would be gone.")
		}
	}
}
