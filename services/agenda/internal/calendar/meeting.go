package calendar

import (
	"math"
	"time"

	ics "github.com/arran4/golang-ical"

	"plenary.example/services/agenda/internal/programme"
)

// A Meeting is a bilateral meeting as a calendar shows it, which is as little as
// lets somebody be there. A feed is read by whoever has its address, and its
// address lies on the servers of whoever runs the calendar, with a copy of what
// is read there. So there is nowhere in here to say who meets, at what level or
// what about, and an informal place, which is somebody's own words, is left out
// too.
type Meeting struct {
	ID         string
	Start, End time.Time
	// Room is where, as it is signposted; zero for none.
	Room programme.Room
	// Sequence rises with each step that calendars must take, of which ChangedAt
	// was the last, by the wall clock.
	Sequence  int64
	ChangedAt time.Time
	// Cancelled says that nobody expects the reader there any more.
	Cancelled bool
}

// called is what every bilateral meeting is called.
var called = programme.Text{"en": "Bilateral meeting", "ko": "양자 회담"}

func (m Meeting) changed() time.Time { return m.ChangedAt.UTC().Truncate(time.Second) }

func (w *writer) meeting(m Meeting) {
	out := ics.NewEvent(UID(w.conference.ID, m.ID))
	out.SetDtStampTime(m.changed())
	out.SetModifiedAt(m.changed())
	out.SetSequence(int(min(m.Sequence, math.MaxInt32)))
	w.times(out, m.Start, m.End)
	out.SetSummary(called.In(w.language))
	if m.Room.Name != "" {
		out.SetLocation(w.place(m.Room))
	}
	out.SetClass(ics.ClassificationConfidential)
	stands(out, !m.Cancelled)
	w.cal.AddVEvent(out)
}
