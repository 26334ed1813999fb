package privacy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/services/delegates/internal/privacy"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/store"
)

const seoul = "seoul-2013"

var office = caller.Caller{Delegate: "ofc", Conference: seoul, Delegation: "korea", Roles: []string{caller.Secretariat}}

// A rig is one store with a small conference, and any number of replicas on it.
type rig struct {
	t     *testing.T
	store *store.Store

	mu     sync.Mutex
	at     time.Time
	events []event.Envelope
	forgot map[string]string // what the rooms forgot: room and person to number
	away   int               // how often the rooms fail
	log    syncBuffer        // warnings
}

// syncBuffer is a log that is written from all sides.
type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// take is what was written since the last time.
func (b *syncBuffer) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.text.Reset()
	return b.text.String()
}

func newRig(t *testing.T) *rig {
	t.Helper()
	e := enginestest.Test(t)
	st, err := store.Open(t.Context(), store.Config{URI: e.StoreURI(), Dialer: e.Dialer(), Database: "plenary_delegates"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	r := &rig{t: t, store: st, at: time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC), forgot: map[string]string{}}
	b := r.replica().book
	for _, g := range []delegate.Delegation{{ID: "korea", Head: "kim"}, {ID: "hungary", Officer: "kim"}} {
		g.Conference = seoul
		if _, err := b.AddDelegation(t.Context(), g, ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []delegate.Delegate{
		{
			ID: "kim", ExternalID: "MOFA-1", Accreditation: "seo 1", Name: "Kim", SortName: "Kim", Function: "Director", Rank: "expert",
			Roles: []string{caller.Delegate}, Languages: []string{"ko"}, Email: "kim@x.example", Telephone: "+82", Consent: delegate.Consent{Public: true},
		},
		{ID: "ofc", Accreditation: "SEO-2", Roles: []string{caller.Secretariat}},
		{ID: "lee", Roles: []string{caller.Liaison}},
	} {
		d.Conference, d.Delegation = seoul, "korea"
		if _, err := b.AddDelegate(t.Context(), d, ""); err != nil {
			t.Fatal(err)
		}
	}
	r.events = nil
	return r
}

func (r *rig) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at
}

func (r *rig) set(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at = at
}

func (r *rig) PutState(context.Context, string, int64, []byte) error    { return nil }
func (r *rig) PutStates(context.Context, []delegate.StateMessage) error { return nil }

func (r *rig) Publish(_ context.Context, e event.Envelope) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	return nil
}

// told counts the events of a type about somebody.
func (r *rig) told(p event.Payload, subject string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Type == p.Type() && e.Subject == subject {
			n++
		}
	}
	return n
}

// room forgets, unless it is away.
func (r *rig) room(name string) privacy.Room {
	return privacy.Room{Name: name, Forget: func(_ context.Context, _ string, people []privacy.Person) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.away > 0 {
			r.away--
			return errors.New("the room is away")
		}
		for _, p := range people {
			if r.forgot[name+" "+p.ID] == "" {
				r.forgot[name+" "+p.ID] = p.Number
			}
		}
		return nil
	}}
}

type replica struct {
	*privacy.Office
	book *delegate.Book
}

// replica starts a process. It knows that the conference has two days in Seoul,
// and a clock that is an hour ahead.
func (r *rig) replica() replica {
	r.t.Helper()
	keeper := delegate.Keeper{
		Delegates: mongostore.NewDelegates(r.store), Delegations: mongostore.NewDelegations(r.store), Numbers: mongostore.NewNumbers(r.store),
	}
	b := delegate.NewBook(keeper, r, func(_ string, tell func(context.Context) error) {
		if err := tell(context.Background()); err != nil {
			r.t.Errorf("tell: %v", err)
		}
	}, r.now)
	if err := b.Load(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	facts := `{"conference":"seoul-2013","revision":1,"timezone":"Asia/Seoul","days":["2013-10-17","2013-10-18"],"clockOffset":3600}`
	if err := b.Hear(r.t.Context(), event.ConferenceStateSubject(seoul), 1, []byte(facts)); err != nil {
		r.t.Fatal(err)
	}
	b.Begin()
	o := privacy.NewOffice(mongostore.NewErasures(r.store), b, []privacy.Room{r.room("badges"), r.room("lists")}, r.now, slog.New(slog.NewTextHandler(&r.log, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err := o.Load(r.t.Context(), b.Everybody()); err != nil {
		r.t.Fatal(err)
	}
	return replica{o, b}
}

// erased demands that nothing is left of somebody in the records and the rooms,
// which were told the number.
func (r *rig) erased(t *testing.T, id, number string) {
	t.Helper()
	d, err := mongostore.NewDelegates(r.store).Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	want := delegate.Delegate{ID: id, Conference: seoul, Delegation: "korea", Status: event.Erased, Rights: 2, Revision: 2}
	if fmt.Sprint(d) != fmt.Sprint(want) {
		t.Errorf("the record is %+v, want %+v", d, want)
	}
	e, err := mongostore.NewErasures(r.store).Get(t.Context(), id)
	if err != nil || !e.Done() || e.Number != "" {
		t.Errorf("the erasure is %+v, %v", e, err)
	}
	for _, room := range []string{"badges", "lists"} {
		if got, ok := r.forgot[room+" "+id]; !ok || got != number {
			t.Errorf("%s forgot number %q, %v, want %q", room, got, ok, number)
		}
	}
}
