// Package meeting holds the rules of bilateral meetings: what two delegations
// may ask of each other, what becomes of it, and what a meeting has to itself
// while it stands.
//
// Why does a request hold nothing? A slot that is frozen while somebody makes up
// their mind is a slot nobody can use, and a conference has few. So any number
// of requests may name one slot, and accepting decides: it takes the exclusive
// right to the room and to each person for each cell of the slot, and of any
// number who try that at once one succeeds. What a meeting takes for itself is
// said here, as Holds; that nobody else has it is the business of package desk,
// which writes each hold's cells under ids of their own.
//
// A rule takes a Meeting and what is known around it and answers a Plan: how the
// meeting would stand, what it would hold, and what there is to tell. It may be
// asked any number of times before one of its plans comes true.
package meeting

import (
	"slices"
	"time"
)

// A Level says who meets. The zero Level is none of them.
type Level string

// The levels, the most senior first.
const (
	HeadOfState    Level = "head_of_state" // or of government
	Minister       Level = "minister"
	ViceMinister   Level = "vice_minister"
	SeniorOfficial Level = "senior_official"
	Expert         Level = "expert"
)

// Levels lists every level, the most senior first.
func Levels() []Level { return []Level{HeadOfState, Minister, ViceMinister, SeniorOfficial, Expert} }

// A Status says what has become of a meeting. The zero Status is none of them.
type Status string

// The statuses of a meeting. It holds something only while it is confirmed.
const (
	Requested Status = "requested" // nobody agreed to a slot yet; see Proposal
	Agreed    Status = "agreed"    // both want to meet; the desk is to find when
	Confirmed Status = "confirmed" // there is a slot; a Proposal is for another one
	Declined  Status = "declined"
	Withdrawn Status = "withdrawn"
	Expired   Status = "expired"
	Cancelled Status = "cancelled"
)

// Over says whether nothing will become of the meeting any more.
func (s Status) Over() bool {
	return s == Declined || s == Withdrawn || s == Expired || s == Cancelled
}

// A Slot is when a meeting takes place, on the conference clock. The time to
// change over that follows it is not in it.
type Slot struct {
	Start time.Time `bson:"start"`
	End   time.Time `bson:"end"`
}

// IsZero says whether there is no slot.
func (s Slot) IsZero() bool { return s.Start.IsZero() }

// Same says whether both are at one time.
func (s Slot) Same(o Slot) bool { return s.Start.Equal(o.Start) && s.End.Equal(o.End) }

// A Side is one of the two delegations and who of it comes.
type Side struct {
	Delegation string `bson:"delegation"`
	// Principals are the delegates for whom the meeting is, by id. With none, the
	// delegation meets at the meeting's level and says later who comes.
	Principals []string `bson:"principals,omitempty"`
	// Interpreters are delegates who interpret: of either delegation or of the host,
	// or who work for the conference.
	Interpreters []string `bson:"interpreters,omitempty"`
	// Plus is how many others come along; they are not named.
	Plus int `bson:"plus,omitempty"`
	// Reconfirmed says that the side still means to come; see Policy.ConfirmBy.
	Reconfirmed bool `bson:"reconfirmed,omitempty"`
}

// People are the delegates of a side who come, each once.
func (s Side) People() []string {
	people := slices.Concat(s.Principals, s.Interpreters)
	slices.Sort(people)
	return slices.Compact(people)
}

// Kinds of proposal.
const (
	Request      = "request"
	Counter      = "counter"
	Reschedule   = "reschedule"   // the slot agreed on stands until it is accepted
	Swap         = "swap"         // with the slot of the meeting With
	Substitution = "substitution" // of somebody of a lower rank
	Displacement = "displacement" // the desk took the slot, and offers others
)

// A Proposal waits for an answer. It holds nothing.
type Proposal struct {
	Kind string `bson:"kind"`
	// By is the delegation that makes it; empty for the desk.
	By string `bson:"by,omitempty"`
	// Slots are what it offers, the most wanted first.
	Slots []Slot `bson:"slots,omitempty"`
	// Awaits are the delegations that have not agreed yet.
	Awaits []string `bson:"awaits"`
	// Chosen is the slot somebody agreed to while another is still awaited.
	Chosen Slot `bson:"chosen,omitempty"`
	// With is the other meeting of a swap.
	With string `bson:"with,omitempty"`
	// Out and In are who leaves and who comes in a substitution.
	Out    string    `bson:"out,omitempty"`
	In     string    `bson:"in,omitempty"`
	Note   string    `bson:"note,omitempty"` // confidential
	MadeAt time.Time `bson:"madeAt"`         // on the conference clock, as is
	// ExpiresAt, from which on it cannot be accepted any more.
	ExpiresAt time.Time `bson:"expiresAt"`
}

// A Meeting is a bilateral meeting of two delegations, from the request on.
type Meeting struct {
	ID         string `bson:"_id"`
	Conference string `bson:"conference"`
	Revision   int64  `bson:"revision"`
	Status     Status `bson:"status"`
	Level      Level  `bson:"level"`
	// Sides are who asked, and who was asked.
	Sides [2]Side `bson:"sides"`
	// Topic is confidential: it is in no event, no log and no export.
	Topic     string   `bson:"topic,omitempty"`
	Languages []string `bson:"languages,omitempty"` // BCP 47, to be interpreted between
	// Minutes is how long it is to be.
	Minutes int `bson:"minutes"`
	// Slot is zero until there is one.
	Slot Slot `bson:"slot,omitempty"`
	// Room is a room of the agenda; empty for none.
	Room string `bson:"room,omitempty"`
	// Place is where an informal meeting takes place, which needs no room.
	Place string `bson:"place,omitempty"`
	// WaitsForRoom says that it stands without a room and wants one.
	WaitsForRoom bool      `bson:"waitsForRoom,omitempty"`
	Proposal     *Proposal `bson:"proposal,omitempty"`
	// Sequence counts changes of slot, room, status and who comes, as RFC 5545
	// wants it.
	Sequence int64 `bson:"sequence,omitempty"`
	// SteppedAt is when Sequence last rose, by the wall clock, and Former are those
	// in whose calendars the meeting stands no more; see Stepped.
	SteppedAt time.Time `bson:"steppedAt"`
	Former    []Former  `bson:"former,omitempty"`
	// Clashes are the sessions that were put onto it, as far as that was told.
	Clashes []Clashing `bson:"clashes,omitempty"`
	// Warned says that both were told that its room will be given away.
	Warned    bool      `bson:"warned,omitempty"`
	CreatedAt time.Time `bson:"createdAt"` // wall clock, as is
	ChangedAt time.Time `bson:"changedAt"`

	// Holds are what it has to itself. They are given up by the same write that
	// leaves them out; see Freed.
	Holds []Hold `bson:"holds,omitempty"`
	// Freed are holds given up whose claims may still be there.
	Freed []Hold `bson:"freed,omitempty"`
	// Attempt is the one try under way to get more holds; nil for none.
	Attempt *Attempt `bson:"attempt,omitempty"`
	// Act is the act on several meetings that has this one to itself; empty for
	// none.
	Act string `bson:"act,omitempty"`

	// History are the last acts; older ones are in Pages pages of their own.
	History []Entry `bson:"history,omitempty"`
	Pages   int     `bson:"pages,omitempty"`

	Pending bool   `bson:"pending"`
	Owed    []Fact `bson:"owed,omitempty"`
}

// Side is the place of a delegation among the sides; -1 when it is not one.
func (m Meeting) Side(delegation string) int {
	return slices.IndexFunc(m.Sides[:], func(s Side) bool { return s.Delegation == delegation })
}

// Party says whether the delegation is one of the two.
func (m Meeting) Party(delegation string) bool { return delegation != "" && m.Side(delegation) >= 0 }

// Principal is the first whom a delegation comes for; empty where it names nobody
// so far, or is no side.
func (m Meeting) Principal(delegation string) string {
	if i := m.Side(delegation); i >= 0 && len(m.Sides[i].Principals) > 0 {
		return m.Sides[i].Principals[0]
	}
	return ""
}

// TakesPart says whether a delegate is named on either side.
func (m Meeting) TakesPart(delegate string) bool {
	return delegate != "" && (slices.Contains(m.Sides[0].People(), delegate) || slices.Contains(m.Sides[1].People(), delegate))
}

// Heads is how many people need a chair.
func (m Meeting) Heads() int {
	heads := 0
	for _, s := range m.Sides {
		heads += max(len(s.Principals), 1) + len(s.Interpreters) + s.Plus
	}
	return heads
}

// An Entry is one act in the history of a meeting.
type Entry struct {
	Verb string `bson:"verb"` // as in events: requested, confirmed, moved, ...
	// Actor is who did it: a delegate id, KeyPrefix and an API key, or empty for
	// the rules themselves. Principal is for whom; Delegation, of which side.
	Actor      string    `bson:"actor,omitempty"`
	Principal  string    `bson:"principal,omitempty"`
	Delegation string    `bson:"delegation,omitempty"`
	At         time.Time `bson:"at"`               // wall clock
	Reason     string    `bson:"reason,omitempty"` // confidential
	Slots      []Slot    `bson:"slots,omitempty"`  // offered, or the one agreed on
	// Out and In are who left and who came by a substitution, as far as anybody did.
	Out      string `bson:"out,omitempty"`
	In       string `bson:"in,omitempty"`
	Room     string `bson:"room,omitempty"`
	Revision int64  `bson:"revision"`
}

// A Fact is something told of a meeting: one event.
type Fact struct {
	ID         string    `bson:"id"` // of the event
	Verb       string    `bson:"verb"`
	Actor      string    `bson:"actor,omitempty"`
	Principal  string    `bson:"principal,omitempty"`
	Delegation string    `bson:"delegation,omitempty"` // that acted; empty for desk and rules
	At         time.Time `bson:"at"`                   // wall clock
	Revision   int64     `bson:"revision"`
	// Was is the slot and the room before, where they are others now.
	Was     Slot   `bson:"was,omitempty"`
	WasRoom string `bson:"wasRoom,omitempty"`
	// Left are delegates who had a part before and have none now.
	Left []string `bson:"left,omitempty"`
	// ReconfirmBy is as in Plan.
	ReconfirmBy time.Time `bson:"reconfirmBy,omitempty"`
}
