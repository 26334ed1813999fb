package reminders

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/notifications/internal/devices"
	"plenary.example/services/notifications/internal/inbox"
	"plenary.example/services/notifications/internal/ledger"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/roster"
	"plenary.example/services/notifications/internal/schedule"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// ten is when most things here begin, on the clock of a conference that is ten
// years ahead of the wall clock.
var ten = time.Date(2023, 10, 17, 10, 0, 0, 0, time.UTC)

const offset = 3652 * 24 * time.Hour

// A rig is reminders between an agenda, alarms and a clock that the test plays.
type rig struct {
	t      *testing.T
	r      *Reminders
	wall   time.Time
	alarms map[string]schedule.Alarm
	leads  map[string][]time.Duration // of whoever chose; by delegate
	sent   []push.Notice
	untold bool            // people have not heard of sessions that are put
	deaf   map[string]bool // delegates who want to hear of no session that changes
}

// setup makes reminders that plan; filed makes them such that file notices too,
// over a real store.
func setup(t *testing.T) *rig {
	t.Helper()
	g := &rig{t: t, alarms: map[string]schedule.Alarm{}, leads: map[string][]time.Duration{}, deaf: map[string]bool{}}
	g.at("09:00")
	quiet := slog.New(slog.DiscardHandler)
	usual := []time.Duration{15 * time.Minute}
	g.r = &Reminders{
		Plan: &inbox.Planner{
			Mirror: inbox.NewMirror(quiet), Roster: roster.New(quiet), Log: quiet, Now: func() time.Time { return g.wall },
			Sync:  func(context.Context) error { return nil },
			Filed: func(context.Context, push.Notice, int) error { return nil },
			Enqueue: func(_ context.Context, n push.Notice, _ []string) error {
				g.sent = append(g.sent, n)
				return nil
			},
		},
		Set: func(_ context.Context, a schedule.Alarm) error { g.alarms[a.Key] = a; return nil },
		Cancel: func(_ context.Context, _ schedule.Kind, key string) error {
			delete(g.alarms, key)
			return nil
		},
		Leads: func(_, delegate, _ string) []time.Duration {
			if own, chosen := g.leads[delegate]; chosen {
				return own
			}
			return usual
		},
		AllLeads: func(string, string) []time.Duration {
			return slices.Compact(slices.Sorted(slices.Values(slices.Concat(append(slices.Collect(maps.Values(g.leads)), usual)...))))
		},
		Hears: func(n push.Notice, delegate string) bool { return n.Reminds() || !g.deaf[delegate] },
		Now:   func() time.Time { return g.wall }, Log: quiet,
	}
	g.see(event.ConferenceStateSubject("seoul"), event.ConferenceState{
		Conference: "seoul", Revision: 1, Timezone: "Asia/Seoul", ClockOffset: int64(offset.Seconds()),
		Walking: []event.Walk{{From: "north", To: "south", Minutes: 7}, {From: "north", To: "east", Minutes: 3}},
	})
	return g
}

func (g *rig) filed() *rig {
	g.t.Helper()
	e := enginestest.Test(g.t)
	st, err := store.Open(g.t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "notifications"})
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { _ = st.Close(context.Background()) })
	if g.r.Ledger, err = ledger.Open(g.t.Context(), st, g.r.Now); err != nil {
		g.t.Fatal(err)
	}
	g.r.Plan.Ledger = g.r.Ledger
	if g.r.Plan.Devices, err = devices.Open(g.t.Context(), st, g.r.Now, func(devices.Holder) {}); err != nil {
		g.t.Fatal(err)
	}
	return g
}

// at sets the clock of the conference.
func (g *rig) at(clock string) {
	g.t.Helper()
	of, err := time.Parse("15:04", clock)
	if err != nil {
		g.t.Fatal(err)
	}
	g.wall = ten.Truncate(24 * time.Hour).Add(time.Duration(of.Hour())*time.Hour + time.Duration(of.Minute())*time.Minute - offset)
}

func (g *rig) see(subject string, state any) {
	g.t.Helper()
	data, err := json.Marshal(state)
	if err != nil {
		g.t.Fatal(err)
	}
	g.r.Plan.Mirror.See(bus.Seen{Subject: subject, Data: data})
}

// session puts one of an hour, in a zone.
func (g *rig) session(id string, revision int64, start time.Time, zone string, changes ...func(*event.SessionState)) event.SessionState {
	g.t.Helper()
	s := event.SessionState{
		Session: id, Revision: revision, Title: map[string]string{"en": "Panel"}, Room: zone, RoomName: "Hall " + zone, Zone: zone,
		Start: start, End: start.Add(time.Hour), Status: event.SessionConfirmed,
	}
	for _, change := range changes {
		change(&s)
	}
	g.see(event.SessionStateSubject("seoul", id), s)
	if g.r.Ledger != nil && !g.untold {
		if err := g.r.Ledger.SetTold(g.t.Context(), "seoul", s); err != nil {
			g.t.Fatal(err)
		}
	}
	return s
}

func (g *rig) pick(delegate string, revision int64, sessions ...string) {
	g.t.Helper()
	p := event.PicksState{Delegate: delegate, Revision: revision}
	for _, s := range sessions {
		p.Picks = append(p.Picks, event.Pick{Session: s, AgendaRevision: 1})
	}
	g.see(event.PicksStateSubject("seoul", delegate), p)
}

func (g *rig) replan() {
	g.t.Helper()
	if err := g.r.Replan(g.t.Context()); err != nil {
		g.t.Fatal(err)
	}
}

// planned are the alarms as "<key> <when on the conference clock>", in order.
func (g *rig) planned() (all []string) {
	for key, a := range g.alarms {
		all = append(all, key[len("seoul/"):]+" "+a.At.Add(offset+early).Format("15:04"))
	}
	slices.Sort(all)
	return all
}

func (g *rig) wantPlanned(what string, want ...string) {
	g.t.Helper()
	g.replan()
	if got := g.planned(); !slices.Equal(got, want) {
		g.t.Errorf("%s the alarms are %q, want %q", what, got, want)
	}
}

// ring has an alarm ring that was set, as "session/a/15".
func (g *rig) ring(key string) {
	g.t.Helper()
	a, ok := g.alarms["seoul/"+key]
	if !ok {
		g.t.Fatalf("no alarm %s among %q", key, g.planned())
	}
	delete(g.alarms, a.Key)
	if err := g.r.Ring(g.t.Context(), a); err != nil {
		g.t.Fatal(err)
	}
}

// wantInbox compares what somebody reads, as "<category> <minutes before>".
func (g *rig) wantInbox(delegate string, want ...string) {
	g.t.Helper()
	items, _ := g.r.Ledger.Inbox("seoul", delegate, 0, 100)
	got := []string{}
	for _, n := range items {
		got = append(got, n.Category+" "+strconv.Itoa(int(n.Lead.Minutes())))
	}
	if !slices.Equal(got, want) {
		g.t.Errorf("%s reads %q, want %q", delegate, got, want)
	}
}

func (g *rig) person(d event.DelegateState) {
	g.t.Helper()
	data, err := json.Marshal(d)
	if err != nil {
		g.t.Fatal(err)
	}
	g.r.Plan.Roster.See("seoul", data)
}
