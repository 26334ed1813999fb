package announce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"plenary.example/services/notifications/internal/inbox"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/roster"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

var (
	quiet = slog.New(slog.DiscardHandler)
	noon  = time.Date(2013, 10, 17, 3, 0, 0, 0, time.UTC)
)

func TestWhatCannotBeAnnouncedIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	good := func() Draft {
		return Draft{Texts: map[string]push.Text{"en": {Title: "Lunch", Body: "It is in\nHall C."}}, Audience: Audience{All: true}, Urgency: push.Routine}
	}
	for want, change := range map[string]func(*Draft){
		"":                 func(*Draft) {},
		"language_unknown": func(d *Draft) { d.Texts["not a language"] = d.Texts["en"] },
		"language_missing": func(d *Draft) { d.Texts = map[string]push.Text{"ko": d.Texts["en"]} },
		"audience_empty":   func(d *Draft) { d.Audience = Audience{} },
		"too_many_languages": func(d *Draft) {
			for i := range mostTexts {
				d.Texts[fmt.Sprintf("en-x-%d", i)] = d.Texts["en"]
			}
		},
		"in_the_past":    func(d *Draft) { d.SendAt = noon.Add(-2 * time.Minute) },
		"in_the_past ":   func(d *Draft) { d.SendAt, d.AcknowledgeBy = noon.Add(time.Hour), noon.Add(time.Hour) },
		"in_the_past  ":  func(d *Draft) { d.AcknowledgeBy = noon },
		"too_far_ahead":  func(d *Draft) { d.SendAt = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) },
		"too_far_ahead ": func(d *Draft) { d.AcknowledgeBy = noon.Add(furthest + time.Minute) },
		"empty_text":     func(d *Draft) { d.Texts["en"] = push.Text{Title: "x", Body: "\u200b \n"} },
		"forbidden_character": func(d *Draft) {
			d.Texts["en"] = push.Text{Title: "Lunch \u202e", Body: "x"}
		},
		"forbidden_character ": func(d *Draft) { d.Texts["en"] = push.Text{Title: "two\nlines", Body: "x"} },
	} {
		d := good()
		change(&d)
		_, err := d.checked("en", noon)
		code := ""
		if p, ok := errors.AsType[*problem.Error](err); ok {
			code = p.Code
		}
		if want = string([]byte(want)); code != trimmed(want) {
			t.Errorf("%q: %v", want, err)
		}
	}
	d := good()
	d.Texts["EN-gb"] = d.Texts["en"]
	if d, err := d.checked("en", noon); err != nil || d.Texts["en-GB"].Title == "" {
		t.Errorf("a language in other letters: %v, %v", d.Texts, err)
	}
}

func trimmed(s string) string {
	for len(s) > 0 && s[len(s)-1] == ' ' {
		s = s[:len(s)-1]
	}
	return s
}

func TestReachingManyTakesTheirNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		people, all int
		held        bool
	}{{9, 9, false}, {10, 50, false}, {11, 50, true}, {10, 10, true}, {320, 1600, false}, {321, 1600, true}} {
		if got := held(c.people, c.all); got != c.held {
			t.Errorf("%d of %d: held %v", c.people, c.all, got)
		}
	}
	is := func(n int) *int { return &n }
	for _, c := range []struct {
		reached Reach
		typed   *int
		want    problem.Kind
	}{
		{Reach{People: 100}, nil, problem.Internal},
		{Reach{People: 100, Held: true}, nil, problem.PreconditionRequired},
		{Reach{People: 100, Held: true}, is(95), problem.Internal},
		{Reach{People: 100, Held: true}, is(94), problem.Conflict},
		{Reach{People: 19, Held: true}, is(18), problem.Conflict},
	} {
		if err := confirms(c.reached, c.typed); err == nil != (c.want == problem.Internal) || err != nil && !problem.Is(err, c.want) {
			t.Errorf("%+v typed %v: %v", c.reached, c.typed, err)
		}
	}
}

// scene is a conference of a few people with three sessions, at noon.
func scene(t *testing.T) *Office {
	t.Helper()
	r, m := roster.New(quiet), inbox.NewMirror(quiet)
	data := func(v any) []byte {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for i, kind := range []string{"host", "state", "media"} {
		r.SeeDelegation("seoul", data(event.DelegationState{Delegation: kind, Kind: kind, Revision: 1, Status: event.Accredited}))
		for n := range 3 {
			d := event.DelegateState{Delegate: fmt.Sprint(kind, n), Delegation: kind, Revision: 1, Status: event.Accredited, Roles: []string{"delegate"}}
			if n == 0 && i < 2 {
				d.Roles = append(d.Roles, "liaison")
			}
			if n == 2 {
				d.Status = event.Removed
			}
			r.See("seoul", data(d))
		}
	}
	session := func(id, kind, room string, from time.Duration, duties ...string) {
		m.See(bus.Seen{Subject: event.SessionStateSubject("seoul", id), Data: data(event.SessionState{
			Session: id, Revision: 1, Kind: kind, Room: room, Start: noon.Add(from), End: noon.Add(from + time.Hour),
			Status: event.SessionConfirmed, Duties: duties,
		})})
	}
	session("over", "panel", "hall", -2*time.Hour, "host1")
	session("now", "panel", "hall", -30*time.Minute, "state0", "state2")
	session("next", "panel", "hall", time.Hour, "media0")
	session("later", "panel", "annex", 3*time.Hour, "host0")
	session("soon", "panel", "annex", time.Hour, "media1")
	session("opening", "plenary", "great hall", time.Hour)
	m.See(bus.Seen{Subject: event.PicksStateSubject("seoul", "media1"), Data: data(event.PicksState{
		Delegate: "media1", Revision: 1, Picks: []event.Pick{{Session: "now", AgendaRevision: 1}},
	})})
	phones := func(delegate string) []push.Device {
		switch delegate {
		case "host0":
			return []push.Device{{Installation: "a", Locale: "ko-KR"}, {Installation: "b", Locale: "ko"}}
		case "state0", "media0":
			return []push.Device{{Installation: delegate, Locale: "en"}}
		}
		return nil
	}
	return &Office{cfg: Config{
		Roster: r, Agenda: m, Phones: phones, Sync: func(context.Context) error { return nil }, Now: func() time.Time { return noon }, Log: quiet,
		Compose: func(n push.Notice, d push.Device) push.Message {
			text := n.Texts["en"]
			if ko, ok := n.Texts[d.Locale[:2]]; ok {
				text = ko
			}
			return push.Message{Title: text.Title, Body: text.Body}
		},
	}}
}

func TestAnAudienceIsWhoBelongsToAnyPartOfItAndMayBeTold(t *testing.T) {
	t.Parallel()
	o := scene(t)
	for _, c := range []struct {
		of   Audience
		want string
	}{
		{Audience{All: true, Rooms: []string{"hall"}}, "[host0 host1 media0 media1 state0 state1]"},
		{Audience{Delegations: []string{"host"}}, "[host0 host1]"},
		{Audience{Kinds: []string{"media", "state"}}, "[media0 media1 state0 state1]"},
		{Audience{Roles: []string{"liaison"}}, "[host0 state0]"},
		{Audience{Sessions: []string{"now"}}, "[media1 state0]"},
		{Audience{Sessions: []string{"opening"}}, "[host0 host1 media0 media1 state0 state1]"},
		{Audience{Rooms: []string{"hall"}}, "[media1 state0]"}, // what runs, not what comes
		{Audience{Rooms: []string{"annex"}}, "[media1]"},       // what comes next
		{Audience{Roles: []string{"liaison"}, Kinds: []string{"media"}, Sessions: []string{"now"}}, "[host0 media0 media1 state0]"},
	} {
		who, err := o.who(t.Context(), "seoul", c.of, noon, true)
		if err != nil || fmt.Sprint(who) != c.want {
			t.Errorf("%+v: %v, %v, want %s", c.of, who, err, c.want)
		}
	}
	for code, a := range map[string]Audience{
		"delegation_unknown": {Delegations: []string{"host", "nobody"}},
		"session_unknown":    {Sessions: []string{"nothing"}},
		"room_unknown":       {Rooms: []string{"nowhere"}},
	} {
		_, err := o.who(t.Context(), "seoul", a, noon, true)
		if p, ok := errors.AsType[*problem.Error](err); !ok || p.Code != code {
			t.Errorf("%+v: %v, want %s", a, err, code)
		}
		if _, err := o.who(t.Context(), "seoul", a, noon, false); err != nil { // it may have gone since
			t.Errorf("%+v when it is sent: %v", a, err)
		}
	}
}

func TestAPreviewShowsEachCardOnceAndEveryLanguage(t *testing.T) {
	t.Parallel()
	o := scene(t)
	text := func(s string) push.Text { return push.Text{Title: s, Body: s} }
	r, err := o.Preview(t.Context(), "seoul", Draft{
		Texts: map[string]push.Text{"en": text("lunch"), "ko": text("점심"), "fr": text("déjeuner")}, Audience: Audience{All: true}, Urgency: push.Routine,
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.People != 6 || r.Phones != 4 || r.Delegations != 3 || r.Held {
		t.Errorf("counted %+v", r)
	}
	got := []string{}
	for _, c := range r.Cards {
		got = append(got, fmt.Sprintf("%s %d %s", c.Locale, c.Phones, c.Title))
	}
	slices.Sort(got)
	if want := "[en 2 lunch fr 0 déjeuner ko-KR 2 점심]"; fmt.Sprint(got) != want {
		t.Errorf("shows %v, want %s", got, want)
	}
}

func TestWhoseNumberIsTypedAreThoseWhoWillBeInTheRoom(t *testing.T) {
	t.Parallel()
	o := scene(t)
	text := map[string]push.Text{"en": {Title: "Doors", Body: "They open late."}}
	for room, want := range map[string]map[time.Duration]int{
		"hall":       {0: 2, 15 * time.Minute: 2, 45 * time.Minute: 1, 90 * time.Minute: 1},
		"annex":      {0: 1, 150 * time.Minute: 1},
		"great hall": {0: 6, 3 * time.Hour: 0},
	} {
		for in, people := range want {
			d := Draft{Texts: text, Audience: Audience{Rooms: []string{room}}, Urgency: push.Routine}
			if in > 0 {
				d.SendAt = noon.Add(in)
			}
			if r, err := o.Preview(t.Context(), "seoul", d); err != nil || r.People != people {
				t.Errorf("%s in %s: %d people, %v, want %d", room, in, r.People, err, people)
			}
		}
	}
}
