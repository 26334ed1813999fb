package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

func TestOfTwoSecretariesOnTwoReplicasNeitherIsLost(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, panel("one"), panel("two"))
	b, _ := open(t, e)
	const each = 20
	var wg sync.WaitGroup
	for i, r := range []*replica{a, b} {
		for n := range each {
			wg.Go(func() {
				id := []string{"one", "two"}[n%2]
				if _, _, err := r.Release(t.Context(), "seoul", "x", "", retitle(id, fmt.Sprint(i, n))); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	for _, r := range []*replica{a, b} {
		if err := r.Reach(t.Context(), "seoul", 1+2*each); err != nil {
			t.Fatal(err)
		}
	}
	_, x, _ := a.Conference("seoul")
	_, y, _ := b.Conference("seoul")
	if x.Revision != 1+2*each || fmt.Sprint(x.Sessions()) != fmt.Sprint(y.Sessions()) {
		t.Errorf("replicas are at %d and %d and differ", x.Revision, y.Revision)
	}
}

func TestADecisionIsTakenAgainOnWhatIsNowTrue(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, panel("one"))
	b, _ := open(t, e)
	b.watch.Stop() // b hears no hints: it is behind for sure
	if _, _, err := a.Release(t.Context(), "seoul", "x", "", retitle("one", "first")); err != nil {
		t.Fatal(err)
	}
	stale := errors.New("stale")
	var seen []int64
	_, _, err := b.Release(t.Context(), "seoul", "y", "", func(_ programme.Conference, g programme.Agenda) (programme.Proposal, error) {
		s, _ := g.Session("one")
		seen = append(seen, s.Revision)
		if s.Revision != 1 {
			return programme.Proposal{}, stale
		}
		s.Title = programme.Text{"en": "second"}
		return programme.Proposal{Sessions: []programme.Session{s}}, nil
	})
	if !errors.Is(err, stale) || fmt.Sprint(seen) != "[1 2]" {
		t.Errorf("decided on revisions %v: %v", seen, err)
	}
}

func TestAReplicaFollowsItsSiblings(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	add(t, a, panel("one"))
	if err := a.Pick(t.Context(), "seoul", "d1", "one", nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Release(t.Context(), "seoul", "x", "", retitle("one", "new")); err != nil {
		t.Fatal(err)
	}
	synced(t, a)
	synced(t, b)
	_, agenda, err := b.Conference("seoul")
	if err != nil || agenda.Revision != 2 {
		t.Fatalf("sibling is at %d, %v", agenda.Revision, err)
	}
	if picks, _ := b.PicksOf("seoul", "d0"); len(picks) != 1 {
		t.Errorf("sibling has the first picks %v", picks)
	}
	if picks, _ := b.PicksOf("seoul", "d1"); len(picks) != 1 || picks[0].AgendaRevision != 1 {
		t.Errorf("sibling has picks %v", picks)
	}
}

func TestWhatIsWrittenIsToldAfterACrash(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, stop := open(t, e)
	add(t, a, panel("one"))
	synced(t, a)
	// Written and not told: as if the process died between the two.
	r, _ := mustAgenda(t, a).Next("x", time.Now(), programme.Proposal{Sessions: []programme.Session{func() programme.Session { s := panel("one"); s.Room = "annex"; return s }()}})
	if err := a.releases.Insert(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	p := firstPicks("seoul", "d9", 1, []string{"one"}, time.Now())
	p.Pending = true
	if err := a.picks.Insert(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	stop()

	b, _ := open(t, e)
	synced(t, b)
	got := map[string]event.Envelope{}
	tail, err := b.bus.Tail(t.Context(), bus.StreamAgenda, 1, func(_ context.Context, m bus.Seen) error {
		if env, err := event.Parse(m.Data); err == nil {
			got[env.ID] = env
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	tail.Stop()
	var released event.AgendaReleased
	if err := got["seoul/agenda/2/1"].Into(&released); err != nil {
		t.Fatal(err)
	}
	if c := released.Changes; len(c) != 1 || c[0].Before.RoomName != "Hall" || c[0].After.RoomName != "Annex" {
		t.Errorf("told %+v", c)
	}
	var doc programme.Release
	if err := b.releases.Get(t.Context(), "seoul/2", &doc); err != nil || doc.Pending {
		t.Errorf("still marked as owed: %v %v", doc.Pending, err)
	}
	if picks, _ := b.PicksOf("seoul", "d9"); len(picks) != 1 {
		t.Errorf("picks after the crash: %v", picks)
	}
}

func mustAgenda(t *testing.T, r *replica) programme.Agenda {
	t.Helper()
	_, agenda, err := r.Conference("seoul")
	if err != nil {
		t.Fatal(err)
	}
	return agenda
}

func TestAReleaseOfASiblingThatDiedIsTold(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, panel("one"))
	synced(t, a)
	moved := panel("one")
	moved.Room = "annex"
	r, _ := mustAgenda(t, a).Next("x", time.Now(), programme.Proposal{Sessions: []programme.Session{moved}})
	if err := a.releases.Insert(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if err := a.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	synced(t, a)
	if n, err := a.bus.LastSequence(t.Context(), bus.StreamAgenda); err != nil || n != 2 || mustAgenda(t, a).Revision != 2 {
		t.Errorf("at revision %d, %d told, %v", mustAgenda(t, a).Revision, n, err)
	}
}

func TestStartingFromASnapshotGivesTheSameAgenda(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, stop := open(t, e)
	add(t, a, panel("one"), panel("two"))
	for n := range snapshotEvery + 10 {
		if _, _, err := a.Release(t.Context(), "seoul", "x", "", retitle("one", fmt.Sprint(n))); err != nil {
			t.Fatal(err)
		}
	}
	want := mustAgenda(t, a)
	synced(t, a) // the snapshot is taken when all is told
	// The releases before the snapshot are not read any more.
	if err := a.releases.Delete(t.Context(), "seoul/50", nil); err != nil {
		t.Fatal(err)
	}
	stop()
	b, _ := open(t, e)
	if got := mustAgenda(t, b); got.Revision != want.Revision || fmt.Sprint(got.Sessions()) != fmt.Sprint(want.Sessions()) {
		t.Errorf("came back at revision %d, want %d", got.Revision, want.Revision)
	}
}

func TestASnapshotHidesNothingThatIsStillOwed(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, stop := open(t, e)
	add(t, a, panel("one"))
	synced(t, a)
	over, cancel := context.WithCancel(context.Background())
	cancel()
	a.relay.Stop(over) // from here on nothing is told, as if the process were about to die
	for n := range snapshotEvery {
		if _, _, err := a.Release(t.Context(), "seoul", "x", "", retitle("one", fmt.Sprint(n))); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	b, _ := open(t, e)
	synced(t, b)
	if n, err := b.bus.LastSequence(t.Context(), bus.StreamAgenda); err != nil || n != snapshotEvery+1 {
		t.Errorf("%d of %d releases are told, %v", n, snapshotEvery+1, err)
	}
}

func TestAConferenceThatASiblingBroughtFirstIsTakenAsItIs(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	b, _ := open(t, e)
	b.watch.Stop() // b hears no hints: it is behind for sure
	add(t, a, panel("one"))
	if err := a.Pick(t.Context(), "seoul", "d1", "one", nil); err != nil {
		t.Fatal(err)
	}
	facts, rooms, sessions := seoul(panel("one"))
	facts.ClockOffset = time.Hour
	if err := b.Add(t.Context(), facts, rooms, sessions, map[string][]string{"d1": nil}); err != nil {
		t.Fatal(err)
	}
	if got, _, _ := b.Conference("seoul"); got.ClockOffset != 0 {
		t.Errorf("its clock is %s ahead of its sibling's", got.ClockOffset)
	}
	if picks, _ := b.PicksOf("seoul", "d1"); len(picks) != 1 {
		t.Errorf("picks %v, want the one made at the sibling", picks)
	}
}

func TestPicksOfManyDevicesAtOnceAreAllKept(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	var all []programme.Session
	for n := range 10 {
		all = append(all, panel(fmt.Sprint("s", n)))
	}
	add(t, a, all...)
	b, _ := open(t, e)
	var wg sync.WaitGroup
	for n, s := range all {
		wg.Go(func() {
			if err := []*replica{a, b}[n%2].Pick(t.Context(), "seoul", "d1", s.ID, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var doc Picks
	if err := a.picks.Get(t.Context(), "seoul/d1", &doc); err != nil || len(doc.Picks) != 10 || doc.Revision != 10 {
		t.Errorf("%d picks at revision %d, %v", len(doc.Picks), doc.Revision, err)
	}
}

func TestAPickAtAnotherReplicaIsDroppedHereAndMadeAgain(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, panel("one"))
	b, _ := open(t, e)
	b.watch.Stop() // b hears no hints: it is behind for sure
	for range 3 {
		if err := a.Pick(t.Context(), "seoul", "d1", "one", nil); err != nil {
			t.Fatal(err)
		}
		if err := b.Unpick(t.Context(), "seoul", "d1", "one"); err != nil {
			t.Fatal(err)
		}
		var doc Picks
		if err := a.picks.Get(t.Context(), "seoul/d1", &doc); err != nil || len(doc.Picks) != 0 {
			t.Fatalf("dropped, and %v is left: %v", doc.Picks, err)
		}
	}
}

func TestAReplicaFetchesWhatAClientHasSeen(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, panel("one"))
	b, _ := open(t, e)
	b.watch.Stop() // b hears no hints: it is behind for sure
	bring := func(id string) {
		t.Helper()
		if _, _, err := a.Release(t.Context(), "seoul", "x", "", func(programme.Conference, programme.Agenda) (programme.Proposal, error) {
			return programme.Proposal{Sessions: []programme.Session{panel(id)}}, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	bring("two")
	if err := b.Heard(t.Context(), "seoul", 2); err != nil || mustAgenda(t, b).Revision != 2 {
		t.Errorf("told of revision 2 it is at %d, %v", mustAgenda(t, b).Revision, err)
	}
	bring("three")
	if err := b.Heard(t.Context(), "seoul", 99); err != nil || mustAgenda(t, b).Revision != 3 {
		t.Errorf("told of a revision there is not, it is at %d, %v", mustAgenda(t, b).Revision, err)
	}
	if err := b.Reach(t.Context(), "seoul", 99); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a revision there is not is reached: %v", err)
	}
	bring("four")
	if err := b.Pick(t.Context(), "seoul", "d1", "four", nil); err != nil {
		t.Errorf("a session just brought cannot be picked: %v", err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Heard(over, "seoul", 99); !problem.Is(err, problem.Unavailable) {
		t.Errorf("with no time to ask: %v", err)
	}
}

func TestACommandRunsOnce(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	a, _ := open(t, e)
	add(t, a, panel("one"))
	ran := 0
	answer := func(int64, bool) ([]byte, error) { ran++; return json.Marshal(ran) }
	for n := range 3 {
		got, replayed, err := a.Once(t.Context(), "seoul", "key", []byte("body"), answer)
		if err != nil || string(got) != "1" || replayed != (n > 0) {
			t.Fatalf("answer %s, replayed %v, %v", got, replayed, err)
		}
	}
	if _, _, err := a.Once(t.Context(), "seoul", "key", []byte("other"), answer); !problem.Is(err, problem.Invalid) {
		t.Errorf("the key with another body: %v", err)
	}
	refused := problem.New(problem.Malformed, "bad", "bad")
	if _, _, err := a.Once(t.Context(), "seoul", "key2", []byte("body"), func(int64, bool) ([]byte, error) { return nil, refused }); !problem.Is(err, problem.Malformed) {
		t.Errorf("a refusal came out as %v", err)
	}
	if _, _, err := a.Once(t.Context(), "seoul", "key2", []byte("mended"), answer); err != nil {
		t.Errorf("after a refusal the key is still taken: %v", err)
	}
	// One that failed half-way may have done something, and is looked into at once.
	lost := errors.New("the store's answer is lost")
	if _, _, err := a.Once(t.Context(), "seoul", "key4", []byte("body"), func(int64, bool) ([]byte, error) { return nil, lost }); !errors.Is(err, lost) {
		t.Errorf("a failure came out as %v", err)
	}
	if _, _, err := a.Once(t.Context(), "seoul", "key4", []byte("body"), func(since int64, again bool) ([]byte, error) {
		if since != 1 || !again {
			t.Errorf("after a failure it goes on from %d, again %v", since, again)
		}
		return nil, nil
	}); err != nil {
		t.Error(err)
	}
	// One that was begun by a process that is gone is taken over after a while.
	old := Command{ID: "key3", Body: hash([]byte("body")), Since: 1, At: time.Now().Add(-2 * abandoned)}
	if err := a.commands.Insert(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Once(t.Context(), "seoul", "key3", []byte("body"), func(since int64, again bool) ([]byte, error) {
		if since != 1 || !again {
			t.Errorf("taken over from %d, again %v", since, again)
		}
		return nil, nil
	}); err != nil {
		t.Error(err)
	}
	if err := a.commands.Update(t.Context(), "key3", nil, bson.M{"$set": bson.M{"done": false, "at": time.Now()}}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Once(t.Context(), "seoul", "key3", []byte("body"), answer); !problem.Is(err, problem.Conflict) {
		t.Errorf("while the first still runs: %v", err)
	}
}

func TestAPickCountsFromTheAgendaOnTheScreen(t *testing.T) {
	t.Parallel()
	a, _ := open(t, enginestest.Test(t))
	add(t, a, panel("one"), panel("two"), panel("three"))
	if _, _, err := a.Release(t.Context(), "seoul", "x", "", retitle("one", "new")); err != nil {
		t.Fatal(err)
	}
	old, now, ahead := int64(1), int64(2), int64(3)
	for session, seen := range map[string]*int64{"one": &old, "two": &now, "three": nil} {
		if err := a.Pick(t.Context(), "seoul", "d1", session, seen); err != nil {
			t.Fatal(err)
		}
	}
	picks, err := a.PicksOf("seoul", "d1")
	if err != nil || len(picks) != 3 {
		t.Fatalf("%v %v", picks, err)
	}
	for _, p := range picks {
		if want := map[string]int64{"one": 1, "two": 2, "three": 2}[p.Session]; p.AgendaRevision != want {
			t.Errorf("%s is picked at %d, want %d", p.Session, p.AgendaRevision, want)
		}
	}
	if err := a.Pick(t.Context(), "seoul", "d1", "one", &ahead); !problem.Is(err, problem.Unavailable) {
		t.Errorf("with an agenda from the future: %v", err)
	}
}
