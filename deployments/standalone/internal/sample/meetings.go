package sample

import "time"

// A Meeting is a bilateral meeting of two delegations: asked for, or booked at
// the first of its times.
type Meeting struct {
	ID            string
	Asking, Asked string   // Delegations' IDs
	Actor         string   // the Delegate who asks
	Level         string   // as a Rank
	Principals    []string // Delegates' IDs, of the delegation that asks
	With          []string // and of the one that is asked
	Topic         string   // confidential
	Starts        []time.Time
	Place         string // of an informal one
	Booked        bool
}

// A Window is when a delegation can be met.
type Window struct {
	Delegation string
	Principal  string // a Delegate's ID, or "" for everybody
	Start, End time.Time
}

// meetings adds some of each kind: enough to look at every page, and few enough
// for a first start to stay quick. The host takes part in a third of them, so
// that whoever signs in as its liaison has something to answer.
func (e *edition) meetings(m maker) {
	if len(e.Sessions) == 0 || len(e.Delegations) < 2*meetingGuests {
		return
	}
	guest := func(i int) Delegation { return e.Delegations[meetingGuests+i] }
	host := e.Delegations[0]
	meet := func(name string, asking, asked Delegation, booked bool, place string, times ...string) {
		x := Meeting{
			ID: m.id("meeting", name), Asking: asking.ID, Asked: asked.ID, Actor: e.liaison(asking.ID), Level: "minister",
			Principals: []string{asking.Head}, With: []string{asked.Head}, Topic: topics[len(e.Meetings)%len(topics)]["en"],
			Place: place, Booked: booked,
		}
		for _, t := range times {
			x.Starts = append(x.Starts, e.at(t))
		}
		e.Meetings = append(e.Meetings, x)
	}
	const booked = true
	meet("host with 0", host, guest(0), booked, "", "1 15:00")
	meet("1 with host", guest(1), host, booked, "", "2 13:30")
	meet("2 with 3", guest(2), guest(3), booked, "", "1 15:00")
	meet("2 with 4", guest(2), guest(4), booked, "", "2 13:00")
	meet("5 with 6", guest(5), guest(6), booked, "", "1 16:00")
	meet("7 with 3", guest(7), guest(3), booked, "", "1 16:30")
	meet("6 with 0 over coffee", guest(6), guest(0), booked, "The winter garden", "2 10:30")
	// Two who want the host at one time, and one the host waits for.
	meet("8 asks the host", guest(8), host, !booked, "", "2 11:00", "2 12:00", "2 16:30")
	meet("9 asks the host", guest(9), host, !booked, "", "2 11:00", "2 17:00")
	meet("the host asks 5", host, guest(5), !booked, "", "2 12:30", "2 17:30")
	meet("10 asks 2", guest(10), guest(2), !booked, "", "2 12:30", "2 16:30")
	meet("4 asks 7 for a walk", guest(4), guest(7), !booked, "The riverside", "2 17:00")

	for i, d := range []Delegation{host, guest(2), guest(5)} {
		for _, hours := range [][2]string{{"1 14:00", "1 18:00"}, {"2 09:00", "2 18:30"}} {
			w := Window{Delegation: d.ID, Start: e.at(hours[0]), End: e.at(hours[1])}
			if i > 0 {
				w.Principal = d.Head
			}
			e.Windows = append(e.Windows, w)
		}
	}
}

// meetingGuests is how many delegations at the head of the list, but for the
// host, have no meeting.
const meetingGuests = 9

// liaison is who speaks for a delegation.
func (e *edition) liaison(delegation string) string {
	for _, d := range e.Delegates {
		if d.Delegation == delegation && d.Roles[len(d.Roles)-1] == "liaison" {
			return d.ID
		}
	}
	return ""
}
