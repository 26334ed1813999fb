package inbox

import (
	"fmt"
	"testing"
	"time"

	"plenary.example/shared/event"
)

func TestChangesAreGatheredAndTheNetIsTold(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := b.planner()
	first := state(later(48 * time.Hour))
	other := first
	other.Session = "back"
	gone := first
	gone.Session = "gone"
	b.handle(p, b.edit(first, other, gone)) // 1
	b.picks("ada", 1, 0, "s", "back", "gone")
	room := func(s event.SessionState, name string) event.SessionState { return roomed(s, name, 0) }
	for i := range 10 { // 2 to 11
		b.handle(p, b.edit(room(first, fmt.Sprint("room ", i)), room(other, fmt.Sprint("room ", i))))
		if i == 4 {
			b.picks("bob", 1, 0, "s", "back", "gone") // in sight of revision 6
		}
		b.passes(30*time.Second, p)
	}
	b.reads("ada")
	b.handle(p, b.edit(other)) // 12
	removed := gone
	removed.Status = event.SessionRemoved
	b.handle(p, b.edit(removed))                    // 13
	b.handle(p, b.edit(room(gone, "hall of fame"))) // 14: it is brought back, elsewhere
	b.passes(5*time.Minute-time.Second, p)
	b.reads("ada")
	b.passes(time.Second, p)
	b.reads("ada", "session.moved 1>11")
	b.reads("bob", "session.moved 6>12", "session.moved 6>11")
	b.passes(time.Hour, p)
	b.reads("ada", "session.moved 1>11", "session.moved 1>14")
	b.picks("eve", 1, 12, "back") // in sight of revision 2, and only now heard of
	if err := p.TellLate(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.mirror.picked(p.HearPicks)
	for range 2 {
		if err := p.CheckPicks(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b.reads("eve", "session.moved 2>12")
	b.handle(p, b.edit(first)) // 15: what was told of it is taken back
	b.passes(10*time.Minute, p)
	b.reads("ada", "session.moved 1>11", "session.moved 1>14", "session.restored 11>15")
}

func TestWhoIsGivenAPartInAWindowHearsWhatChangedSince(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := b.planner()
	first := state(later(48 * time.Hour))
	first.Stream, first.Access, first.People, first.Duties = event.StreamNone, "open", "a", []string{"ada"}
	b.handle(p, b.edit(first))
	moved := roomed(first, "annex", 0)
	b.handle(p, b.edit(moved))
	moved.People, moved.Duties = "b", []string{"ada", "eve"}
	b.handle(p, b.edit(moved))
	b.passes(10*time.Minute, p)
	b.reads("ada", "session.moved 1>3")
	b.reads("eve", "session.speakers 2>3")
}
