package event

import (
	"fmt"
	"strings"
	"time"
)

// MeetingTold tells what became of a bilateral meeting. There is one type of
// event for each verb. It carries ids, kinds and times: who is meant by them is
// asked for by those who may know, and what the meeting is about is nowhere in it.
type MeetingTold struct {
	// Verb is in the type of the event: agenda.meeting.<verb>.v1.
	Verb     string `json:"-"`
	Meeting  string `json:"meeting"`
	Revision int64  `json:"revision"`
	// Status is how the meeting stands now.
	Status string `json:"status"`
	// By is the delegation that acted; empty for the desk and for the rules.
	By string `json:"by,omitempty"`
	// Sides are who asked, and who was asked.
	Sides []MeetingSide `json:"sides"`
	// Slot is when it takes place, nil while nobody knows; Was, where it differs,
	// when it would have.
	Slot *MeetingSlot `json:"slot,omitempty"`
	Was  *MeetingSlot `json:"was,omitempty"`
	// Proposed are the slots that wait for an answer, until ExpiresAt.
	Proposed  []MeetingSlot `json:"proposed,omitempty"`
	Proposal  string        `json:"proposal,omitempty"` // its kind
	Awaits    []string      `json:"awaits,omitempty"`   // delegations that are to answer
	ExpiresAt time.Time     `json:"expiresAt,omitzero"` // on the conference clock
	// Left are delegates who had a part in it before and have none now.
	Left []string `json:"left,omitempty"`
	// ReconfirmBy is before when both sides are to say that they come, where they are
	// warned that the room is given away; on the conference clock.
	ReconfirmBy time.Time `json:"reconfirmBy,omitzero"`
}

// Type implements Payload.
func (m MeetingTold) Type() string { return MeetingType(m.Verb) }

// The type of the event for a verb is the verb between these.
const meetingRoot, meetingVersion = "agenda.meeting.", ".v1"

// MeetingType is the type of the event for a verb.
func MeetingType(verb string) string { return meetingRoot + verb + meetingVersion }

// MeetingVerb is the verb of a type of event, known here or not; false when it is
// no event of a meeting.
func MeetingVerb(eventType string) (verb string, ok bool) {
	verb, ok = strings.CutPrefix(eventType, meetingRoot)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(verb, meetingVersion)
}

// MeetingVerbs are the verbs that are told. The set may grow.
func MeetingVerbs() []string {
	return []string{
		"requested", "countered", "agreed", "confirmed", "declined", "proposed", "endorsed", "moved", "extended", "withdrawn",
		"expired", "cancelled", "evicted", "substituted", "reconfirmed", "warned", "unroomed", "roomed", "clashed",
	}
}

// ReadMeeting reads what e tells of a meeting, whatever the verb.
func ReadMeeting(e Envelope) (MeetingTold, error) {
	verb, ok := MeetingVerb(e.Type)
	if !ok {
		return MeetingTold{}, fmt.Errorf("event %s is a %s, not of a meeting", e.ID, e.Type)
	}
	m := MeetingTold{Verb: verb}
	err := e.Into(&m)
	return m, err
}

// MeetingSide is one delegation and who of it comes, by id.
type MeetingSide struct {
	Delegation string   `json:"delegation"`
	People     []string `json:"people,omitempty"` // principals and interpreters
}

// MeetingSlot is a time on the conference clock, in UTC, and where.
type MeetingSlot struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	// RoomName is how the room is signposted; empty for none.
	RoomName string `json:"roomName,omitempty"`
	// Zone is where the room is, as ConferenceState.Walking calls it.
	Zone string `json:"zone,omitempty"`
}

// MeetingState is the state message of a meeting.
type MeetingState struct {
	Meeting   string        `json:"meeting"`
	Revision  int64         `json:"revision"`
	Status    string        `json:"status"`
	Sides     []MeetingSide `json:"sides"`
	Slot      *MeetingSlot  `json:"slot,omitempty"`
	Proposal  string        `json:"proposal,omitempty"`
	Awaits    []string      `json:"awaits,omitempty"`
	ExpiresAt time.Time     `json:"expiresAt,omitzero"`
	// Verb is the last thing that became of it, and By the delegation that acted.
	Verb string `json:"verb"`
	By   string `json:"by,omitempty"`
}

// MeetingStateSubject is where a bilateral meeting stands.
func MeetingStateSubject(conference, meeting string) string {
	return stateRoot + conference + ".agenda.meeting." + meeting
}

// Revised is the state message of a document of which others need to know only
// that it is another now.
type Revised struct {
	Revision int64 `json:"revision"`
}

// MeetingPolicySubject says at which revision the policy of meetings is.
func MeetingPolicySubject(conference string) string {
	return stateRoot + conference + ".agenda.meeting-policy"
}

// MeetingAllocationSubject says at which revision an allocation of meetings is.
func MeetingAllocationSubject(conference, allocation string) string {
	return stateRoot + conference + ".agenda.meeting-allocation." + allocation
}

// MeetingAvailabilitySubject says at which revision it is when a delegation can
// be met.
func MeetingAvailabilitySubject(conference, delegation string) string {
	return stateRoot + conference + ".agenda.meeting-availability." + delegation
}

// MeetingBlockSubject says that a block of a room stands, at revision 1, or no
// longer, at 2.
func MeetingBlockSubject(conference, block string) string {
	return stateRoot + conference + ".agenda.meeting-block." + block
}
