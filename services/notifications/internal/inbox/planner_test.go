package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
)

func TestWhoPickedTheSessionIsToldOnceAndNobodyElse(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	other := first
	other.Session = "other"
	r.conference(first, other)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	r.pick("bob", 1, event.Pick{Session: "other", AgendaRevision: 1})
	r.pick("eve", 1, event.Pick{Session: "s", AgendaRevision: 1})
	r.pick("eve", 2) // and unpicked it
	r.release(step(first, roomed(first, "annex", 2)))
	r.handled(2)
	r.wantInbox("ada", "session.moved 1>2")
	r.wantInbox("bob")
	r.wantInbox("eve")
	if n, _ := r.ledger.Inbox("seoul", "ada", 0, 1); n[0].Before.Room != "Hall" || n[0].After.Room != "annex" || n[0].Zone != "Asia/Seoul" {
		t.Errorf("notice says %+v", n[0])
	}
}

func TestARoomUnderAnotherNameIsNoOtherRoom(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	first.Start, first.End = time.Now().Add(20*time.Minute), time.Now().Add(time.Hour)
	r.conference(first)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	second := first
	second.Revision, second.RoomName, second.Title = 2, "Great Hall", map[string]string{"en": "Opening"}
	r.release(step(first, second))
	r.handled(2)
	r.wantInbox("ada", "session.changed 1>2")
	n, _ := r.ledger.Inbox("seoul", "ada", 0, 1)
	if n[0].Before.Room != "Great Hall" || n[0].After.Room != "Great Hall" || n[0].Urgency != push.Important {
		t.Errorf("notice says %+v", n[0])
	}
}

func TestAnEventTwiceOrOutOfOrderIsToldOnce(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	r.conference(first)
	r.handled(1)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	_, err := r.plan.Devices.Register(t.Context(), push.Device{Installation: "phone", Token: "token", Delegate: "ada", Conference: "seoul"})
	if err != nil {
		t.Fatal(err)
	}
	second, third := roomed(first, "annex", 2), roomed(first, "cellar", 3)
	e2 := r.stated(step(first, second))
	e3 := r.stated(step(second, third))
	for n, e := range []event.Envelope{e3, e2, e3, e2} {
		e.ID += fmt.Sprint("/again", n) // the broker would swallow the same id
		if err := r.bus.Publish(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	for _, rev := range []int64{3, 2, 3, 2} {
		r.handled(rev)
	}
	r.wantInbox("ada", "session.moved 1>3")
	if len(r.sent) != 1 {
		t.Errorf("handed to the senders %d times", len(r.sent))
	}
}

func TestAfterAPauseLongerThanEventsLiveTheNetNewsIsTold(t *testing.T) {
	t.Parallel()
	r := setup(t, 2*time.Second)
	r.start()
	first := soon()
	calm := first
	calm.Session = "calm"
	r.conference(first, calm)
	r.handled(1)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1}, event.Pick{Session: "calm", AgendaRevision: 1})
	r.stop()
	second, third := roomed(first, "annex", 2), roomed(first, "cellar", 3)
	r.release(step(first, second))
	r.release(step(second, third))
	r.release(step(calm, roomed(calm, "annex", 4)))
	r.release(step(roomed(calm, "annex", 4), roomed(calm, "hall", 5)))
	r.expired()
	r.start()
	r.wantInbox("ada", "session.moved 1>3") // calm went and came back: no news
	if got := r.ledger.Handled("seoul"); got != 5 {
		t.Errorf("handled up to %d, want 5", got)
	}
	// And the next change is told as ever.
	r.release(step(third, roomed(first, "attic", 6)))
	r.handled(6)
	r.wantInbox("ada", "session.moved 1>3", "session.moved 3>6")
}

func TestWhatIsRemovedAndBroughtBackIsTold(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	r.conference(first)
	r.handled(1)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	gone, back := first, first
	gone.Revision, gone.Status, back.Revision = 2, event.SessionRemoved, 3
	r.release(step(first, gone))
	r.handled(2)
	r.wantInbox("ada", "session.removed 1>2")
	r.release(event.SessionChange{Session: "s", Fields: []string{"created"}, After: back})
	r.handled(3)
	r.wantInbox("ada", "session.removed 1>2", "session.reinstated 2>3")
}

func TestWhoHasAPartInASessionIsTold(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	first.Stream, first.Access, first.People, first.Duties = event.StreamNone, "open", "a", []string{"ada", "bob"}
	r.conference(first)
	r.handled(1)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	moved := roomed(first, "annex", 2)
	r.release(step(first, moved))
	r.handled(2)
	r.wantInbox("ada", "session.moved 1>2") // once, though she picked it too
	r.wantInbox("bob", "session.moved 1>2")
	other := moved
	other.Revision, other.People, other.Duties = 3, "b", []string{"ada", "eve"}
	r.release(step(moved, other))
	r.handled(3)
	r.wantInbox("ada", "session.moved 1>2", "session.speakers 2>3")
	r.wantInbox("bob", "session.moved 1>2", "session.speakers 2>3")
	r.wantInbox("eve", "session.speakers 2>3")
}

func TestAPartInANewSessionIsNoNews(t *testing.T) {
	t.Parallel()
	r := setup(t, 2*time.Second)
	r.start()
	r.conference(soon())
	r.handled(1)
	r.stop()
	fresh := soon()
	fresh.Session, fresh.Duties = "fresh", []string{"ada"}
	r.release(event.SessionChange{Session: "fresh", Fields: []string{"created"}, After: fresh})
	second := roomed(fresh, "annex", 3)
	r.release(step(fresh, second))
	r.expired()
	r.start() // nobody saw it come
	r.wantInbox("ada")
	r.release(step(second, roomed(fresh, "cellar", 4)))
	r.handled(4)
	r.wantInbox("ada", "session.moved 3>4")
}

func TestAMissingEventInTheMiddleIsMadeUpFor(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	a, b := soon(), soon()
	b.Session = "b"
	r.conference(a, b)
	r.handled(1)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1}, event.Pick{Session: "b", AgendaRevision: 1})
	r.stated(step(a, roomed(a, "annex", 2))) // its event is never published
	r.release(step(b, roomed(b, "annex", 3)))
	r.handled(3)
	r.wantInbox("ada", "session.moved 1>2", "session.moved 1>3")
}

// expired waits until the agenda's stream holds no event any more.
func (r *rig) expired() {
	r.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		st, err := r.bus.JS().Stream(r.t.Context(), bus.StreamAgenda)
		if err != nil {
			r.t.Fatal(err)
		}
		if st.CachedInfo().State.Msgs == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-r.t.Context().Done():
			r.t.Fatal("events never expired")
		}
	}
}

func TestAPickThatArrivesLateIsToldLate(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	r.conference(first)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	r.release(step(first, roomed(first, "annex", 2)))
	r.handled(2)
	r.pick("bob", 1, event.Pick{Session: "s", AgendaRevision: 1}) // chosen before the move, heard of after it
	r.pick("eve", 1, event.Pick{Session: "s", AgendaRevision: 2}) // chosen in sight of the move
	if err := r.plan.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-r.plan.Late:
	default:
		t.Fatal("the late pick was not noticed")
	}
	for _, tell := range []func(context.Context) error{r.plan.TellLate, r.plan.CheckPicks} {
		if err := tell(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.wantInbox("ada", "session.moved 1>2")
	r.wantInbox("bob", "session.moved 1>2")
	r.wantInbox("eve")
}

func TestALatePickIsToldThoughNobodyElsePicked(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	second := roomed(first, "annex", 2)
	r.conference(first)
	r.release(step(first, second))
	renamed := second
	renamed.Kind = "press" // no news to anybody
	r.release(step(second, renamed))
	r.handled(3)
	r.pick("bob", 1, event.Pick{Session: "s", AgendaRevision: 1})
	if err := r.plan.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.plan.TellLate(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.wantInbox("bob", "session.moved 1>2")
}

func TestASiblingTellsTheStepFromWhatTheOtherTold(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	r.conference(first)
	r.handled(1)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	b := &rig{t: t, e: r.e, bus: r.bus, store: r.store, rev: r.rev}
	b.start()
	b.stop() // the test hands it its event; b has loaded what was told at revision 1
	second := roomed(first, "annex", 2)
	r.release(step(first, second))
	r.handled(2)
	r.stop()
	back := r.stated(step(second, roomed(first, "hall", 3)))
	b.mirror.with("seoul", func(x *reflection) { x.head = 3 })
	b.plan.Sync = func(context.Context) error { return nil }
	if err := b.plan.Handle(t.Context(), back); err != nil {
		t.Fatal(err)
	}
	b.wantInbox("ada", "session.moved 1>2", "session.moved 2>3")
}

func TestWhatNobodyNeedsAnyMoreIsNotTold(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon(func(s *event.SessionState) { s.Start, s.End = s.Start.Add(-48*time.Hour), s.End.Add(-48*time.Hour) })
	r.conference(first)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	r.release(step(first, roomed(first, "annex", 2)))
	r.handled(2)
	r.wantInbox("ada")
}

func TestAConferenceHeardOfInTheMiddleStartsQuietly(t *testing.T) {
	t.Parallel()
	r := setup(t, 2*time.Second)
	first := soon()
	second := roomed(first, "annex", 2)
	r.conference(first)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	r.release(step(first, second))
	r.expired()
	r.start() // a new service: it cannot know what was told
	r.wantInbox("ada")
	r.release(step(second, roomed(first, "cellar", 3)))
	r.handled(3)
	r.wantInbox("ada", "session.moved 2>3")
}

func TestAMessageNobodyCanReadIsPutAside(t *testing.T) {
	t.Parallel()
	r := setup(t, 0)
	r.start()
	first := soon()
	r.conference(first)
	r.handled(1)
	r.pick("ada", 1, event.Pick{Session: "s", AgendaRevision: 1})
	bad, err := event.New("bad", "seoul", "seoul", 2, "", time.Now(), event.AgendaReleased{})
	if err != nil {
		t.Fatal(err)
	}
	bad.Data = json.RawMessage(`{"revision":"two"}`)
	if err := r.bus.Publish(t.Context(), bad); err != nil {
		t.Fatal(err)
	}
	if _, err := r.bus.JS().Publish(t.Context(), "plenary.seoul.agenda.agenda.released.v1", []byte("{")); err != nil {
		t.Fatal(err)
	}
	r.release(step(first, roomed(first, "annex", 2)))
	r.handled(2)
	for len(r.inbox("ada")) == 0 { // the bad event has revision 2 as well
		r.handled(2)
	}
	r.wantInbox("ada", "session.moved 1>2")
	dead, err := r.bus.JS().Stream(t.Context(), bus.StreamDead)
	if err != nil {
		t.Fatal(err)
	}
	info, err := dead.Info(t.Context(), jetstream.WithSubjectFilter("plenary-dead.>"))
	if err != nil || info.State.Msgs != 2 || info.State.Subjects["plenary-dead."+durable] != 2 {
		t.Errorf("dead letters: %+v, %v", info.State.Subjects, err)
	}
}
