package meeting_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/meeting"
)

// What most of a burst gets: the slot is gone, and here are others.
func BenchmarkARefusedAcceptance(b *testing.B) {
	s, r := congress(b), rand.New(rand.NewPCG(5, 6))
	nine := slot("12:00", 25)
	accept := func() error {
		m := principals(r)
		s.Diary.Put("x", []meeting.Hold{{Resource: meeting.PersonResource(m.Sides[0].Principals[0]), From: meeting.Cell(nine.Start), To: meeting.Cell(nine.End)}})
		m.Status, m.Minutes = meeting.Requested, 25
		m.Proposal = &meeting.Proposal{
			Kind: meeting.Request, By: m.Sides[0].Delegation, Awaits: []string{m.Sides[1].Delegation},
			Slots: []meeting.Slot{nine}, ExpiresAt: s.Now.Add(time.Hour),
		}
		_, err := s.Accept(m, meeting.By{Delegation: m.Sides[1].Delegation}, meeting.Acceptance{})
		return err
	}
	percentiles(b, func() {
		if accept() == nil {
			b.Fatal("accepted")
		}
	})
}
