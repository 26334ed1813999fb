package participants_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/services/delegates/internal/participants"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
	"plenary.example/shared/store"
)

const seoul = "seoul-2013"

// book is everybody there is.
type book struct {
	mu     sync.Mutex
	groups []delegate.Delegation
	people []delegate.Delegate
}

func (b *book) DelegationsOf(string) []delegate.Delegation { return b.groups }

func (b *book) DelegatesOf(string) []delegate.Delegate {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.people)
}

func (b *book) change(id string, f func(*delegate.Delegate)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.people {
		if b.people[i].ID == id {
			f(&b.people[i])
		}
	}
}

func crowd(n int) *book {
	b := &book{groups: []delegate.Delegation{{ID: "g", Designation: map[string]string{"en": "G"}, Status: event.Accredited, Head: "d00001"}}}
	for i := range n {
		b.people = append(b.people, delegate.Delegate{
			ID: fmt.Sprintf("d%05d", i), Delegation: "g", Name: fmt.Sprint("Person ", i), Function: "Envoy", Rank: "expert", SortName: "S", Languages: []string{"ko"},
			Consent: delegate.Consent{Participants: true}, Status: event.Accredited,
		})
	}
	return b
}

type seoulFacts struct{}

func (seoulFacts) Of(string) delegate.Facts {
	return delegate.Facts{Name: map[string]string{"en": "Seoul Conference"}, Languages: []string{"en", "ko"}, Zone: time.UTC}
}

func (seoulFacts) Now(string) time.Time { return time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC) }

// told is what was published.
type told struct {
	mu     sync.Mutex
	events []event.Envelope
	wait   []func(context.Context) error
}

func (o *told) publish(_ context.Context, e event.Envelope) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.events = append(o.events, e)
	return nil
}

func (o *told) owe(_ string, tell func(context.Context) error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wait = append(o.wait, tell)
}

func (o *told) tell(t *testing.T) {
	t.Helper()
	for _, f := range o.wait {
		if err := f(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	o.wait = nil
}

func open(t *testing.T) *mongostore.Lists {
	t.Helper()
	e := enginestest.Test(t)
	s, err := store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "lists"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	return mongostore.NewLists(s)
}

func made(kept *mongostore.Lists, b *book, o *told, now func() time.Time) *participants.Lists {
	return participants.New(kept, b, seoulFacts{}, o.publish, o.owe, now)
}

func TestListsAreNumberedWithoutGapsHoweverManyAsk(t *testing.T) {
	t.Parallel()
	kept, b, o := open(t), crowd(3), &told{}
	const asked = 8
	var wg sync.WaitGroup
	numbers := make([]int, asked)
	for i := range asked {
		wg.Go(func() { // each on a replica of its own, two of them for one request
			one, _, err := made(kept, b, o, time.Now).Number(t.Context(), seoul, fmt.Sprint("command ", i/2), "ahn")
			if err != nil {
				t.Error(err)
			}
			numbers[i] = one.Number
		})
	}
	wg.Wait()
	for i := 0; i < asked; i += 2 {
		if numbers[i] != numbers[i+1] {
			t.Errorf("one request made lists %d and %d", numbers[i], numbers[i+1])
		}
	}
	slices.Sort(numbers)
	if want := []int{1, 1, 2, 2, 3, 3, 4, 4}; !slices.Equal(numbers, want) {
		t.Errorf("numbers %v", numbers)
	}
	if left, err := kept.Attempts(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("attempts are left: %v, %v", left, err)
	}
	o.tell(t)
	if untold, err := kept.UntoldLists(t.Context()); err != nil || len(untold) > 0 || len(o.events) != 4 {
		t.Errorf("%d were told, and not %v: %v", len(o.events), untold, err)
	}
}

func TestAListForgetsWhoIsErasedAndKeepsItsCounts(t *testing.T) {
	t.Parallel()
	kept, b, o := open(t), crowd(2500), &told{}
	l := made(kept, b, o, time.Now)
	for i := range 2 {
		if _, _, err := l.Number(t.Context(), seoul, fmt.Sprint(i), "ahn"); err != nil {
			t.Fatal(err)
		}
	}
	if held, err := l.Of(t.Context(), seoul, "d01000"); err != nil || len(held) != 2 || held[0].Name != "Person 1000" || held[0].Number != 1 {
		t.Fatalf("the lists hold %+v, %v", held, err)
	}
	for range 2 { // again does no harm
		if err := l.Erase(t.Context(), seoul, "d00000", "d01000", "d02499", "nobody"); err != nil {
			t.Fatal(err)
		}
	}
	for n := 1; n <= 2; n++ {
		c, err := l.Read(t.Context(), seoul, n)
		if err != nil || len(c.People) != 2500 || c.Participants != 2500 {
			t.Fatalf("list %d has %d people, %v", n, len(c.People), err)
		}
		erased := 0
		for _, p := range c.People {
			switch p.ID {
			case "d00000", "d01000", "d02499":
				erased++
				if want := (participants.Person{ID: p.ID, Delegation: "g", Participants: true, Erased: true}); p != want {
					t.Errorf("list %d has kept %+v", n, p)
				}
			default:
				if p.Erased || p.Name == "" {
					t.Errorf("list %d has lost %+v", n, p)
				}
			}
		}
		if sections := c.Sections("en", participants.Participants); erased != 3 || len(sections[0].People) != 2500 {
			t.Errorf("list %d shows %d people, %d erased", n, len(sections[0].People), erased)
		}
	}
	if changes, since, err := l.Changes(t.Context(), seoul, 2); err != nil || since != 1 || len(changes.Changed)+len(changes.Added)+len(changes.Removed) > 0 {
		t.Errorf("changes %v since %d, %v", changes, since, err)
	}
}

func TestWhoIsErasedWhileAListIsMadeIsNotOnIt(t *testing.T) {
	t.Parallel()
	kept, b, o := open(t), crowd(3), &told{}
	l := made(kept, b, o, time.Now)
	if _, _, err := l.Number(t.Context(), seoul, "a", "ahn"); err != nil {
		t.Fatal(err)
	}
	b.change("d00001", func(d *delegate.Delegate) {
		*d = delegate.Delegate{ID: d.ID, Delegation: d.Delegation, Status: event.Erased}
	})
	if _, err := l.Read(t.Context(), seoul, 1); err != nil { // Erase did not know of the list
		t.Fatal(err)
	}
	held, err := l.Of(t.Context(), seoul, "d00001")
	if err != nil || len(held) != 1 || held[0].Name != "" || !held[0].Erased {
		t.Errorf("the list holds %+v, %v", held, err)
	}
}

func TestWhatDiffersBetweenTwoListsIsNamed(t *testing.T) {
	t.Parallel()
	kept, b, o := open(t), crowd(4), &told{}
	l := made(kept, b, o, time.Now)
	if _, _, err := l.Number(t.Context(), seoul, "a", "ahn"); err != nil {
		t.Fatal(err)
	}
	b.change("d00000", func(d *delegate.Delegate) { d.Status = event.Removed })
	b.change("d00002", func(d *delegate.Delegate) { d.Name, d.Rank, d.Email = "Other", "minister", "not on the list" })
	b.change("d00003", func(d *delegate.Delegate) { d.Consent.Public, d.Telephone = true, "not on the list" })
	b.people = append(b.people, delegate.Delegate{ID: "d00009", Delegation: "g", Status: event.Accredited}, delegate.Delegate{ID: "d00010", Delegation: "gone", Status: event.Accredited})
	two, _, err := l.Number(t.Context(), seoul, "b", "ahn")
	if err != nil || two.Participants != 4 || two.Added != 1 || two.Removed != 1 || two.Changed != 2 {
		t.Errorf("list %+v, %v", two, err)
	}
	changes, _, err := l.Changes(t.Context(), seoul, 2)
	if got := fmt.Sprint(changes); err != nil || got != "{[d00009] [d00000] [{d00002 [name rank]} {d00003 [consent]}]}" {
		t.Errorf("changes %s, %v", got, err)
	}
	if changes, since, err := l.Changes(t.Context(), seoul, 1); err != nil || since != 0 || len(changes.Added) != 4 {
		t.Errorf("the first list changed %v since %d, %v", changes, since, err)
	}
	if _, err := l.Read(t.Context(), seoul, 3); !problem.Is(err, problem.NotFound) {
		t.Errorf("a list that is not there: %v", err)
	}
}

func TestPagesWithoutANumberAreRemovedAtStart(t *testing.T) {
	t.Parallel()
	kept, b, o := open(t), crowd(3), &told{}
	now := time.Now()
	l := made(kept, b, o, func() time.Time { return now.Add(time.Hour) })
	one, _, err := l.Number(t.Context(), seoul, "a", "ahn")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []participants.Attempt{
		{ID: "orphan", List: participants.ID(seoul, 1), Pages: 1, At: now},
		{ID: "alone", List: participants.ID(seoul, 7), Pages: 1, At: now},
		{ID: one.Set, List: one.ID, Pages: 1, At: now}, // it has its number, and only the note is left
		{ID: "busy", List: participants.ID(seoul, 2), Pages: 1, At: now.Add(time.Hour)},
	} {
		if err := kept.InsertAttempt(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if a.ID != one.Set {
			if err := kept.InsertPages(t.Context(), []participants.Page{{ID: participants.PageID(a.ID, 0)}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := l.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	for set, there := range map[string]bool{"orphan": false, "alone": false, one.Set: true, "busy": true} {
		if _, err := kept.Page(t.Context(), participants.PageID(set, 0)); problem.Is(err, problem.NotFound) == there {
			t.Errorf("the page of %s: %v", set, err)
		}
	}
	if left, err := kept.Attempts(t.Context()); err != nil || len(left) != 1 || left[0].ID != "busy" {
		t.Errorf("attempts %v, %v", left, err)
	}
}
