package seat_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"plenary.example/services/delegates/internal/seat"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

func substitute(t *testing.T, p replica, o seat.Order) seat.Substitution {
	t.Helper()
	s, err := p.Substitute(t.Context(), liaison, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func work(t *testing.T, replicas ...replica) {
	t.Helper()
	for _, p := range replicas {
		if err := p.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// handed demands that the deputy has the seat, and that it was told once.
func (r *rig) handed(t *testing.T, p replica, deputy string) {
	t.Helper()
	if d := p.person(t, "kim"); d.Status != event.Substituted || d.Deputy != deputy || d.Rights < 2 {
		t.Errorf("who left is %+v", d)
	}
	if p.head(t) != deputy {
		t.Errorf("the head is %s", p.head(t))
	}
	if n := r.told(event.DelegateSubstituted{}); n != 1 {
		t.Errorf("the substitution was told %d times", n)
	}
	if !slices.Contains(r.ended, "kim") {
		t.Error("the sign-ins were not ended")
	}
	all, err := p.List(t.Context(), liaison)
	if err != nil || len(all) == 0 || all[0].State != seat.Done {
		t.Errorf("listed %+v, %v", all, err)
	}
}

func TestTheDeputyGetsTheSeatAndNotTheRights(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.replica(nil)
	before := p.person(t, "ahn")
	s := substitute(t, p, seat.Order{Delegate: "kim", Deputy: "ahn"})
	if s.State != seat.Done || s.Actor != "lee" || !s.From.Equal(start) || s.Delegation != korea {
		t.Errorf("substituted: %+v", s)
	}
	r.handed(t, p, "ahn")
	if d := p.person(t, "ahn"); !slices.Equal(d.Roles, before.Roles) || d.Rights != before.Rights || d.Revision != before.Revision {
		t.Errorf("the deputy became %+v", d)
	}
	for _, e := range r.events {
		if e.Actor != "lee" || e.Principal != "kim" {
			t.Errorf("%s by %q for %q", e.Type, e.Actor, e.Principal)
		}
	}
	var news event.DelegateSubstituted
	i := slices.IndexFunc(r.events, func(e event.Envelope) bool { return e.Type == news.Type() })
	if err := r.events[i].Into(&news); err != nil || news != (event.DelegateSubstituted{Substitution: s.ID, Delegation: korea, Delegate: "kim", Deputy: "ahn", From: start}) {
		t.Errorf("told %+v, %v", news, err)
	}
}

func TestALiaisonActsForTheOwnDelegationAndSeesNoOther(t *testing.T) {
	t.Parallel()
	p := newRig(t).replica(nil)
	stranger := caller.Caller{Delegate: "nagy", Conference: seoul, Delegation: hungary, Roles: []string{caller.Liaison}}
	planned := substitute(t, p, seat.Order{Delegate: "oh", Deputy: "ahn", From: start.Add(time.Hour)})
	hidden := problem.Hidden()
	for name, err := range map[string]error{
		"another delegation's person":  errOf(p.Substitute(t.Context(), stranger, seat.Order{Delegate: "kim", Deputy: "nagy"})),
		"another delegation's deputy":  errOf(p.Substitute(t.Context(), liaison, seat.Order{Delegate: "kim", Deputy: "nagy"})),
		"another conference's person":  errOf(p.Substitute(t.Context(), liaison, seat.Order{Delegate: "far", Deputy: "ahn"})),
		"nobody":                       errOf(p.Substitute(t.Context(), liaison, seat.Order{Delegate: "xyz", Deputy: "ahn"})),
		"nobody as deputy":             errOf(p.Substitute(t.Context(), liaison, seat.Order{Delegate: "kim", Deputy: "xyz"})),
		"somebody erased":              errOf(p.Substitute(t.Context(), liaison, seat.Order{Delegate: "nobody", Deputy: "ahn"})),
		"another delegation's plan":    p.Withdraw(t.Context(), stranger, planned.ID),
		"a plan there is not":          p.Withdraw(t.Context(), liaison, "xyz"),
		"erased, for the secretariat":  errOf(p.Substitute(t.Context(), office, seat.Order{Delegate: "nobody", Deputy: "ahn"})),
		"elsewhere, for secretariat's": errOf(p.Substitute(t.Context(), office, seat.Order{Delegate: "far", Deputy: "ahn"})),
	} {
		if err == nil || problem.From(err).Error() != hidden.Error() {
			t.Errorf("%s: %v, want it hidden", name, err)
		}
	}
	for who, want := range map[string]int{"lee": 1, "nagy": 0, "ofc": 1} {
		by := map[string]caller.Caller{"lee": liaison, "nagy": stranger, "ofc": office}[who]
		if all, err := p.List(t.Context(), by); err != nil || len(all) != want {
			t.Errorf("%s lists %d, %v, want %d", who, len(all), err, want)
		}
	}
}

func errOf(_ seat.Substitution, err error) error { return err }

func TestAnOrderIsHeldToTheRules(t *testing.T) {
	t.Parallel()
	p := newRig(t).replica(nil)
	for _, test := range []struct {
		order seat.Order
		want  string
	}{
		{seat.Order{Delegate: "kim", Deputy: "kim"}, "same_person"},
		{seat.Order{Delegate: "kim", Deputy: "nagy"}, "other_delegation"},
		{seat.Order{Delegate: "kim", Deputy: "gone"}, "deputy_not_accredited"},
		{seat.Order{Delegate: "gone", Deputy: "ahn"}, "not_accredited"},
		{seat.Order{Delegate: "ofc", Deputy: "nagy"}, "last_secretariat"},
		{seat.Order{Delegate: "kim", Deputy: "ahn", From: start.Add(-61 * time.Second)}, "in_the_past"},
		{seat.Order{Delegate: "kim", Deputy: "ahn", From: start.Add(60*24*time.Hour + time.Second)}, "too_far_ahead"},
		{seat.Order{Delegate: "kim", Deputy: "ahn", From: start.Add(60 * 24 * time.Hour)}, ""},
		{seat.Order{Delegate: "kim", Deputy: "oh"}, "already_substituted"},
		{seat.Order{Delegate: "oh", Deputy: "lee", From: start.Add(-59 * time.Second)}, ""},
		{seat.Order{Delegate: "oh", Deputy: "lee"}, "already_substituted"},
		{seat.Order{Delegate: "ahn", Deputy: "oh"}, "deputy_not_accredited"},
	} {
		_, err := p.Substitute(t.Context(), office, test.order)
		if got := problem.From(err); test.want == "" && err != nil || test.want != "" && (err == nil || got.Code != test.want) {
			t.Errorf("%+v: %v, want %q", test.order, err, test.want)
		}
	}
}

func TestAPlannedOneHappensWhenItsMomentComes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ordering, other := r.replica(nil), r.replica(nil)
	substitute(t, ordering, seat.Order{Delegate: "kim", Deputy: "ahn", From: start.Add(time.Hour)})
	r.pass(time.Hour - time.Millisecond)
	work(t, ordering, other)
	if d := other.person(t, "kim"); d.Status != event.Accredited {
		t.Fatalf("too early: %+v", d)
	}
	r.pass(time.Millisecond)
	work(t, other) // whichever is due first
	r.handed(t, other, "ahn")
	work(t, ordering, other)
	r.handed(t, ordering, "ahn")
}

func TestOnlyAPlannedOneIsWithdrawn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p, other := r.replica(nil), r.replica(nil)
	s := substitute(t, p, seat.Order{Delegate: "kim", Deputy: "ahn", From: start.Add(time.Hour)})
	for range 2 {
		if err := other.Withdraw(t.Context(), office, s.ID); err != nil {
			t.Fatal(err)
		}
	}
	r.pass(2 * time.Hour)
	work(t, p, other)
	if d := p.person(t, "kim"); d.Status != event.Accredited {
		t.Errorf("happened all the same: %+v", d)
	}
	s = substitute(t, p, seat.Order{Delegate: "kim", Deputy: "oh"})
	if err := p.Withdraw(t.Context(), liaison, s.ID); problem.From(err).Code != "substitution_done" {
		t.Errorf("withdrawn when done: %v", err)
	}
	r.handed(t, other, "oh")
}

func TestAPlanWithoutItsPeopleWithdrawsByItself(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		who, becomes, reason string
	}{
		{"kim", event.Removed, seat.DelegateGone},
		{"kim", event.Erased, seat.DelegateGone},
		{"ahn", event.Removed, seat.DeputyGone},
		{"ahn", event.Substituted, seat.DeputyGone},
	} {
		t.Run(test.who+" is "+test.becomes, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			p := r.replica(nil)
			s := substitute(t, p, seat.Order{Delegate: "kim", Deputy: "ahn", From: start.Add(time.Hour)})
			work(t, p)
			p.becomes(t, test.who, test.becomes)
			work(t, p)
			got, err := p.Find(t.Context(), office, s.ID)
			if err != nil || got.State != seat.Withdrawn || got.Reason != test.reason || got.WithdrawnBy != "" {
				t.Errorf("%+v, %v", got, err)
			}
			if r.told(event.DelegateSubstituted{}) > 0 {
				t.Error("told all the same")
			}
		})
	}
}

func TestWhoIsReinstatedMayLeaveTheSeatAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.replica(nil)
	substitute(t, p, seat.Order{Delegate: "oh", Deputy: "ahn"})
	p.becomes(t, "oh", event.Accredited)
	if s := substitute(t, p, seat.Order{Delegate: "oh", Deputy: "kim"}); s.State != seat.Done {
		t.Errorf("the second: %+v", s)
	}
	if d := p.person(t, "oh"); d.Deputy != "kim" || r.told(event.DelegateSubstituted{}) != 2 {
		t.Errorf("who left is %+v", d)
	}
}

func TestOfManyOrdersForOneSeatOneIsTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	replicas := []replica{r.replica(nil), r.replica(nil)}
	var mu sync.Mutex
	outcomes := map[string]int{}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			_, err := replicas[i%2].Substitute(t.Context(), liaison, seat.Order{Delegate: "kim", Deputy: []string{"ahn", "oh"}[i/2%2]})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				outcomes["taken"]++
			} else {
				outcomes[problem.From(err).Code]++
			}
		})
	}
	wg.Wait()
	if outcomes["taken"] != 1 || outcomes["already_substituted"] != 19 {
		t.Errorf("outcomes %v", outcomes)
	}
	r.handed(t, replicas[0], replicas[0].person(t, "kim").Deputy)
}

func TestTwoReplicasAtOnceDoItOnce(t *testing.T) {
	t.Parallel()
	for round := range 5 {
		r := newRig(t)
		replicas := []replica{r.replica(nil), r.replica(nil), r.replica(nil)}
		substitute(t, replicas[0], seat.Order{Delegate: "kim", Deputy: "ahn", From: start.Add(time.Hour)})
		r.pass(time.Hour)
		var wg sync.WaitGroup
		for _, p := range replicas {
			wg.Go(func() {
				if err := p.Work(t.Context()); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		wg.Wait()
		r.handed(t, replicas[1], "ahn")
	}
}

// TestACrashBetweenAnyTwoStepsIsMadeUpFor ends the process that takes the order
// after one step, two, three …, and has another go on.
func TestACrashBetweenAnyTwoStepsIsMadeUpFor(t *testing.T) {
	t.Parallel()
	for steps := range int64(9) {
		t.Run(fmt.Sprint(steps), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			f := &fuse{}
			f.left.Store(steps)
			dying := r.replica(f)
			s, err := dying.Substitute(t.Context(), liaison, seat.Order{Delegate: "kim", Deputy: "ahn"})
			if err != nil && !errors.Is(err, errEnded) {
				t.Fatal(err)
			}
			if steps >= 7 && s.State != seat.Done {
				t.Errorf("after %d steps it is %s: the test does not cut where it means to", steps, s.State)
			}
			work(t, r.replica(nil))
			survivor := r.replica(nil)
			work(t, survivor)
			r.handed(t, survivor, "ahn")
		})
	}
}
