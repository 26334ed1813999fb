package desk

import (
	"context"
	"errors"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/shared/store"
)

func TestANewMeetingThatComesToTheStoreLateIsFoundWithoutARestart(t *testing.T) {
	t.Parallel()
	r, _ := open(t, enginestest.Test(t))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // who asks has time
	defer cancel()
	had := r.options.Patience
	r.options.Patience = time.Nanosecond // so the store does not answer
	if _, err := r.Add(ctx, "seoul", "claims", meeting.By{Desk: true}, booked("kr", "gb", at(0), "b1")); err == nil {
		t.Error("the store answers")
	}
	if _, err := r.Add(ctx, "seoul", "asks", meeting.By{}, func(meeting.World) (meeting.Plan, error) {
		return meeting.Plan{Next: asked("kr", "us"), Told: meeting.Entry{Verb: meeting.WasRequested}}, nil
	}); err == nil {
		t.Error("the store answers")
	}
	r.options.Patience = had
	if err := r.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, revision := range map[string]int64{"claims": 0, "asks": 1} {
		m := asked("kr", "gb")
		m.ID, m.Conference, m.Revision, m.ChangedAt, m.Pending = id, "seoul", revision, r.wall(), revision > 0
		if revision == 0 {
			a := r.newAttempt("first", m.Needs(at(0), "b1", 0))
			m.Attempt = &a
		}
		if err := r.meetings.Insert(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	r.recover(t)
	if m, err := r.Meeting(t.Context(), "seoul", "asks", 0); err != nil || m.Pending {
		t.Errorf("it is not told: %v", err)
	}
	var left meeting.Meeting
	if err := r.meetings.Get(t.Context(), "claims", &left); !errors.Is(err, store.ErrMissing) {
		t.Errorf("an attempt is left: %v", err)
	}
	if n := len(mustFind(t, r).unsure); n > 0 {
		t.Errorf("%d are looked for still", n)
	}
}

func TestALateCleanUpLeavesANewerAttemptUnderItsId(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	dead, kill, _, stop := dying(t, e, stepClaim, 1)
	r, arm, halted, goOn := halting(t, e, stepConfirm)
	t.Cleanup(goOn)
	kill()
	book := booked("kr", "gb", at(0), "b1")
	if _, err := dead.Add(t.Context(), "seoul", "new", meeting.By{Desk: true}, book); !errors.Is(err, errDead) {
		t.Fatal(err)
	}
	stop()
	r.clock.advance(overdue + time.Second)
	if _, err := r.settled(t.Context(), mustFind(t, r), "new"); err != nil { // so it has to clean up later
		t.Fatal(err)
	}
	arm()
	done := make(chan error, 1)
	go func() {
		_, err := r.Add(t.Context(), "seoul", "new", meeting.By{Desk: true}, book)
		done <- err
	}()
	<-halted
	r.clock.advance(lateness)
	r.freeDue(mustFind(t, r))
	r.quieted(t)
	goOn()
	if err := <-done; err != nil {
		t.Errorf("who asked again is answered %v", err)
	}
	r.recover(t)
	r.sound(t)
}
