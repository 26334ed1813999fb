package event

import "time"

// AgendaReleased tells that the agenda of a conference went from one revision
// to the next, and which sessions changed. A large release comes in Parts
// messages of the same revision, numbered from 1; each part can be acted upon
// by itself, because a session never spans two.
type AgendaReleased struct {
	Revision int64           `json:"revision"`
	Part     int             `json:"part"`
	Parts    int             `json:"parts"`
	Changes  []SessionChange `json:"changes"`
}

// Type implements Payload.
func (AgendaReleased) Type() string { return "agenda.agenda.released.v1" }

// SessionChange is one session before and after a release.
type SessionChange struct {
	Session string `json:"session"`
	// Fields names what differs: time, end, room, title, abstract, theme, kind,
	// status, language, interpretation, speakers, access, stream, documents,
	// public; "created" for a new session and "removed" for one that is no more.
	// The set may grow.
	Fields []string `json:"fields"`
	// Before is nil for a new session.
	Before *SessionState `json:"before,omitempty"`
	After  SessionState  `json:"after"`
}

// SessionState is a session as people are told about it. It is also the state
// message of a session.
type SessionState struct {
	Session string `json:"session"`
	// Revision is the agenda's revision that brought the session to this state.
	Revision int64  `json:"revision"`
	Kind     string `json:"kind"`
	// Title per BCP 47 language of the conference.
	Title map[string]string `json:"title"`
	Room  string            `json:"room"`
	// RoomName is how the room is signposted, and the venue too where two rooms
	// of the conference have one name.
	RoomName string `json:"roomName"`
	// Zone is where the room is, as ConferenceState.Walking calls it; empty where
	// nobody said, and in states told before it was.
	Zone string `json:"zone,omitempty"`
	// Start and End are instants on the conference clock, in UTC.
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
	Status string    `json:"status"`
	// Reason is what the secretariat gave for the last change; may be empty.
	Reason string `json:"reason,omitempty"`
	// Delayed says that a live change made it later than it was released.
	Delayed bool `json:"delayed,omitempty"`
	// Language is spoken in the room, and Interpretation is what it is interpreted
	// into; BCP 47.
	Language       string   `json:"language,omitempty"`
	Interpretation []string `json:"interpretation,omitempty"`
	// Stream says whether there is a live stream. It, Access and People are empty
	// in states told before they were there, which says nothing.
	Stream string `json:"stream,omitempty"`
	// Access is who may come: open, seats or invitation, and a slash and a mark of
	// the details where there are any.
	Access string `json:"access,omitempty"`
	// People is a mark of those who have a part in it: it differs when they do,
	// and does not say who they are.
	People string `json:"people,omitempty"`
	// Duties are the delegates among them, by id: they are told of what changes
	// as those are who picked it.
	Duties []string `json:"duties,omitempty"`
	// Documents are marks of the documents that can be read, which do not say what
	// they are, and Embargoed of those that cannot until a time, or could not a
	// moment before this was told. A mark stays when its time comes.
	Documents []string  `json:"documents,omitempty"`
	Embargoed []Embargo `json:"embargoed,omitempty"`
}

// An Embargo is from when on a document can be read, on the conference clock.
type Embargo struct {
	Document string    `json:"document"` // its mark
	From     time.Time `json:"from"`
}

// What there is of a session's live stream. The set may grow.
const (
	StreamNone    = "none"
	StreamPlanned = "planned"
	StreamStarted = "started"
)

// Statuses of a session. The set may grow.
const (
	SessionConfirmed = "confirmed"
	SessionCancelled = "cancelled"
	SessionRunning   = "running"
	SessionEnded     = "ended"
	// SessionRemoved is a session that is no longer in the agenda at all. Its
	// state stays, so that who was away learns of it.
	SessionRemoved = "removed"
)

// ConferenceState is the state message of a conference: what another service
// needs to show its times.
type ConferenceState struct {
	Conference string `json:"conference"`
	// Revision counts the changes of these facts; it is not the agenda's.
	Revision  int64             `json:"revision"`
	Name      map[string]string `json:"name"`
	Timezone  string            `json:"timezone"`
	Languages []string          `json:"languages"`
	// Days are the local dates of the conference, as 2006-01-02, in order.
	Days []string `json:"days,omitempty"`
	// ClockOffset, in seconds, is added to the wall clock to get the conference
	// clock. It is zero but for samples and rehearsals.
	ClockOffset int64 `json:"clockOffset"`
	// Walking is how long it takes between the zones of rooms.
	Walking []Walk `json:"walking,omitempty"`
}

// Walk is how long it takes from one zone to another, either way. Within a zone,
// and where nobody said, it takes no time.
type Walk struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Minutes int    `json:"minutes"`
}

// AgendaHead is the state message that says which revision the agenda has
// reached. It follows the session states of that revision.
type AgendaHead struct {
	Conference string `json:"conference"`
	Revision   int64  `json:"revision"`
}

// PicksState is the state message of one delegate's picks, all of them.
type PicksState struct {
	Delegate string `json:"delegate"`
	Revision int64  `json:"revision"`
	Picks    []Pick `json:"picks"`
}

// Pick is one session a delegate chose.
type Pick struct {
	Session string `json:"session"`
	// AgendaRevision is what the delegate had before their eyes when choosing:
	// they are told of what changes after it, and of nothing before.
	AgendaRevision int64     `json:"agendaRevision"`
	At             time.Time `json:"at"`
}
