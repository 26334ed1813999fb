package announce

import (
	"context"
	"slices"
	"strconv"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
)

// A Reach is whom an announcement reaches, counted.
type Reach struct {
	People, Phones, Delegations int
	// Held says whether a person has to type how many people that are.
	Held bool
	// Cards are what the phones would show.
	Cards []Card
}

// A Card is what some phones would show.
type Card struct {
	Locale      string // of most of them, BCP 47
	Phones      int    // that show it
	Title, Body string
}

// who are the people of an audience as it is now, each once, in a fixed order;
// only of those who may be told. Of a room they are those who are expected there
// at a time on the conference clock. Strict refuses parts that are not there.
func (o *Office) who(ctx context.Context, conference string, a Audience, at time.Time, strict bool) ([]string, error) {
	if err := o.cfg.Sync(ctx); err != nil {
		return nil, err
	}
	if strict {
		if err := o.known(conference, a); err != nil {
			return nil, err
		}
	}
	if a.All {
		return o.cfg.Roster.Everybody(conference), nil
	}
	who := o.cfg.Roster.Members(conference, a.Delegations, a.Kinds, a.Roles)
	sessions := o.cfg.Agenda.Sessions(conference)
	for _, s := range sessions {
		if slices.Contains(a.Sessions, s.Session) {
			who = append(who, o.attend(conference, s)...)
		}
	}
	for _, room := range a.Rooms {
		for _, s := range inRoom(sessions, room, o.now(conference), at) {
			who = append(who, o.attend(conference, s)...)
		}
	}
	slices.Sort(who)
	return slices.DeleteFunc(slices.Compact(who), func(d string) bool { return !o.cfg.Roster.May(conference, d) }), nil
}

// attend are the people of a session: of a plenary, everybody.
func (o *Office) attend(conference string, s event.SessionState) []string {
	if s.Kind == plenary {
		return o.cfg.Roster.Everybody(conference)
	}
	return o.cfg.Agenda.Attend(conference, s.Session)
}

// plenary is the kind of the sessions that are for everybody.
const plenary = "plenary"

// longestOver is how long after its end a session may still run: one that nobody
// has ended by then was forgotten.
const longestOver = 4 * time.Hour

// inRoom are the sessions that run in a room at a time, which is now or later, both
// on the conference clock; when none does, the next one there. Mostly it is one.
func inRoom(all []event.SessionState, room string, now, at time.Time) (running []event.SessionState) {
	var next event.SessionState
	for _, s := range all {
		switch {
		case s.Room != room || !on(s) || s.Status == event.SessionEnded:
		case !at.Before(s.End):
			if !at.After(now) && overruns(all, s, now) {
				running = append(running, s)
			}
		case s.Status == event.SessionRunning || !at.Before(s.Start):
			running = append(running, s)
		case next.Session == "" || s.Start.Before(next.Start):
			next = s
		}
	}
	if len(running) == 0 && next.Session != "" {
		running = append(running, next)
	}
	return running
}

// overruns says whether a session that should be over runs on: somebody has started
// it, nobody has ended it, and none after it in its room was started.
func overruns(all []event.SessionState, s event.SessionState, now time.Time) bool {
	return s.Status == event.SessionRunning && now.Sub(s.End) < longestOver && !slices.ContainsFunc(all, func(x event.SessionState) bool {
		return x.Room == s.Room && x.Start.After(s.Start) && (x.Status == event.SessionRunning || x.Status == event.SessionEnded)
	})
}

// on says whether there is something to go to.
func on(s event.SessionState) bool {
	return s.Status != event.SessionCancelled && s.Status != event.SessionRemoved
}

func (o *Office) known(conference string, a Audience) error {
	for i, d := range a.Delegations {
		if !o.cfg.Roster.TakesPart(conference, d) {
			return invalid("/audience/delegations/"+strconv.Itoa(i), "delegation_unknown", "There is no such delegation that takes part.")
		}
	}
	sessions, rooms := map[string]bool{}, map[string]bool{}
	for _, s := range o.cfg.Agenda.Sessions(conference) {
		if s.Status != event.SessionRemoved {
			sessions[s.Session], rooms[s.Room] = true, true
		}
	}
	for i, s := range a.Sessions {
		if !sessions[s] {
			return invalid("/audience/sessions/"+strconv.Itoa(i), "session_unknown", "There is no such session in the agenda.")
		}
	}
	for i, r := range a.Rooms {
		if !rooms[r] {
			return invalid("/audience/rooms/"+strconv.Itoa(i), "room_unknown", "No session of the agenda is in such a room.")
		}
	}
	return nil
}

// reach counts people and their phones.
func (o *Office) reach(conference string, who []string) Reach {
	r := Reach{People: len(who), Held: held(len(who), len(o.cfg.Roster.Everybody(conference)))}
	groups := map[string]bool{}
	for _, delegate := range who {
		r.Phones += len(o.cfg.Phones(delegate))
		if d, known := o.cfg.Roster.Of(conference, delegate); known && !groups[d.Delegation] {
			groups[d.Delegation] = true
			r.Delegations++
		}
	}
	return r
}

// cards are what the phones of who would show of a, and what one in each of its
// languages would.
func (o *Office) cards(a Announcement, who []string, now time.Time) []Card {
	n := a.notice(now, time.Time{})
	n.ID, n.At = push.NoticeID(n.Key), now
	type face struct{ title, body string }
	at, set := map[face]int{}, map[face]map[string]int{}
	var cards []Card
	show := func(d push.Device, phones int) {
		m := o.cfg.Compose(n, d)
		f := face{m.Title, m.Body}
		i, there := at[f]
		if !there {
			i = len(cards)
			at[f], set[f], cards = i, map[string]int{}, append(cards, Card{Locale: d.Locale, Title: f.title, Body: f.body})
		}
		cards[i].Phones += phones
		set[f][d.Locale] += phones
		if set[f][d.Locale] > set[f][cards[i].Locale] {
			cards[i].Locale = d.Locale
		}
	}
	for _, delegate := range who {
		for _, d := range o.cfg.Phones(delegate) {
			show(d, 1)
		}
	}
	for _, tag := range languages(a) {
		show(push.Device{Conference: a.Conference, Platform: push.Android, Locale: tag}, 0)
	}
	slices.SortStableFunc(cards, func(a, b Card) int { return b.Phones - a.Phones })
	return cards
}

// languages are those of the texts, the conference's first, then in order.
func languages(a Announcement) []string {
	tags := []string{a.First}
	for tag := range a.Texts {
		if tag != a.First {
			tags = append(tags, tag)
		}
	}
	slices.Sort(tags[1:])
	return tags
}
