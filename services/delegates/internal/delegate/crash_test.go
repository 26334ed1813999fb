package delegate_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/event"
)

func TestWhatACrashLeftUntoldIsToldOnceAtTheNextStart(t *testing.T) {
	t.Parallel()
	h := newHouse()
	dying := h.replica(t, never)
	d := add(t, dying, delegate.Delegate{Name: "Ahn", Status: event.Accredited})
	if _, err := dying.ChangeDelegate(t.Context(), seoul, d.ID, 0, "office", "", renamed("Ahn So-yeon")); err != nil {
		t.Fatal(err)
	}
	if len(h.events) != 0 {
		t.Fatal("told before the crash")
	}
	for range 2 {
		h.replica(t, atOnce(t))
		if len(h.events) != 2 || h.puts != 1 {
			t.Errorf("%d events, %d states, want 2 and 1", len(h.events), h.puts)
		}
	}
}

func TestASiblingTellsWhatAReplicaThatDiedDidNot(t *testing.T) {
	t.Parallel()
	h := newHouse()
	survivor := h.replica(t, atOnce(t))
	half := h.replica(t, func(_ string, tell func(context.Context) error) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		_ = tell(ctx)
	})
	d := add(t, half, delegate.Delegate{Name: "Ahn"})
	h.events = nil // as if it had ended between the state and the event
	kept := h.delegates.docs[d.ID]
	kept.Pending, kept.Owed, kept.Revision = true, []delegate.Act{{ID: "a", Type: "delegates.delegate.changed.v1", Data: "{}"}}, 2
	h.delegates.docs[d.ID] = kept
	if err := h.PutState(t.Context(), event.DelegateStateSubject(seoul, d.ID), 2, nil); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		wait time.Duration
		want int
	}{{0, 0}, {6 * time.Second, 1}, {6 * time.Second, 1}} {
		h.pass(step.wait)
		if err := survivor.Look(t.Context()); err != nil || len(h.events) != step.want {
			t.Errorf("%d events, %v, want %d", len(h.events), err, step.want)
		}
	}
}

func TestAWriteOfWhichTheAnswerWasLostCountsAsWritten(t *testing.T) {
	t.Parallel()
	h := newHouse()
	b := h.replica(t, atOnce(t))
	d := add(t, b, delegate.Delegate{Name: "Ahn"})
	h.delegates.lost = errors.New("the line died")
	if now, err := b.ChangeDelegate(t.Context(), seoul, d.ID, 1, "office", "", renamed("Ahn So-yeon")); err != nil || now.Revision != 2 || len(h.events) != 2 {
		t.Errorf("%+v, %d events, %v", now, len(h.events), err)
	}
	h.delegates.fail = errors.New("the line is dead")
	if _, err := b.ChangeDelegate(t.Context(), seoul, d.ID, 0, "office", "", renamed("An")); err == nil {
		t.Error("nothing was written, and no error")
	}
	if now, _ := b.Delegate(t.Context(), seoul, d.ID); now.Name != "Ahn So-yeon" {
		t.Errorf("memory says %q", now.Name)
	}
}

func TestACrashBetweenStateAndEventIsMadeUpFor(t *testing.T) {
	t.Parallel()
	h := newHouse()
	d := add(t, h.replica(t, atOnce(t)), delegate.Delegate{Name: "Ahn"})
	kept := h.delegates.docs[d.ID]
	kept.Pending, kept.Owed = true, []delegate.Act{{ID: "untold", Type: "delegates.delegate.changed.v1", Data: "{}"}}
	h.delegates.docs[d.ID] = kept
	h.replica(t, atOnce(t))
	if len(h.events) != 2 || h.events[1].ID != "untold" || h.delegates.docs[d.ID].Pending {
		t.Errorf("%v", h.types())
	}
}
