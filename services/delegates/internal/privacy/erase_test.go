package privacy_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/services/delegates/internal/privacy"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

func TestWhoIsErasedIsNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.replica()
	if err := p.Erase(t.Context(), office, "kim", 2); !problem.Is(err, problem.Stale) {
		t.Errorf("another revision: %v", err)
	}
	for range 2 { // the second time there is nothing to do
		if err := p.Erase(t.Context(), office, "kim", 0); err != nil {
			t.Fatal(err)
		}
	}
	r.erased(t, "kim", "seo 1")
	for id, named := range map[string]func(delegate.Delegation) string{
		"korea":   func(g delegate.Delegation) string { return g.Head },
		"hungary": func(g delegate.Delegation) string { return g.Officer },
	} {
		if g, err := p.book.Delegation(t.Context(), seoul, id); err != nil || named(g) != "" {
			t.Errorf("%s still names the person: %+v, %v", id, g, err)
		}
	}
	if n := r.told(event.DelegateErased{}, "kim"); n != 1 {
		t.Errorf("told %d times", n)
	}
	if p.book.ByExternal(seoul, delegate.KindDelegate, "MOFA-1") != "" || p.book.ByAccreditation(seoul, "SEO1") != "" {
		t.Error("found by a number")
	}
	if _, err := p.book.ChangeDelegate(t.Context(), seoul, "kim", 0, "ofc", "", func(d delegate.Delegate) (delegate.Delegate, error) {
		d.Name, d.Status = "Kim", event.Accredited
		return d, nil
	}); err != nil {
		t.Fatal(err)
	}
	r.erased(t, "kim", "seo 1")
}

func TestTheLastOfTheSecretariatStays(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.replica()
	if err := p.Erase(t.Context(), office, "ofc", 0); problem.From(err).Code != "last_secretariat" {
		t.Errorf("erased: %v", err)
	}
	if d, _ := p.book.Delegate(t.Context(), seoul, "ofc"); !d.Accredited() {
		t.Errorf("the record is %+v", d)
	}
	if err := p.Erase(t.Context(), office, "xyz", 0); !problem.Is(err, problem.NotFound) {
		t.Errorf("nobody: %v", err)
	}
}

func TestWhatFailsIsForgottenLater(t *testing.T) {
	t.Parallel()
	for name, finish := range map[string]func(t *testing.T, r *rig, began replica){
		"by the same replica": func(t *testing.T, _ *rig, began replica) {
			t.Helper()
			for began.GoOn(t.Context()) != nil {
			}
		},
		"by the next one to start": func(t *testing.T, r *rig, _ replica) {
			t.Helper()
			next := r.replica()
			for next.GoOn(t.Context()) != nil {
			}
		},
		"by one that heard of it": func(t *testing.T, r *rig, _ replica) {
			t.Helper()
			other := r.replica()
			if err := other.GoOn(t.Context()); err == nil {
				t.Error("the rooms were not away")
			}
			i := slices.IndexFunc(r.events, func(e event.Envelope) bool { return e.Type == event.DelegateErased{}.Type() })
			other.Hear(r.events[i])
			if err := other.GoOn(t.Context()); err != nil || len(r.forgot) > 0 {
				t.Errorf("taken out of the other's hands at once: %v", err)
			}
			r.set(r.now().Add(5 * time.Second))
			for other.GoOn(t.Context()) != nil {
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			p := r.replica()
			r.away = 5
			if err := p.Erase(t.Context(), office, "kim", 1); err != nil {
				t.Fatal(err) // the record is erased; the rest is a matter of time
			}
			finish(t, r, p)
			r.erased(t, "kim", "seo 1")
		})
	}
}

// TestACrashRightAfterTheRecordIsMadeUpFor: the document of the erasure was never
// written, and with it nobody knows the number any more.
func TestACrashRightAfterTheRecordIsMadeUpFor(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, err := r.replica().book.ChangeDelegate(t.Context(), seoul, "kim", 0, "ofc", "", func(d delegate.Delegate) (delegate.Delegate, error) {
		return delegate.Delegate{Delegation: d.Delegation, Status: event.Erased}, nil
	}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := r.replica().GoOn(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.erased(t, "kim", "")
}

func TestAWishIsNotedOnceAndTakenBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.replica()
	me := caller.Caller{Delegate: "kim", Conference: seoul}
	asked := r.now()
	for range 2 {
		if err := p.Ask(t.Context(), me); err != nil {
			t.Fatal(err)
		}
		r.set(r.now().Add(time.Hour))
	}
	if d, _ := p.book.Delegate(t.Context(), seoul, "kim"); !d.ErasureAskedAt.Equal(asked) || d.Revision != 2 || !d.Accredited() {
		t.Errorf("asked: %+v", d)
	}
	for range 2 {
		if err := p.Unask(t.Context(), me); err != nil {
			t.Fatal(err)
		}
	}
	if d, _ := p.book.Delegate(t.Context(), seoul, "kim"); !d.ErasureAskedAt.IsZero() || d.Revision != 3 {
		t.Errorf("taken back: %+v", d)
	}
}

// retain makes a sweep of a replica that keeps people for some days; keys counts
// how often API keys were ended.
func (r *rig) retain(p replica, keys *int) func(ctx context.Context, days int) error {
	return func(ctx context.Context, days int) error {
		return privacy.Retention{
			Office: p.Office, Conferences: p.book.Conferences, Days: days, Notices: mongostore.NewErasures(r.store),
			EndKeys: func(context.Context, string) error {
				*keys++
				return nil
			},
		}.Sweep(ctx)
	}
}

// TestAConferenceIsForgottenWhenItsTimeIsOver: its last day ends at midnight in
// Seoul, and its clock is an hour ahead.
func TestAConferenceIsForgottenWhenItsTimeIsOver(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p, keys := r.replica(), 0
	sweep := r.retain(p, &keys)
	over := time.Date(2013, 11, 18, 14, 0, 0, 0, time.UTC) // 31 days after the 18th, which ended at 15:00, less an hour
	for _, early := range []time.Duration{24*time.Hour + time.Millisecond, 24 * time.Hour, time.Millisecond} {
		r.set(over.Add(-early))
		if err := sweep(t.Context(), 31); err != nil || keys > 0 || r.told(event.DelegateErased{}, "kim") > 0 {
			t.Fatalf("%v too early: %d, %v", early, keys, err)
		}
		if warned := strings.Contains(r.log.take(), "at=2013-11-18T14:00:00.000Z"); warned != (early <= 24*time.Hour) {
			t.Errorf("%v too early: warned %v", early, warned)
		}
	}
	r.set(over)
	if err := sweep(t.Context(), 0); err != nil || keys > 0 {
		t.Fatalf("never is never: %d, %v", keys, err)
	}
	cut, stop := context.WithCancel(t.Context())
	stop()
	if err := sweep(cut, 31); err == nil {
		t.Error("a sweep that was cut says that it is through")
	}
	r.away = 2
	if err := sweep(t.Context(), 31); err != nil {
		t.Fatal(err)
	}
	next := r.replica() // goes on where the other ended
	if err := r.retain(next, &keys)(t.Context(), 31); err != nil {
		t.Fatal(err)
	}
	if err := next.GoOn(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, number := range map[string]string{"kim": "seo 1", "ofc": "SEO-2", "lee": ""} {
		r.erased(t, id, number)
		if n := r.told(event.DelegateErased{}, id); n != 1 {
			t.Errorf("%s: told %d times", id, n)
		}
	}
	if keys == 0 {
		t.Error("the keys were not ended")
	}
}

// TestNobodyIsForgottenWithoutAWarning: a service that was away for long, or is
// told to keep people for less, waits for a day, also over a restart.
func TestNobodyIsForgottenWithoutAWarning(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	keys, late := 0, time.Date(2014, 5, 1, 0, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		after        time.Duration
		warned, gone bool
	}{{0, true, false}, {24*time.Hour - time.Millisecond, true, false}, {24 * time.Hour, false, true}, {25 * time.Hour, false, true}} {
		r.set(late.Add(step.after))
		if err := r.retain(r.replica(), &keys)(t.Context(), 31); err != nil {
			t.Fatal(err)
		}
		if warned := strings.Contains(r.log.take(), "at=2014-05-02T00:00:00.000Z"); warned != step.warned {
			t.Errorf("after %v: warned %v", step.after, warned)
		}
		if gone := r.told(event.DelegateErased{}, "kim") == 1; gone != step.gone || (keys > 0) != step.gone {
			t.Errorf("after %v: forgotten %v, keys ended %d times", step.after, gone, keys)
		}
	}
	if _, err := r.replica().book.AddDelegate(t.Context(), delegate.Delegate{ID: "new", Conference: seoul, Delegation: "korea"}, ""); err != nil {
		t.Fatal(err)
	}
	if err := r.retain(r.replica(), &keys)(t.Context(), 31); err != nil || r.told(event.DelegateErased{}, "new") > 0 || r.log.take() == "" {
		t.Errorf("who came after: told %d times, %v", r.told(event.DelegateErased{}, "new"), err)
	}
}
