package meeting

import (
	"testing"
	"time"
)

func TestACalendarIsToldOfEveryStepUnderAHigherNumber(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	var m Meeting
	wall := on(1, 0, 0)
	step := func(p Plan, err error) {
		t.Helper()
		was := m
		wall = wall.Add(time.Minute)
		f.meetings["m"] = was.Stepped(f.now(t, "m")(p, err), wall)
		m = f.meetings["m"]
	}
	// calendar is what a delegate's shows, and at which number.
	calendar := func(delegate string) (where string, sequence int64) {
		t.Helper()
		gone, missing := m.Missing(delegate)
		switch {
		case m.Expects(delegate):
			return m.Slot.Start.Format("2 15:04") + " " + m.Room, m.Sequence
		case missing:
			return "not " + gone.Slot.Start.Format("2 15:04") + " " + gone.Room, gone.Sequence
		}
		return "", 0
	}
	last := map[string]int64{"kr-minister": -1, "fr-minister": -1, "kr-second": -1}
	shows := func(what, delegate, want string) {
		t.Helper()
		got, sequence := calendar(delegate)
		if got != want || want != "" && sequence <= last[delegate] {
			t.Errorf("%s: the calendar of %s shows %q under %d after %d, want %q", what, delegate, got, sequence, last[delegate], want)
		}
		last[delegate] = sequence
	}
	step(f.Request(ministers("kr", "fr", on(17, 9, 0)), of("kr")))
	shows("requested", "kr-minister", "")
	step(f.Accept(m, of("fr"), Acceptance{}))
	shows("accepted", "kr-minister", "17 09:00 east")
	shows("accepted", "fr-minister", "17 09:00 east")
	if !m.SteppedAt.Equal(wall) {
		t.Errorf("stepped at %s, and it is %s", m.SteppedAt, wall)
	}
	stepped := wall
	step(f.Reschedule(m, of("kr"), []time.Time{on(17, 10, 0)}, ""))
	if !m.SteppedAt.Equal(stepped) || !m.Expects("kr-minister") {
		t.Error("a proposal is no step: until it is accepted the meeting is where it was")
	}
	step(f.Accept(m, of("fr"), Acceptance{}))
	shows("moved", "fr-minister", "17 10:00 east")
	step(f.Leave(m, "kr-minister", "kr-second"))
	shows("substituted", "kr-minister", "not 17 10:00 east")
	shows("substituted", "kr-second", "17 10:00 east")
	shows("substituted", "fr-minister", "17 10:00 east")
	step(f.Substitute(m, byDesk, "kr-second", "kr-minister"))
	shows("back again", "kr-minister", "17 10:00 east")
	shows("back again", "kr-second", "not 17 10:00 east")
	if !m.Concerns("kr-second") || m.Concerns("us-minister") || m.Concerns("") {
		t.Error("it concerns whoever is or was expected, and nobody else")
	}
	step(f.Cancel(m, of("fr"), "the weather"))
	shows("cancelled", "kr-minister", "not 17 10:00 east")
	shows("cancelled", "fr-minister", "not 17 10:00 east")
	if got, _ := calendar("kr-second"); got != "not 17 10:00 east" || len(m.Former) != 3 {
		t.Errorf("%q, %v", got, m.Former)
	}
}

func TestAMeetingThatLostItsSlotIsInNoCalendar(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	m := f.book(t, "m", "kr", "fr", on(17, 9, 0), "")
	next := m.Stepped(f.adrift(m, m, Entry{Verb: WasEvicted}).Next, on(1, 0, 0))
	gone, missing := next.Missing("fr-minister")
	if !missing || gone.Room != m.Room || !gone.Slot.Same(m.Slot) || gone.Sequence <= m.Sequence || !gone.At.Equal(on(1, 0, 0)) {
		t.Errorf("%+v", gone)
	}
}
