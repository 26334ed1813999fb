package escalation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/notifications/internal/ledger"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/reach"
	"plenary.example/services/notifications/internal/receipts"
	"plenary.example/services/notifications/internal/roster"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

// A rig is two ladders over one store, with alarms rung by hand.
type rig struct {
	testing.TB
	a, b   *Ladder
	now    time.Time
	alarms map[string]Step
	due    map[string]time.Time // of alarms
	told   []string             // category, step, reader
	keys   map[string]bool
	books  []*store.Store // of what was told, by ladder
	deaf   bool           // nobody can be told anything
}

const seoul = "seoul"

func newRig(t *testing.T) *rig {
	t.Helper()
	e := enginestest.Test(t)
	r := &rig{TB: t, keys: map[string]bool{}, alarms: map[string]Step{}, due: map[string]time.Time{}, now: time.Date(2013, 10, 17, 1, 0, 0, 0, time.UTC)}
	people := roster.New(slog.New(slog.DiscardHandler))
	connect := func() *store.Store {
		st, err := store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "notifications"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = st.Close(context.Background()) })
		return st
	}
	open := func() *Ladder {
		st, book := connect(), connect()
		r.books = append(r.books, book)
		told, err := ledger.Open(t.Context(), book, func() time.Time { return r.now })
		if err != nil {
			t.Fatal(err)
		}
		got, err := receipts.Open(t.Context(), st, func(context.Context, map[string]int64) error { return nil }, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		l, err := Open(t.Context(), st, Config{
			Ledger: told, Receipts: got, Roster: people, Sync: func(context.Context) error { return nil },
			Duties: func(string, string) []string { return []string{"speaker"} },
			Wake: func(_ context.Context, key string, s Step, at time.Time) error {
				r.alarms[key], r.due[key] = s, at
				return nil
			},
			Sleep:   func(_ context.Context, key string) error { delete(r.alarms, key); return nil },
			Changed: func(Case) {}, Now: func() time.Time { return r.now }, Log: slog.New(slog.DiscardHandler),
			Tell: func(ctx context.Context, n push.Notice, who []string) error {
				if r.deaf {
					return errors.New("the bus is away")
				}
				if _, _, err := told.File(ctx, n, who); err != nil || r.keys[n.Key] {
					return err
				}
				r.keys[n.Key] = true
				for _, d := range who {
					r.told = append(r.told, fmt.Sprint(n.Category, " ", n.To, " ", d))
				}
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	r.a, r.b = open(), open()
	for who, d := range map[string]event.DelegateState{
		"minister": {Delegation: "kr", Rank: "minister"}, "head": {Delegation: "kr"}, "member": {Delegation: "kr"},
		"liaison": {Delegation: "kr", Roles: []string{"liaison"}}, "officer": {Delegation: "host"}, "clerk": {Delegation: "host"},
		"speaker": {Delegation: "hu"}, "nobody": {Delegation: "fr"},
	} {
		d.Delegate, d.Revision, d.Status = who, 1, event.Accredited
		r.see(people.See, d)
	}
	r.see(func(c string, data []byte) (event.DelegateState, bool) {
		people.SeeDelegation(c, data)
		return event.DelegateState{}, true
	}, event.DelegationState{Delegation: "kr", Revision: 1, Status: event.Accredited, Head: "head", Officer: "officer"})
	return r
}

func (r *rig) see(see func(string, []byte) (event.DelegateState, bool), state any) {
	r.Helper()
	data, err := json.Marshal(state)
	if err != nil {
		r.Fatal(err)
	}
	see(seoul, data)
}

// file tells people urgent news of a session, once more or newer.
func (r *rig) file(session string, to int64, who ...string) push.Notice {
	r.Helper()
	about := push.Subject{Kind: push.Session, ID: session}
	n, _, err := r.a.Ledger.File(r.Context(), push.Notice{
		Key: push.Key(seoul, about, to-1, to), Conference: seoul, Subject: about, From: to - 1, To: to, Urgency: push.Urgent, Category: "session.moved",
		AckBy: r.now.Add(3 * time.Minute), ExpiresAt: r.now.Add(time.Hour), After: push.State{Title: map[string]string{"en": "Panel"}},
	}, who)
	if err == nil {
		err = r.a.Watch(r.Context(), n)
	}
	if err == nil {
		err = r.b.Ledger.Hear(r.Context(), n.Key)
	}
	if err != nil {
		r.Fatal(err)
	}
	return n
}

// ring rings every alarm that is set, on both ladders, twice on one.
func (r *rig) ring() {
	r.Helper()
	r.ringOn(r.a, r.b, r.a)
}

// ringOn rings every alarm that is set.
func (r *rig) ringOn(ladders ...*Ladder) {
	r.Helper()
	r.now = r.now.Add(3*time.Minute + time.Second)
	due := map[string]Step{}
	for key, step := range r.alarms {
		due[key] = step
	}
	for key, step := range due {
		if r.alarms[key] == step {
			delete(r.alarms, key)
		}
		at := r.due[key]
		for _, l := range ladders {
			if err := l.Ring(r.Context(), key, step, at); err != nil {
				r.Fatal(err)
			}
		}
	}
}

func (r *rig) acknowledge(l *Ladder, delegate string, n push.Notice) {
	r.Helper()
	if err := l.Receipts.Acknowledge(r.Context(), seoul, delegate, n.Seq); err != nil {
		r.Fatal(err)
	}
	if err := l.Acknowledged(r.Context(), seoul, delegate, []push.Notice{n}); err != nil {
		r.Fatal(err)
	}
}

func (r *rig) wantTold(want ...string) {
	r.Helper()
	if !slices.Equal(r.told, want) {
		r.Errorf("told %q, want %q", r.told, want)
	}
	r.told = nil
}

// asked is the notice about a case that somebody got last.
func (r *rig) asked(l *Ladder, who string) push.Notice {
	r.Helper()
	if err := l.Ledger.Refresh(r.Context(), seoul); err != nil {
		r.Fatal(err)
	}
	all, _ := l.Ledger.Inbox(seoul, who, 0, 100)
	return all[len(all)-1]
}

func TestUrgentNewsClimbsUntilSomebodyWhoAnswersHasSeenIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	n := r.file("panel", 2, "minister", "head", "member", "nobody")
	r.acknowledge(r.a, "member", n) // who answers for nobody
	r.acknowledge(r.a, "nobody", n)
	r.ring()
	r.wantTold("escalation.asked 1 liaison")
	r.ring()
	r.wantTold("escalation.asked 2 officer")
	if calls := r.a.Calls(seoul); len(calls) > 0 {
		t.Errorf("too early, %+v", calls)
	}
	r.ring()
	r.wantTold()
	for _, l := range []*Ladder{r.a, r.b} {
		if calls := l.Calls(seoul); len(calls) != 1 || calls[0].Delegation != "kr" || !slices.Equal(calls[0].Principals, []string{"head", "minister"}) {
			t.Fatalf("to call: %+v", calls)
		}
	}
	if len(r.alarms) > 0 {
		t.Errorf("alarms of a case at its top: %v", r.alarms)
	}
	// One that was asked about another case, and somebody who was not asked at all.
	r.acknowledge(r.b, "clerk", r.asked(r.b, "officer"))
	if len(r.a.Calls(seoul)) != 1 {
		t.Error("somebody whose it is not ended it")
	}
	r.acknowledge(r.b, "officer", r.asked(r.b, "officer"))
	r.wantTold("escalation.ended 4 liaison")
	if calls := r.b.Calls(seoul); len(calls) != 0 {
		t.Errorf("still to call: %+v", calls)
	}
	if newest, _ := r.b.Ledger.Newest(seoul, r.asked(r.b, "liaison").Subject); newest.Category != Ended {
		t.Errorf("the newest card is %s", newest.Category)
	}
	r.ring()
	r.wantTold()
}

func TestNothingClimbsThatIsSeenOrOver(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	seen := r.file("seen in time", 2, "minister")
	r.acknowledge(r.b, "minister", seen)
	r.file("nobody must know", 2, "member", "nobody")
	r.file("newer news", 2, "minister")
	newer := r.file("newer news", 3, "minister")
	r.acknowledge(r.a, "minister", newer)
	byLiaison := r.file("the liaison has it too", 2, "minister", "liaison")
	r.acknowledge(r.a, "liaison", byLiaison)
	r.ring()
	r.wantTold()
	speaks := r.file("somebody speaks", 2, "speaker") // whose delegation has nobody to ask
	r.ring()
	r.wantTold()
	calls := r.a.Calls(seoul)
	if len(calls) != 1 || calls[0].Delegation != "hu" {
		t.Fatalf("to call: %+v", calls)
	}
	if found, err := r.b.Called(t.Context(), "london", "clerk", []string{calls[0].ID, "no such"}); found != 0 || err != nil {
		t.Errorf("from another conference: %d, %v", found, err)
	}
	for range 2 {
		if found, err := r.b.Called(t.Context(), seoul, "clerk", []string{calls[0].ID, "no such"}); found != 1 || err != nil {
			t.Errorf("called: %d, %v", found, err)
		}
	}
	if err := r.a.Hear(t.Context(), calls[0].ID); err != nil || len(r.a.Calls(seoul)) > 0 {
		t.Errorf("still to call: %+v, %v", r.a.Calls(seoul), err)
	}
	r.acknowledge(r.a, "speaker", speaks)
	r.file("late", 2, "minister")
	r.ring()
	r.wantTold("escalation.asked 1 liaison")
	r.acknowledge(r.b, "minister", r.asked(r.b, "minister"))
	r.wantTold("escalation.ended 4 liaison")
	r.ring()
	r.wantTold()
	if err := r.a.Forget(t.Context(), seoul, "liaison"); err != nil {
		t.Fatal(err)
	}
	if all, err := store.All[Case](t.Context(), r.a.docs, nil); err != nil || slices.ContainsFunc(all, func(c Case) bool { return slices.Contains(c.Asked, "liaison") }) {
		t.Errorf("cases name somebody erased: %+v, %v", all, err)
	}
	r.file("never called", 2, "speaker")
	r.ring()
	for _, sweeps := range []struct {
		after time.Duration
		left  int
	}{{kept - 10*time.Minute, 3}, {9 * time.Minute, 1}, {time.Hour, 0}} { // the news of the open one was worth an hour
		r.now = r.now.Add(sweeps.after)
		for _, l := range []*Ladder{r.a, r.b, r.a} {
			if err := l.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if all, err := store.All[Case](t.Context(), r.a.docs, nil); err != nil || len(all) != sweeps.left {
			t.Errorf("%d cases are left, %v, want %d", len(all), err, sweeps.left)
		}
	}
}

func TestTheOfficeDoesNotLearnFromCardsWhoMeets(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	meeting := push.Subject{Kind: push.Meeting, ID: "m"}
	n, _, err := r.a.Ledger.File(t.Context(), push.Notice{
		Key: push.Key(seoul, meeting, 1, 2), Conference: seoul, Subject: meeting, From: 1, To: 2, Urgency: push.Urgent, Category: "meeting.moved",
		AckBy: r.now.Add(3 * time.Minute), ExpiresAt: r.now.Add(time.Hour),
	}, []string{"minister", "speaker"})
	if err == nil {
		err = r.a.Watch(t.Context(), n)
	}
	if err == nil {
		err = r.b.Ledger.Hear(t.Context(), n.Key)
	}
	if err != nil {
		t.Fatal(err)
	}
	r.ring()
	if asked := r.asked(r.a, "liaison"); asked.Delegation != "" {
		t.Errorf("who is asked for two delegations learns that %s meets", asked.Delegation)
	}
	r.file("panel", 2, "nobody")
	desk := reach.Desk{
		Ledger: r.a.Ledger, Receipts: r.a.Receipts, Roster: r.a.Roster, Now: func() time.Time { return r.now },
		Phones: func(string) bool { return false },
	}
	for reader, want := range map[string]int{"host": 0, "kr": 1} {
		all, groups, err := desk.Of(t.Context(), r.asked(r.a, "liaison"), reader)
		if err != nil || all.Recipients != 1 || len(groups) != want {
			t.Errorf("%s learns of %+v, %v", reader, groups, err)
		}
	}
	for _, b := range desk.Unreached(seoul) {
		if shown := len(b.Notices); (shown > 0) != (b.Delegation == "fr") {
			t.Errorf("of %s it is shown %+v", b.Delegation, b.Notices)
		}
	}
}

func TestACaseIsNeitherLostNorEndedByAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	about := push.Subject{Kind: push.Session, ID: "panel"}
	n, _, err := r.a.Ledger.File(t.Context(), push.Notice{ // b does not hear of it
		Key: push.Key(seoul, about, 1, 2), Conference: seoul, Subject: about, From: 1, To: 2, Urgency: push.Urgent, Category: "session.moved",
		AckBy: r.now.Add(3 * time.Minute), ExpiresAt: r.now.Add(time.Hour),
	}, []string{"minister"})
	if err == nil {
		err = r.a.Watch(t.Context(), n)
	}
	if err == nil {
		err = r.books[1].Close(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := r.b.Ring(t.Context(), n.Key, Deadline, r.now); err == nil {
		t.Error("a deadline of which nothing is known is looked after")
	}
	r.ringOn(r.a)
	r.wantTold("escalation.asked 1 liaison")
	id := caseID(n.Key, "kr")
	if err := r.b.Ring(t.Context(), id, Liaisons, r.now); err == nil {
		t.Error("a case whose news cannot be read goes on")
	}
	r.ringOn(r.a)
	r.wantTold("escalation.asked 2 officer")

	r.deaf = true
	if err := r.a.Acknowledged(t.Context(), seoul, "minister", []push.Notice{n}); err == nil {
		t.Error("those who were asked need not be told that it is over")
	}
	r.deaf = false
	if err := r.a.Ring(t.Context(), id, Officer, r.now); err != nil {
		t.Fatal(err)
	}
	r.wantTold("escalation.ended 4 liaison", "escalation.ended 4 officer")
}
