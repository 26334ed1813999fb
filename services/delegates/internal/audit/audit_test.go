package audit_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"plenary.example/services/delegates/internal/audit"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

const (
	seoul  = "seoul-2013"
	office = "office-person"
	kim    = "kim"
)

var morning = time.Date(2013, 10, 17, 8, 0, 0, 123_456_789, time.UTC)

func sealed(t *testing.T, n int, subject, actor, principal string, p event.Payload) event.Envelope {
	t.Helper()
	e, err := event.New(fmt.Sprintf("event-%03d", n), seoul, subject, int64(n), actor, morning.Add(time.Duration(n)*time.Minute), p)
	if err != nil {
		t.Fatal(err)
	}
	return e.For(principal)
}

func changed(t *testing.T, n int, who, actor, principal string) event.Envelope {
	t.Helper()
	return sealed(t, n, who, actor, principal, event.DelegateChanged{Delegate: who, Fields: []string{"rank", "function"}})
}

func ids(acts []audit.Act) (all []string) {
	for _, a := range acts {
		all = append(all, a.ID)
	}
	return all
}

func read(t *testing.T, l *audit.Log, f audit.Filter) []string {
	t.Helper()
	page, _, err := l.Read(seoul, f, 100, "")
	if err != nil {
		t.Fatal(err)
	}
	return ids(page)
}

func TestAnActSaysWhoAndWhichFieldsButNotWhatIsInThem(t *testing.T) {
	t.Parallel()
	e := sealed(t, 1, seoul, office, "", event.AgendaReleased{Revision: 7, Changes: []event.SessionChange{
		{Session: "s2", Fields: []string{"room", "time"}, After: event.SessionState{Title: map[string]string{"en": "Opening"}}},
		{Session: "s1", Fields: []string{"time"}},
	}})
	a, ok := audit.From(e)
	if !ok || a.Actor != office || a.Subject != seoul || !slices.Equal(a.Touched, []string{"s2", "s1"}) || !slices.Equal(a.Fields, []string{"room", "time"}) {
		t.Errorf("a release is %+v, %v", a, ok)
	}
	if _, ok := audit.From(sealed(t, 2, kim, "", "", event.DelegateErased{Delegate: kim})); ok {
		t.Error("what nobody did is an act")
	}
}

func TestEventsTwiceAndOutOfOrderAreActsOnceAndInOrder(t *testing.T) {
	t.Parallel()
	var events []event.Envelope
	var want []string
	for n := range 50 {
		e := changed(t, n, fmt.Sprint("person-", n%7), office, "")
		events = append(events, e, e)
		want = append([]string{e.ID}, want...)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		rnd.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		l, kept := audit.NewLog(), []audit.Act(nil)
		for i, e := range events {
			if a, _ := audit.From(e); i < 40 {
				kept = append(kept, a)
			}
		}
		l.Load(kept)
		for _, e := range events {
			l.Hear(e)
		}
		if got := read(t, l, audit.Filter{}); !slices.Equal(got, want) {
			t.Fatalf("read %v, want %v", got, want)
		}
	}
}

func TestActsAreFoundByWhoDidThemForWhomToWhatAndSinceWhen(t *testing.T) {
	t.Parallel()
	l := audit.NewLog()
	for _, e := range []event.Envelope{
		changed(t, 1, kim, office, kim),
		changed(t, 2, "lee", "key:robot", ""),
		changed(t, 3, "lee", office, ""),
		sealed(t, 4, seoul, office, "", event.AgendaReleased{Changes: []event.SessionChange{{Session: "s1"}}}),
	} {
		l.Hear(e)
	}
	for _, test := range []struct {
		filter audit.Filter
		want   []string
	}{
		{audit.Filter{Actor: office}, []string{"event-004", "event-003", "event-001"}},
		{audit.Filter{Actor: "key:robot"}, []string{"event-002"}},
		{audit.Filter{Principal: kim}, []string{"event-001"}},
		{audit.Filter{Subject: "lee", Actor: office}, []string{"event-003"}},
		{audit.Filter{Subject: "s1"}, []string{"event-004"}},
		{audit.Filter{Since: morning.Add(2 * time.Minute).Truncate(time.Millisecond)}, []string{"event-004", "event-003", "event-002"}},
		{audit.Filter{Actor: kim}, nil},
	} {
		if got := read(t, l, test.filter); !slices.Equal(got, test.want) {
			t.Errorf("%+v finds %v, want %v", test.filter, got, test.want)
		}
	}
	if page, _, _ := l.Read("london-2011", audit.Filter{}, 100, ""); len(page) > 0 {
		t.Errorf("another conference sees %v", page)
	}
}

func TestPagesDoNotShiftAndACursorIsBoundToItsFilter(t *testing.T) {
	t.Parallel()
	l := audit.NewLog()
	var want, got []string
	for n := range 25 {
		l.Hear(changed(t, n, kim, office, ""))
		want = append([]string{fmt.Sprintf("event-%03d", n)}, want...)
	}
	filter, cursor, pages := audit.Filter{Actor: office}, "", 0
	for {
		page, next, err := l.Read(seoul, filter, 10, cursor)
		if err != nil {
			t.Fatal(err)
		}
		got, cursor, pages = append(got, ids(page)...), next, pages+1
		if next == "" {
			break
		}
		l.Hear(changed(t, 100+pages, kim, office, "")) // newer than all of them
		for _, other := range []audit.Filter{{}, {Actor: office, Subject: kim}, {Actor: office, Since: morning}} {
			if _, _, err := l.Read(seoul, other, 10, next); !problem.Is(err, problem.Malformed) {
				t.Errorf("%+v takes the cursor of another list: %v", other, err)
			}
		}
	}
	if !slices.Equal(got, want) || pages != 3 {
		t.Errorf("%d pages have %v, want %v", pages, got, want)
	}
	for _, bad := range []string{"x", "AAAA", "!!", cursor + "AAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		if _, _, err := l.Read(seoul, filter, 10, bad); !problem.Is(err, problem.Malformed) {
			t.Errorf("cursor %q: %v", bad, err)
		}
	}
}

// kept is a store of acts; it fails as often as told.
type kept struct {
	acts  map[string]audit.Act
	fails int
}

func (k *kept) AddAct(_ context.Context, a audit.Act) error {
	if k.fails > 0 {
		k.fails--
		return errors.New("the store is away")
	}
	k.acts[a.ID] = a
	return nil
}

func (k *kept) ForgetAct(_ context.Context, id string) error {
	if k.fails > 0 {
		k.fails--
		return errors.New("the store is away")
	}
	delete(k.acts, id)
	return nil
}

func TestAnErasureForgetsWhatWasDoneToThePerson(t *testing.T) {
	t.Parallel()
	events := []event.Envelope{
		changed(t, 1, kim, office, ""),
		changed(t, 2, "lee", office, kim),
		changed(t, 3, "lee", kim, ""),
		sealed(t, 4, kim, office, "", event.DelegateErased{Delegate: kim}),
		changed(t, 5, kim, office, ""), // told late
	}
	want := []string{"event-004", "event-003"}
	for replica, ahead := range []int{1, 2, 3, 4, 5} { // how far the log is before the keeper
		store := &kept{acts: map[string]audit.Act{}}
		l := audit.NewLog()
		for _, e := range events[:ahead] {
			l.Hear(e)
		}
		keeper := audit.NewKeeper(store, l, func(context.Context) error {
			for _, e := range events {
				l.Hear(e)
			}
			return nil
		})
		for _, e := range events {
			for range 2 { // a repeat, or a crash before the acknowledgement
				store.fails = 1
				for keeper.Keep(t.Context(), e) != nil {
				}
			}
		}
		if got := read(t, l, audit.Filter{}); !slices.Equal(got, want) {
			t.Errorf("replica %d shows %v, want %v", replica, got, want)
		}
		for id := range store.acts {
			if !slices.Contains(want, id) {
				t.Errorf("replica %d keeps %s", replica, id)
			}
		}
		again, all := audit.NewLog(), []audit.Act(nil)
		for _, a := range store.acts {
			all = append(all, a)
		}
		again.Load(all)
		if got := read(t, again, audit.Filter{}); !slices.Equal(got, want) {
			t.Errorf("after a restart replica %d shows %v, want %v", replica, got, want)
		}
	}
}
