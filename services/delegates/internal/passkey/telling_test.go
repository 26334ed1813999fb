package passkey_test

import (
	"testing"

	"plenary.example/shared/event"
)

// TestWhatIsDoneToPasskeysIsToldOnce also when the replica that did it is gone
// before it tells, and whatever is written in between.
func TestWhatIsDoneToPasskeysIsToldOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.dead = true
	phone := newDevice()
	added := r.enrol(t, ahn, phone)
	a := r.ask(t, ahn)
	if _, err := r.room.Answer(t.Context(), a.ID, phone.shows(t, party, a)); err != nil {
		t.Fatal(err)
	}
	if err := r.room.Remove(t.Context(), ahn, added.ID); err != nil {
		t.Fatal(err)
	}
	r.dead = false
	for range 2 { // the second has nothing to tell
		if err := r.replica(t, here).Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.told) != 2 {
		t.Fatalf("told %d times", len(r.told))
	}
	for i, e := range r.told {
		var p event.PasskeyChanged
		if err := e.Into(&p); err != nil {
			t.Fatal(err)
		}
		if want := (event.PasskeyChanged{Delegate: ahn.Delegate, Passkey: added.ID, Removed: i == 1}); p != want || e.Actor != ahn.Delegate || e.Subject != ahn.Delegate || e.Conference != seoul {
			t.Errorf("told %+v", e)
		}
	}
}
