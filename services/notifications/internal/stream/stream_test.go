package stream

import (
	"testing"

	"plenary.example/shared/problem"
)

func listen(t *testing.T, h *Hub, conference, delegate string) *Listener {
	t.Helper()
	l, err := h.Listen(conference, delegate)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func woken(l *Listener) bool {
	select {
	case <-l.Wake():
		return true
	default:
		return false
	}
}

func gone(l *Listener) bool {
	select {
	case <-l.Ended():
		return true
	default:
		return false
	}
}

func TestOnlyWhoIsToLookIsWoken(t *testing.T) {
	t.Parallel()
	h := New()
	ada, also, bob := listen(t, h, "seoul", "ada"), listen(t, h, "seoul", "ada"), listen(t, h, "seoul", "bob")
	elsewhere := listen(t, h, "london", "ada")
	h.Wake("seoul", "ada", "eve")
	h.Wake("seoul", "ada") // before anybody has looked
	if !woken(ada) || woken(ada) || !woken(also) || woken(bob) || woken(elsewhere) {
		t.Error("somebody was woken who was not to be, or the other way round")
	}
	ada.Leave()
	ada.Leave()
	h.Wake("seoul", "ada")
	if woken(ada) || !woken(also) || h.Open() != 3 {
		t.Errorf("who left is woken, or %d are open", h.Open())
	}
}

func TestTheOldestAppMakesWay(t *testing.T) {
	t.Parallel()
	h := New()
	first := listen(t, h, "seoul", "ada")
	second := listen(t, h, "seoul", "ada")
	for range mostPerReader - 1 {
		listen(t, h, "seoul", "ada")
	}
	if !gone(first) || gone(second) || h.Open() != mostPerReader {
		t.Errorf("the first is gone: %t, the second: %t; %d are open", gone(first), gone(second), h.Open())
	}
}

func TestAClosedHubSendsAllAway(t *testing.T) {
	t.Parallel()
	h := New()
	l := listen(t, h, "seoul", "ada")
	h.Close()
	l.Leave()
	if _, err := h.Listen("seoul", "ada"); !gone(l) || h.Open() != 0 || !problem.Is(err, problem.Unavailable) {
		t.Errorf("it stays, or others come: %v", err)
	}
}
