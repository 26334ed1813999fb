package delegate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

func add(t testing.TB, b *delegate.Book, d delegate.Delegate) delegate.Delegate {
	t.Helper()
	d.Conference = seoul
	d, err := b.AddDelegate(t.Context(), d, "office")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func renamed(name string) func(delegate.Delegate) (delegate.Delegate, error) {
	return func(d delegate.Delegate) (delegate.Delegate, error) {
		d.Name = name
		return d, nil
	}
}

func TestAChangeIsToldWithTheFieldsThatDiffer(t *testing.T) {
	t.Parallel()
	h := newHouse()
	b := h.replica(t, atOnce(t))
	d := add(t, b, delegate.Delegate{Name: "Ahn", Roles: []string{"delegate"}, Accreditation: "SEO-1"})
	now, err := b.ChangeDelegate(t.Context(), seoul, d.ID, 1, "office", d.ID, func(d delegate.Delegate) (delegate.Delegate, error) {
		d.Name, d.Roles = "Ahn So-yeon", []string{"delegate", "liaison"}
		return d, nil
	}, event.DelegateErased{Delegate: d.ID})
	if err != nil || now.Revision != 2 || now.Rights != d.Rights+1 {
		t.Fatalf("changed: %+v, %v", now, err)
	}
	if want := []string{"delegates.delegate.changed.v1", "delegates.delegate.changed.v1", "delegates.delegate.erased.v1"}; !slices.Equal(h.types(), want) {
		t.Errorf("told %v, want %v", h.types(), want)
	}
	var told event.DelegateChanged
	if err := h.events[1].Into(&told); err != nil || !slices.Equal(told.Fields, []string{"name", "roles"}) || told.Rights != now.Rights {
		t.Errorf("told %+v, %v", told, err)
	}
	if e := h.events[1]; e.Revision != 2 || e.Actor != "office" || e.Principal != d.ID || e.Conference != seoul || !e.Time.Equal(opening) {
		t.Errorf("envelope %+v", e)
	}
	if kept := h.delegates.docs[d.ID]; kept.Pending || len(kept.Owed) != 0 {
		t.Errorf("still owed: %+v", kept)
	}
	state := h.states[event.DelegateStateSubject(seoul, d.ID)]
	var stands event.DelegateState
	if err := json.Unmarshal(state.Data, &stands); err != nil || state.Revision != 2 || stands.Rights != now.Rights || stands.Status != event.Accredited {
		t.Errorf("state %s, %v", state.Data, err)
	}
}

func TestWhatChangesNothingIsNeitherWrittenNorTold(t *testing.T) {
	t.Parallel()
	h := newHouse()
	b := h.replica(t, atOnce(t))
	d := add(t, b, delegate.Delegate{Name: "Ahn"})
	now, err := b.ChangeDelegate(t.Context(), seoul, d.ID, 0, "office", "", renamed("Ahn"), event.DelegateErased{Delegate: d.ID})
	if err != nil || now.Revision != 1 || len(h.events) != 1 {
		t.Errorf("revision %d, %d events, %v", now.Revision, len(h.events), err)
	}
}

func TestOfAHundredEditsOfOneRevisionOneWins(t *testing.T) {
	t.Parallel()
	h := newHouse()
	books := []*delegate.Book{h.replica(t, atOnce(t)), h.replica(t, atOnce(t))}
	d := add(t, books[0], delegate.Delegate{Name: "Ahn"})
	var mu sync.Mutex
	var won, lost int
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			_, err := books[i%2].ChangeDelegate(context.Background(), seoul, d.ID, 1, "office", "", renamed(fmt.Sprint("Ahn ", i)))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if problem.Is(err, problem.Stale) {
				lost++
			}
		})
	}
	wg.Wait()
	if won != 1 || lost != 99 {
		t.Errorf("%d won, %d were stale, want 1 and 99", won, lost)
	}
}

func TestChangesOfAnyRevisionAllTakeEffect(t *testing.T) {
	t.Parallel()
	h := newHouse()
	books := []*delegate.Book{h.replica(t, atOnce(t)), h.replica(t, atOnce(t))}
	d := add(t, books[0], delegate.Delegate{})
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			_, err := books[i%2].ChangeDelegate(context.Background(), seoul, d.ID, 0, "office", "", func(d delegate.Delegate) (delegate.Delegate, error) {
				d.Function += "x"
				return d, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i, b := range books {
		if now, err := b.Delegate(t.Context(), seoul, d.ID); err != nil || len(now.Function) != 20 || now.Revision != 21 {
			t.Errorf("replica %d has %+v, %v", i, now, err)
		}
	}
}

func TestReplicasFollowEachOther(t *testing.T) {
	t.Parallel()
	h := newHouse()
	one, other := h.replica(t, atOnce(t)), h.replica(t, atOnce(t))
	d := add(t, one, delegate.Delegate{Name: "Ahn", ExternalID: "K-1", Accreditation: "seo 1"})
	if d.ID != delegate.IDFor(seoul, delegate.KindDelegate, "K-1") {
		t.Errorf("id %s", d.ID)
	}
	if got := other.ByExternal(seoul, delegate.KindDelegate, "K-1"); got != d.ID {
		t.Errorf("by external id: %q", got)
	}
	if _, err := other.ChangeDelegate(t.Context(), seoul, d.ID, 1, "office", "", func(d delegate.Delegate) (delegate.Delegate, error) {
		d.Accreditation, d.ExternalID, d.ID, d.Conference = "SEO2", "K-2", "x", "london-2011"
		return d, nil
	}); err != nil {
		t.Fatal(err)
	}
	now, err := one.Delegate(t.Context(), seoul, d.ID)
	if err != nil || now.Revision != 2 || now.ExternalID != "K-1" {
		t.Errorf("%+v, %v", now, err)
	}
	if one.ByAccreditation(seoul, "SEO1") != "" || one.ByAccreditation(seoul, "seo 2") != d.ID || h.numbers.held[seoul+"/SEO1"] != "" {
		t.Error("the numbers did not change hands")
	}
}

func TestANumberIsOnePersons(t *testing.T) {
	t.Parallel()
	h := newHouse()
	b := h.replica(t, atOnce(t))
	first := add(t, b, delegate.Delegate{Accreditation: "SEO-1"})
	if _, err := b.AddDelegate(t.Context(), delegate.Delegate{Conference: seoul, Accreditation: "seo-1"}, "office"); !problem.Is(err, problem.Conflict) {
		t.Errorf("the same number again: %v", err)
	}
	second := add(t, b, delegate.Delegate{Accreditation: "SEO-2"})
	h.pass(time.Hour)
	if _, err := b.ChangeDelegate(t.Context(), seoul, second.ID, 0, "office", "", func(d delegate.Delegate) (delegate.Delegate, error) {
		d.Accreditation = "SEO-1"
		return d, nil
	}); !problem.Is(err, problem.Conflict) {
		t.Errorf("somebody else's number: %v", err)
	}
	if h.numbers.held[seoul+"/SEO-1"] != first.ID || h.numbers.held[seoul+"/SEO-2"] != second.ID {
		t.Errorf("held %v", h.numbers.held)
	}
	h.numbers.held[seoul+"/SEO-3"], h.numbers.at[seoul+"/SEO-3"] = "nobody", opening // its writer is gone
	add(t, b, delegate.Delegate{Accreditation: "SEO-3"})
}

func TestWhoEverEndsIsEndedBeforeOthersHear(t *testing.T) {
	t.Parallel()
	h := newHouse()
	b := h.replica(t, atOnce(t))
	d := add(t, b, delegate.Delegate{Name: "Ahn"})
	var ended []string
	b.OnEnded(func(_ context.Context, d delegate.Delegate) error {
		ended = append(ended, fmt.Sprint(d.Status, " ", len(h.events)))
		return nil
	})
	if _, err := b.ChangeDelegate(t.Context(), seoul, d.ID, 0, "office", "", func(d delegate.Delegate) (delegate.Delegate, error) {
		d.Status = event.Removed
		return d, nil
	}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ended, []string{"removed 1"}) {
		t.Errorf("ended %v", ended)
	}
	if _, err := b.Accredited(t.Context(), seoul, d.ID); !problem.Is(err, problem.NotFound) {
		t.Errorf("still accredited: %v", err)
	}
}

func TestManyAreAddedAndOnlyTheirStatesTold(t *testing.T) {
	t.Parallel()
	h := newHouse()
	b := h.replica(t, atOnce(t))
	old := add(t, b, delegate.Delegate{Accreditation: "SEO-0", ExternalID: "0"})
	var people []delegate.Delegate
	for i := range 10 {
		people = append(people, delegate.Delegate{Conference: seoul, Delegation: "kr", ExternalID: fmt.Sprint(i), Accreditation: fmt.Sprint("SEO-", i)})
	}
	people = append(people, delegate.Delegate{Conference: seoul, ExternalID: "99", Accreditation: "SEO-0"})
	taken, err := b.AddMany(t.Context(), seoul, []delegate.Delegation{{ID: "kr", Conference: seoul}}, people)
	slices.Sort(taken)
	want := []string{old.ID, delegate.IDFor(seoul, delegate.KindDelegate, "99")}
	slices.Sort(want)
	if err != nil || !slices.Equal(taken, want) {
		t.Errorf("taken %v, %v, want %v", taken, err, want)
	}
	if len(b.DelegatesOf(seoul)) != 10 || len(b.Members(seoul, "kr")) != 9 || len(h.events) != 1 || len(h.states) != 11 {
		t.Errorf("%d people, %d members, %d events, %d states", len(b.DelegatesOf(seoul)), len(b.Members(seoul, "kr")), len(h.events), len(h.states))
	}
	puts := h.puts
	h.replica(t, atOnce(t))
	if h.puts != puts {
		t.Errorf("a start told %d states again", h.puts-puts)
	}
}

func TestACrowdASiblingBroughtIsReadAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse()
	one, other := h.replica(t, atOnce(t)), h.replica(t, atOnce(t))
	var people []delegate.Delegate
	for i := range 1000 {
		people = append(people, delegate.Delegate{Conference: seoul, ExternalID: fmt.Sprint(i)})
	}
	if _, err := one.AddMany(t.Context(), seoul, nil, people); err != nil {
		t.Fatal(err)
	}
	if got := len(other.DelegatesOf(seoul)); got != 1000 || h.delegates.reads > 100 {
		t.Errorf("the other knows %d of 1000, after %d reads", got, h.delegates.reads)
	}
}

func TestRecordsOfOlderBuildsReadSensiblyAndAreToldOnce(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.delegates.docs["d"] = delegate.Delegate{ID: "d", Conference: seoul, Name: "Old"}
	h.delegations.docs["g"] = delegate.Delegation{ID: "g", Conference: seoul, Kind: "group"}
	b := h.replica(t, atOnce(t))
	d, err := b.Accredited(t.Context(), seoul, "d")
	if err != nil || d.Revision != 1 {
		t.Errorf("%+v, %v", d, err)
	}
	if g, err := b.Delegation(t.Context(), seoul, "g"); err != nil || g.Kind != delegate.NonGovernmental || !g.Accredited() {
		t.Errorf("%+v, %v", g, err)
	}
	if h.puts != 2 {
		t.Errorf("%d states, want 2", h.puts)
	}
	if now, err := b.ChangeDelegate(t.Context(), seoul, "d", 1, "office", "", renamed("New")); err != nil || now.Revision != 2 {
		t.Errorf("%+v, %v", now, err)
	}
}

func TestAnotherConferencesPeopleAreNotThere(t *testing.T) {
	t.Parallel()
	h := newHouse()
	b := h.replica(t, atOnce(t))
	d := add(t, b, delegate.Delegate{Name: "Ahn"})
	_, foreign := b.Delegate(t.Context(), "london-2011", d.ID)
	_, guessed := b.Delegate(t.Context(), seoul, "nobody")
	_, change := b.ChangeDelegate(t.Context(), "london-2011", d.ID, 0, "office", "", renamed("x"))
	for _, err := range []error{foreign, guessed, change} {
		if !problem.Is(err, problem.NotFound) || err.Error() != problem.Hidden().Error() {
			t.Errorf("%v, want %v", err, problem.Hidden())
		}
	}
}

func TestTheFactsOfAConferenceAreFollowed(t *testing.T) {
	t.Parallel()
	h := newHouse()
	b := h.replica(t, atOnce(t))
	if f := b.Conferences.Of(seoul); f.Known || !slices.Equal(f.Languages, []string{"en"}) || !b.Conferences.Now(seoul).Equal(opening) {
		t.Errorf("unknown: %+v", f)
	}
	data, err := json.Marshal(event.ConferenceState{Conference: seoul, Revision: 1, Timezone: "Asia/Seoul", Languages: []string{"ko"}, Days: []string{"2013-10-17"}, ClockOffset: 60})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Hear(t.Context(), event.ConferenceStateSubject(seoul), 1, data); err != nil {
		t.Fatal(err)
	}
	f := b.Conferences.Of(seoul)
	if !f.Known || f.Zone.String() != "Asia/Seoul" || !slices.Equal(f.Days, []string{"2013-10-17"}) || !b.Conferences.Now(seoul).Equal(opening.Add(time.Minute)) {
		t.Errorf("%+v", f)
	}
}

// deaf is a replica that hears of nothing any more.
func (h *house) deaf(t testing.TB) *delegate.Book {
	t.Helper()
	b := h.replica(t, atOnce(t))
	h.books = h.books[:len(h.books)-1]
	return b
}

func TestThatNothingChangesIsBelievedOfTheStoreOnly(t *testing.T) {
	t.Parallel()
	h := newHouse()
	one := h.replica(t, atOnce(t))
	d := add(t, one, delegate.Delegate{Name: "Ahn"})
	behind := h.deaf(t)
	if _, err := one.ChangeDelegate(t.Context(), seoul, d.ID, 0, "office", "", renamed("An")); err != nil {
		t.Fatal(err)
	}
	if now, err := behind.ChangeDelegate(t.Context(), seoul, d.ID, 0, "office", "", renamed("Ahn")); err != nil || now.Revision != 3 || h.delegates.docs[d.ID].Name != "Ahn" {
		t.Errorf("put back to what the replica still believed: %+v, %v", now, err)
	}
	if _, err := one.ChangeDelegate(t.Context(), seoul, d.ID, 3, "office", "", renamed("Ahn So-yeon")); err != nil {
		t.Fatal(err)
	}
	if _, err := behind.ChangeDelegate(t.Context(), seoul, d.ID, 3, "office", "", renamed("Ahn")); !problem.Is(err, problem.Stale) {
		t.Errorf("an older revision where nothing would change: %v", err)
	}
}

func TestANumberJustClaimedIsLeftToItsHolder(t *testing.T) {
	t.Parallel()
	h := newHouse()
	b := h.replica(t, atOnce(t))
	h.numbers.held[seoul+"/SEO-3"], h.numbers.at[seoul+"/SEO-3"] = "somebody being written", opening
	if _, err := b.AddDelegate(t.Context(), delegate.Delegate{Conference: seoul, Accreditation: "SEO-3"}, "office"); !problem.Is(err, problem.Conflict) {
		t.Errorf("taken from under them: %v", err)
	}
}
