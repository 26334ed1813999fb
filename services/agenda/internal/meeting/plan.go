package meeting

import (
	"time"

	"plenary.example/services/agenda/internal/programme"
)

// Verbs of what became of a meeting, as its history and the events say them. The
// set may grow.
const (
	WasRequested   = "requested"
	WasCountered   = "countered"
	WasAgreed      = "agreed" // to meet; the slot is left to the desk
	WasConfirmed   = "confirmed"
	WasDeclined    = "declined"  // the request, or another proposal: see the status
	WasProposed    = "proposed"  // another slot, a swap, or somebody of a lower rank
	WasEndorsed    = "endorsed"  // to what is proposed; others have to agree still
	WasMoved       = "moved"     // to another slot or room
	WasExtended    = "extended"  // it ends later
	WasWithdrawn   = "withdrawn" // the request, or another proposal: see the status
	WasExpired     = "expired"   // the request, or another proposal: see the status
	WasCancelled   = "cancelled"
	WasEvicted     = "evicted" // the desk needs the slot; another room, or slots to choose from
	WasSubstituted = "substituted"
	WasReconfirmed = "reconfirmed"
	WasWarned      = "warned"   // its room will be given away unless it is reconfirmed
	WasUnroomed    = "unroomed" // its room was given away
	WasRoomed      = "roomed"   // it stood without a room and has one now
	WasClashed     = "clashed"  // a session was moved onto somebody who takes part
)

// A By is who acts.
type By struct {
	Actor string // as in Entry
	// Delegation is whose liaison or principal it is; empty for the rules.
	Delegation string
	// Desk says that it is the desk or the secretariat, who act on any meeting.
	Desk bool
}

// A Plan is what would become of a meeting. Package desk makes it come true, or
// asks for another one.
type Plan struct {
	// Next is how it will stand. Revision, CreatedAt, ChangedAt, Holds, Freed,
	// Attempt, Act, History, Owed and Pending are not looked at; nor is the ID of a
	// meeting that is new.
	Next Meeting
	// Holds are all it will have to itself, without Attempt. What it has now and
	// is not among them is given up.
	Holds []Hold
	// Told is what there is to tell and to keep in the history: Verb, Reason,
	// Slots, Room, Out and In. The rest is filled in from By. Without a Verb the meeting
	// stays as it is; there is such a plan only beside another one.
	Told Entry
	// Left are delegates who had a part before and have none now.
	Left []string
	// ReconfirmBy is before when both sides must have said that they come, where they
	// are warned that the meeting loses its room otherwise.
	ReconfirmBy time.Time
}

// A Person is what is known of a delegate, which is little.
type Person struct {
	Delegation string
	Status     string // event.Accredited, ...
	Roles      []string
	// Rank is as the delegates service has it; empty when it is not known.
	Rank string
}

// A Delegation is what is known of one.
type Delegation struct {
	Kind   string // state, host, ...
	Status string // event.Accredited or event.Removed
	Head   string // delegate id
	// Officer is the host's person for it: a delegate id.
	Officer string
}

// A World is what is around a meeting when it is decided upon: the present of
// one replica. That it may be old is why every plan is claimed before it is
// true.
type World struct {
	Conference programme.Conference
	Agenda     programme.Agenda
	Policy     Policy
	// Now is the conference clock.
	Now time.Time
	// Diary is who and what is taken when.
	Diary *Diary
	// Picks are the sessions a delegate chose.
	Picks func(delegate string) []programme.Pick
	// Person and Delegation answer what is known; false when nothing is.
	Person     func(delegate string) (Person, bool)
	Delegation func(delegation string) (Delegation, bool)
	// Availability is what a delegation opened; the zero value when nothing.
	Availability func(delegation string) Availability
	// Meeting finds another meeting of the conference.
	Meeting func(id string) (Meeting, bool)
	// Meetings are those of a delegation that are not over.
	Meetings func(delegation string) []Meeting
	// Curt says that a refusal need not name what else is free: who asks only wants
	// to know whether.
	Curt bool
}

// A Decision says what is to become of a meeting in a world. It may be asked
// several times, so it must look only at what it is given. A Plan whose Next has
// no id is none: nothing is to become of it.
type Decision func(World, Meeting) (Plan, error)

// A Joint says what is to become of several meetings at one stroke: a plan for
// each, in their order. It may be asked several times, as a Decision.
type Joint func(World, []Meeting) ([]Plan, error)
