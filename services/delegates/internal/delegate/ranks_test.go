package delegate_test

import (
	"encoding/json"
	"testing"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/event"
)

func TestAStateToldWithoutTheRankIsToldAgainOnce(t *testing.T) {
	t.Parallel()
	h := newHouse()
	b := h.replica(t, atOnce(t))
	ada := add(t, b, delegate.Delegate{Name: "Ada", Rank: "minister"})
	bob := add(t, b, delegate.Delegate{Name: "Bob"}) // has none
	rank := func(d delegate.Delegate) (string, int64) {
		m := h.states[event.DelegateStateSubject(seoul, d.ID)]
		var s event.DelegateState
		if err := json.Unmarshal(m.Data, &s); err != nil || s.Revision != m.Revision {
			t.Fatalf("state %s, %v", m.Data, err)
		}
		return s.Rank, m.Revision
	}
	if r, revision := rank(ada); r != "minister" || revision != 1 {
		t.Fatalf("somebody new is told of with the rank %q at revision %d", r, revision)
	}
	subject := event.DelegateStateSubject(seoul, ada.ID)
	old, err := json.Marshal(event.DelegateState{Delegate: ada.ID, Revision: 1, Status: event.Accredited})
	if err != nil {
		t.Fatal(err)
	}
	h.states[subject] = delegate.StateMessage{Subject: subject, Revision: 1, Data: old} // by an older build
	puts := h.puts
	for range 2 {
		h.replica(t, atOnce(t))
		if r, revision := rank(ada); r != "minister" || revision != 2 || h.puts != puts+1 {
			t.Errorf("told again with the rank %q at revision %d, %d states put", r, revision, h.puts-puts)
		}
	}
	if r, revision := rank(bob); r != "" || revision != 1 {
		t.Errorf("somebody without a rank is told of with %q at revision %d", r, revision)
	}
	if kept := h.delegates.docs[ada.ID]; kept.Revision != 2 || kept.Pending || kept.Rank != "minister" {
		t.Errorf("kept as %+v", kept)
	}
	// Whoever read the record before still changes it.
	if _, err := b.ChangeDelegate(t.Context(), seoul, ada.ID, 0, "office", "", renamed("Ada L.")); err != nil || len(h.events) != 3 {
		t.Errorf("%d events, %v", len(h.events), err)
	}
}
