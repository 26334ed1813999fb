package desk

import (
	"fmt"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
)

// BenchmarkLookThroughALargeRelease is the largest conference's agenda loaded at
// one stroke while 4,500 meetings stand, with whose people it has nothing to do.
func BenchmarkLookThroughALargeRelease(b *testing.B) {
	a, _ := open(b, enginestest.Test(b))
	c, o := mustFind(b, a), office{a, b}
	for i := range 8000 {
		m := asked(fmt.Sprint("a", i%300), fmt.Sprint("b", i%299))
		m.ID, m.Conference, m.Revision, m.Status = fmt.Sprint("m", i), "seoul", 2, meeting.Requested
		m.Sides[0].Principals = []string{fmt.Sprint("p", i%4000), fmt.Sprint("p", 5000+i%4000)}
		if i < 4500 {
			m.Status, m.Slot = meeting.Confirmed, at(i%20)
			m.Holds = m.Needs(m.Slot, "b1", 5*time.Minute)
		}
		c.read(m, 0, time.Now())
	}
	if err := a.clash(b.Context(), c); err != nil {
		b.Fatal(err)
	}
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		sessions := make([]programme.Session, 0, 2000)
		for i := range 2000 {
			sessions = append(sessions, panelOf(fmt.Sprint("s", i), at((i+n)%20), fmt.Sprint("chair", i)))
		}
		o.releases(sessions...)
		a.quieted(b)
		b.StartTimer()
		if err := a.clash(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
}
