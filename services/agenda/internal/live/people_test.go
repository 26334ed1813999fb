package live

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
)

// minutely gives r a clock that is a minute later each time somebody looks.
func minutely(r *replica) func() time.Time {
	var looks atomic.Int64
	r.now = func() time.Time { return time.Date(2013, 10, 17, 0, int(looks.Add(1)), 0, 0, time.UTC) }
	return r.now
}

// toldOf is an event about people as the delegates service publishes it.
func toldOf(t *testing.T, id string, at time.Time, p event.Payload) event.Envelope {
	t.Helper()
	e, err := event.New(id, "seoul", "x", 2, "", at, p)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// stands puts the state message of a person, which r has heard when it returns.
func stands(t *testing.T, r *replica, delegate string, revision int64, status string) {
	t.Helper()
	data, err := json.Marshal(event.DelegateState{Delegate: delegate, Delegation: "kr", Revision: revision, Status: status})
	if err == nil {
		err = r.bus.PutState(t.Context(), event.DelegateStateSubject("seoul", delegate), revision, data)
	}
	if err != nil {
		t.Fatal(err)
	}
	synced(t, r)
}

func hear(t *testing.T, r *replica, e event.Envelope) {
	t.Helper()
	if err := r.HearPeople(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

// wantPicks compares what the store holds: the session and the revision seen.
func wantPicks(t *testing.T, r *replica, delegate string, want ...string) {
	t.Helper()
	var doc Picks
	if err := r.picks.Get(t.Context(), "seoul/"+delegate, &doc); err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, p := range doc.Picks {
		got = append(got, fmt.Sprint(p.Session, "@", p.AgendaRevision))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s has %v, want %v", delegate, got, want)
	}
}

func release(t *testing.T, r *replica, title string) {
	t.Helper()
	if _, _, err := r.Release(t.Context(), "seoul", "desk", "", retitle("one", title)); err != nil {
		t.Fatal(err)
	}
}

func pick(t *testing.T, r *replica, delegate string, sessions ...string) {
	t.Helper()
	for _, s := range sessions {
		if err := r.Pick(t.Context(), "seoul", delegate, s, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func TestADeputyHasThePicksOfTheSeatOnceAndNewsFromThenOn(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	at := minutely(a)
	add(t, a, panel("one"), panel("two"), panel("three"))
	pick(t, a, "ada", "two", "one")
	release(t, a, "before") // 2
	pick(t, a, "bob", "two")
	seat := toldOf(t, "act-1", at(), event.DelegateSubstituted{Substitution: "s1", Delegate: "ada", Deputy: "bob"})
	release(t, a, "after") // 3
	b, _ := open(t, e)
	b.watch.Stop() // b is behind for sure
	hear(t, b, seat)
	wantPicks(t, a, "bob", "two@2", "one@2") // revision 3 is news to the deputy, 2 is not
	wantPicks(t, a, "ada")
	synced(t, a)
	if err := a.Unpick(t.Context(), "seoul", "bob", "one"); err != nil {
		t.Fatal(err)
	}
	pick(t, a, "ada", "three") // with a token that has some seconds left
	for _, r := range []*replica{a, b} {
		hear(t, r, seat)
	}
	wantPicks(t, a, "bob", "two@2")
	wantPicks(t, a, "ada")
}

func TestASubstitutionAheadOfItsMomentCountsFromThatMoment(t *testing.T) {
	t.Parallel()
	a, _ := open(t, enginestest.Test(t))
	at := minutely(a)
	add(t, a, panel("one"))
	pick(t, a, "ada", "one")
	decided := at()
	release(t, a, "meanwhile")
	hear(t, a, toldOf(t, "act-1", decided, event.DelegateSubstituted{Delegate: "ada", Deputy: "bob", From: at()}))
	wantPicks(t, a, "bob", "one@2")
}

func TestASubstitutionCutInHalfIsFinished(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, stop := open(t, e)
	add(t, a, panel("one"), panel("two"))
	pick(t, a, "ada", "one", "two")
	seat := toldOf(t, "act-1", time.Now(), event.DelegateSubstituted{Delegate: "ada", Deputy: "bob"})
	// The deputy's half is written, and the process dies.
	left := a.byID["seoul"].picksOf("seoul", "ada").Picks
	if err := a.choose(t.Context(), "seoul", "bob", func(_ *conference, p *Picks) (bool, error) { return p.take(seat.ID, left, 1, seat.Time), nil }); err != nil {
		t.Fatal(err)
	}
	stop()
	b, _ := open(t, e)
	if err := b.Unpick(t.Context(), "seoul", "bob", "one"); err != nil {
		t.Fatal(err)
	}
	hear(t, b, seat)
	wantPicks(t, b, "bob", "two@1")
	wantPicks(t, b, "ada")
}

func TestWhoeverIsGoneKeepsNoPickAndWhoeverIsBackKeepsTheirs(t *testing.T) {
	t.Parallel()
	a, _ := open(t, enginestest.Test(t))
	add(t, a, panel("one"))
	gone := map[string]event.Envelope{
		"ada": toldOf(t, "1", time.Now(), event.DelegateChanged{Delegate: "ada", Status: event.Removed}),
		"bob": toldOf(t, "2", time.Now(), event.DelegateErased{Delegate: "bob"}),
		"eve": toldOf(t, "3", time.Now(), event.DelegateChanged{Delegate: "eve", Status: event.Accredited}),
		"kim": toldOf(t, "4", time.Now(), event.DelegateChanged{Delegate: "kim", Status: event.Substituted}), // the next event says who has them
	}
	for delegate, e := range gone {
		pick(t, a, delegate, "one")
		hear(t, a, e)
	}
	wantPicks(t, a, "ada")
	wantPicks(t, a, "bob")
	wantPicks(t, a, "eve", "one@1")
	wantPicks(t, a, "kim", "one@1")
	stands(t, a, "ada", 3, event.Accredited)
	pick(t, a, "ada", "one")
	hear(t, a, gone["ada"]) // the bus lost the consumer: everything comes again
	wantPicks(t, a, "ada", "one@1")

	synced(t, a)
	empty := map[string]bool{}
	watch, err := a.bus.WatchState(t.Context(), func(_ context.Context, m bus.Seen) error {
		var p event.PicksState
		if _, kind, _ := event.SplitState(m.Subject); kind == "agenda.picks" && json.Unmarshal(m.Data, &p) == nil {
			empty[p.Delegate] = len(p.Picks) == 0
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	watch.Stop()
	if !empty["bob"] || empty["ada"] {
		t.Errorf("the bus has picks for bob: %v, for ada: %v", !empty["bob"], !empty["ada"])
	}
}

func TestPicksOfSomebodyGoneAreClearedWithoutTheirEvent(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, panel("one"))
	for _, delegate := range []string{"ada", "bob", "eve"} {
		pick(t, a, delegate, "one")
	}
	stands(t, a, "ada", 2, event.Erased)
	stands(t, a, "bob", 2, event.Substituted) // by whom, an event will say
	b, _ := open(t, e)
	if err := b.ClearAway(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantPicks(t, a, "ada")
	wantPicks(t, a, "bob", "one@1")
	wantPicks(t, a, "eve", "one@1")
}

func TestTheDaysAndTheWaysAreToldOnceMoreWhereTheBusLacksThem(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, stop := open(t, e)
	facts, rooms, sessions := seoul(panel("one"))
	if err := a.Add(t.Context(), facts, rooms, sessions, nil); err != nil { // told without days
		t.Fatal(err)
	}
	synced(t, a)
	for _, lacks := range []bson.M{{"days": []string{"2013-10-17"}}, {"walking": []programme.Walk{{From: "north", To: "south", Minutes: 7}}}} {
		if err := a.conferences.Update(t.Context(), "seoul", nil, bson.M{"$set": lacks}); err != nil {
			t.Fatal(err)
		}
		stop()
		for range 2 { // the second finds nothing to do
			a, stop = open(t, e)
			synced(t, a)
			stop()
		}
		a, stop = open(t, e)
	}
	stop()
	c, _ := open(t, e)
	var last bus.Seen
	watch, err := c.bus.WatchState(t.Context(), func(_ context.Context, m bus.Seen) error {
		if m.Subject == event.ConferenceStateSubject("seoul") {
			last = m
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	watch.Stop()
	var told event.ConferenceState
	if err := json.Unmarshal(last.Data, &told); err != nil || fmt.Sprint(told.Days, told.Walking) != "[2013-10-17] [{north south 7}]" || last.Revision != 3 || told.Revision != 3 {
		t.Errorf("told %s under revision %d: %v", last.Data, last.Revision, err)
	}
}

func TestWhatIsHeldAboutSomebodyIsTheirPicksAndTheirReleases(t *testing.T) {
	t.Parallel()
	a, _ := open(t, enginestest.Test(t))
	add(t, a, panel("one"))
	pick(t, a, "desk", "one")
	for n := range 3 {
		release(t, a, fmt.Sprint(n))
		if _, _, err := a.Release(t.Context(), "seoul", "other", "", retitle("one", fmt.Sprint("other", n))); err != nil {
			t.Fatal(err)
		}
		held, err := a.HeldOf(t.Context(), "seoul", "desk")
		if err != nil || len(held.Picks) != 1 || held.Picks[0].Session != "one" || len(held.Releases) != n+1 || held.Releases[n].Revision != int64(2*n+2) || held.Releases[n].At.IsZero() {
			t.Fatalf("held: %+v, %v", held, err)
		}
	}
	for _, nobody := range [][2]string{{"seoul", "stranger"}, {"elsewhere", "desk"}} {
		held, err := a.HeldOf(t.Context(), nobody[0], nobody[1])
		if text, _ := json.Marshal(held); err != nil || string(text) != `{"picks":[],"releases":[],"calendarFeeds":[]}` {
			t.Errorf("of %v there is %s, %v", nobody, text, err)
		}
	}
}
