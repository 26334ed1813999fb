package preferences

import (
	"maps"
	"slices"
	"time"

	"plenary.example/services/notifications/internal/push"
)

// of are the minutes for a kind of subject; nobody is reminded of other kinds.
func (l Leads) of(kind string) []int {
	switch kind {
	case push.Session:
		return l.Sessions
	case push.Meeting:
		return l.Meetings
	}
	return nil
}

// Leads are how long before the start of something of a kind (push.Session,
// push.Meeting) a delegate is to be reminded, shortest first; none is never.
func (b *Book) Leads(conference, delegate, kind string) []time.Duration {
	return durations(b.Of(conference, delegate).Leads.of(kind))
}

// AllLeads are those of everybody of a conference together, each once, the usual
// one always among them: who chose nothing has it.
func (b *Book) AllLeads(conference, kind string) []time.Duration {
	all := map[int]bool{usualLead: true}
	b.Chosen(func(p Preferences) {
		if p.Conference == conference {
			for _, minutes := range p.Leads.of(kind) {
				all[minutes] = true
			}
		}
	})
	return durations(slices.Sorted(maps.Keys(all)))
}

func durations(minutes []int) []time.Duration {
	leads := make([]time.Duration, 0, len(minutes))
	for _, m := range minutes {
		leads = append(leads, time.Duration(m)*time.Minute)
	}
	return leads
}
