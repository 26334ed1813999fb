package agenda_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/client"
)

// delayed proposes that the first ten sessions begin n minutes later than they
// were to, and says so in their titles.
func delayed(conference agenda.Seed, n int) func(programme.Conference, programme.Agenda) programme.Proposal {
	return func(_ programme.Conference, a programme.Agenda) (p programme.Proposal) {
		for _, planned := range conference.Sessions[:10] {
			x, _ := a.Session(planned.ID)
			x.Start, x.End = planned.Start.Add(time.Duration(n)*time.Minute), planned.End.Add(time.Duration(n)*time.Minute)
			x.Title = programme.Text{"en": fmt.Sprint("Delayed by ", n)}
			p.Sessions = append(p.Sessions, x)
		}
		return p
	}
}

func release(t *testing.T, a *agenda.Service, propose func(programme.Conference, programme.Agenda) programme.Proposal) int64 {
	t.Helper()
	revision, err := a.Release(t.Context(), "seoul-2013", propose)
	if err != nil {
		t.Fatal(err)
	}
	return revision
}

// Ten sessions are moved at one stroke between any two pages that somebody
// reads, here or at a sibling. Nobody sees some of them moved and some not.
func TestNobodySeesHalfAStep(t *testing.T) {
	t.Parallel()
	conference := seed("seoul-2013", 14)
	s, a := loaded(t, conference)
	b := s.open(t)
	p := newPhone(t, s, delegate("seoul-2013", "d1"))
	p.whole(a)
	minutes := 0
	for range 8 {
		minutes++
		first := release(t, a, delayed(conference, minutes))
		latest := []string{"Plenary-Revision", fmt.Sprint(first)}
		status := p.sync(3, latest, func(page int) *agenda.Service {
			if page > 0 {
				minutes++
				release(t, []*agenda.Service{a, b}[page%2], delayed(conference, minutes))
			}
			return []*agenda.Service{b, a}[page%2]
		})
		if status != http.StatusOK || p.pages != 3 || p.revision < first || p.revision >= first+3 {
			t.Fatalf("answered %d in %d pages, at revision %d after %d", status, p.pages+1, p.revision, first)
		}
		want := p.sessions[sessionID(0)].(map[string]any)["title"]
		for _, planned := range conference.Sessions[:10] {
			x := p.sessions[planned.ID].(map[string]any)
			begins, err := time.Parse(time.RFC3339, x["startsAt"].(string))
			if err != nil || x["title"] != want || want != fmt.Sprint("Delayed by ", begins.Sub(planned.Start).Minutes()) {
				t.Fatalf("%v, one is %v by %v, another %v", err, x["title"], begins.Sub(planned.Start), want)
			}
		}
		// And what came meanwhile comes with the next sync.
		fresh := newPhone(t, s, delegate("seoul-2013", "d1"))
		fresh.whole(a, "Plenary-Revision", fmt.Sprint(first+3))
		if status := p.sync(100, []string{"Plenary-Revision", fmt.Sprint(first + 3)}, func(int) *agenda.Service { return b }); status != http.StatusOK {
			t.Fatalf("answered %d", status)
		}
		p.like(fresh, "after the steps")
	}
}

func TestASiblingTellsWhatHasJustChanged(t *testing.T) {
	t.Parallel()
	conference := seed("seoul-2013", 12)
	s, a := loaded(t, conference)
	b := s.open(t)
	replicas := []*agenda.Service{a, b}
	for n := range 20 {
		revision := release(t, replicas[n%2], delayed(conference, n+1))
		c := s.as(t, replicas[1-n%2], delegate("seoul-2013", "d1"))
		params := &client.GetAgendaChangesParams{Since: revision - 1}
		switch n % 3 {
		case 0:
			params.PlenaryRevision = &revision
		case 1:
			params.IfNoneMatch = ptr(tagOf(revision, "ko")) // seen, in another language
		case 2: // what is had already is not sent again, and known at once to be there
			params.Since = revision
			got, err := c.GetAgendaChangesWithResponse(t.Context(), "seoul-2013", params)
			if err != nil || got.StatusCode() != http.StatusNotModified || got.HTTPResponse.Header.Get("ETag") != tagOf(revision, "en") {
				t.Fatalf("since %d: %v, %d %v", revision, err, got.StatusCode(), got.HTTPResponse.Header)
			}
			continue
		}
		got, err := c.GetAgendaChangesWithResponse(t.Context(), "seoul-2013", params)
		if err != nil || got.JSON200 == nil || got.JSON200.To != revision || len(got.JSON200.Items) != 10 {
			t.Fatalf("since %d: %v %s", params.Since, err, got.GetBody())
		}
	}
	c := s.as(t, b, delegate("seoul-2013", "d1"))
	for _, params := range []client.GetAgendaChangesParams{{Since: 99}, {Since: 1, PlenaryRevision: ptr(int64(99))}} {
		got, err := c.GetAgendaChangesWithResponse(t.Context(), "seoul-2013", &params)
		refused(t, got, err, http.StatusServiceUnavailable, "behind")
	}
}

// A replica that starts reads the agenda as it was put down last, and fetches
// what led there once somebody asks who has been away.
func TestAReplicaThatStartsKnowsWhatChangedBefore(t *testing.T) {
	t.Parallel()
	conference := seed("seoul-2013", 12)
	s, a := loaded(t, conference)
	p, q := newPhone(t, s, delegate("seoul-2013", "d1")), newPhone(t, s, delegate("seoul-2013", "d1"))
	p.whole(a)
	for n := range 120 {
		release(t, a, delayed(conference, n+1))
		if n == 60 {
			q.whole(a)
		}
	}
	fresh := newPhone(t, s, delegate("seoul-2013", "d1"))
	fresh.whole(a)
	stop(t, a)
	b := s.open(t)
	for _, late := range []*phone{q, p} {
		if status := late.sync(4, nil, func(int) *agenda.Service { return b }); status != http.StatusOK {
			t.Fatalf("answered %d", status)
		}
		late.like(fresh, "after the restart")
	}
	if status := p.sync(4, nil, func(int) *agenda.Service { return b }); status != http.StatusNotModified {
		t.Errorf("once more answered %d", status)
	}
}

func TestWhoWasAwayForTooLongReadsTheWhole(t *testing.T) {
	t.Parallel()
	conference := seed("seoul-2013", 12)
	s, a := loaded(t, conference)
	var last int64
	for n := range 24 { // each with what was there before takes half a megabyte
		last = release(t, a, func(_ programme.Conference, a programme.Agenda) programme.Proposal {
			x, _ := a.Session(sessionID(0))
			x.Abstract = programme.Text{"en": strings.Repeat(string(rune('a'+n)), 1<<18)}
			return programme.Proposal{Sessions: []programme.Session{x}}
		})
	}
	for _, a := range []*agenda.Service{a, s.open(t)} {
		c := s.as(t, a, delegate("seoul-2013", "d1"))
		for _, since := range []int64{0, 1} {
			got, err := c.GetAgendaChangesWithResponse(t.Context(), "seoul-2013", &client.GetAgendaChangesParams{Since: since})
			for n := 0; n < 60 && err == nil && got.StatusCode() == http.StatusServiceUnavailable; n++ { // a slow machine; what was fetched stays
				got, err = c.GetAgendaChangesWithResponse(t.Context(), "seoul-2013", &client.GetAgendaChangesParams{Since: since})
			}
			spoken(t, refused(t, got, err, http.StatusGone, "sync_gone"))
		}
		got, err := c.GetAgendaChangesWithResponse(t.Context(), "seoul-2013", &client.GetAgendaChangesParams{Since: last - 1})
		if err != nil || got.JSON200 == nil || got.JSON200.To != last || len(got.JSON200.Items) != 1 {
			t.Errorf("since %d: %v %d", last-1, err, got.StatusCode())
		}
	}
}

func TestACursorIsGoodForItsChanges(t *testing.T) {
	t.Parallel()
	conference := seed("seoul-2013", 12)
	s, a := loaded(t, conference, seed("london-2011", 12))
	c := s.as(t, a, delegate("seoul-2013", "d1"), client.AllowBadRequests)
	release(t, a, delayed(conference, 1))
	got, err := c.GetAgendaChangesWithResponse(t.Context(), "seoul-2013", &client.GetAgendaChangesParams{Since: 0, Limit: ptr(5), AcceptLanguage: ptr("ko")})
	if err != nil || got.JSON200 == nil || got.JSON200.Language != "ko" || len(got.JSON200.Items) != 5 || len(got.JSON200.Rooms) != rooms+1 {
		t.Fatalf("%v %s", err, got.GetBody())
	}
	cursor := got.JSON200.Page.NextCursor.MustGet()
	london := s.as(t, a, delegate("london-2011", "d1"), client.AllowBadRequests)
	for _, x := range []struct {
		c          *client.ClientWithResponses
		conference string
		since      int64
		cursor     string
	}{{c, "seoul-2013", 1, cursor}, {london, "london-2011", 0, cursor}, {c, "seoul-2013", 0, cursor[1:]}, {c, "seoul-2013", 0, "AAAA"}, {c, "seoul-2013", 0, "%"}} {
		got, err := x.c.GetAgendaChangesWithResponse(t.Context(), x.conference, &client.GetAgendaChangesParams{Since: x.since, Cursor: &x.cursor})
		spoken(t, refused(t, got, err, http.StatusBadRequest, "bad_cursor"))
	}
	for _, q := range []string{"", "since=-1", "since=x", "since=0&limit=0", "since=0&limit=101", "since=0&page=2"} {
		got, err := c.GetAgendaChangesWithResponse(t.Context(), "seoul-2013", nil, query(q))
		refused(t, got, err, http.StatusBadRequest, "bad_parameter")
	}
}
