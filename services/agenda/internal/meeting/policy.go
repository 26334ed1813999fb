package meeting

import (
	"time"

	"plenary.example/services/agenda/internal/programme"
)

// A Policy is how a conference handles bilateral meetings. The zero Policy is a
// sensible one: every field says what its zero means. One document per
// conference; its revision is its lock.
type Policy struct {
	Conference string `bson:"_id"`
	Revision   int64  `bson:"revision"`
	// Grid cuts the day; each zero minute is the conference's own grid.
	Grid programme.Grid `bson:"grid,omitempty"`
	// Changeovers are minutes to change over after meetings of a level, where it
	// is not the grid's.
	Changeovers map[Level]int `bson:"changeovers,omitempty"`
	// Hours are when meetings take place, in local time; none means 08:00 to
	// 20:00 on every day of the conference. A room's own hours hold as well.
	Hours []programme.Hours `bson:"hours,omitempty"`
	// Rooms are those open to meetings, and for which levels; none means every
	// room of kind "bilateral", for every level.
	Rooms []RoomRule `bson:"rooms,omitempty"`
	// Levels at which delegations may meet; none means all.
	Levels []Level `bson:"levels,omitempty"`
	// Quota is how many meetings with a room a delegation may ask for on one day;
	// 0 means any number.
	Quota int `bson:"quota,omitempty"`
	// MaxSlots is how many slots a proposal may offer; 0 means 3.
	MaxSlots int `bson:"maxSlots,omitempty"`
	// AnswerHours is how long a request can be answered; 0 means 24. Not beyond
	// BeforeHours (0 means 24) before the latest slot it offers; but in any case
	// for SameDayHours (0 means 2), unless that slot begins.
	AnswerHours  int `bson:"answerHours,omitempty"`
	BeforeHours  int `bson:"beforeHours,omitempty"`
	SameDayHours int `bson:"sameDayHours,omitempty"`
	// ConfirmBy is how many minutes before its start a meeting must have been
	// reconfirmed by both sides to keep its room; 0 means that it need not be.
	// Warning is how many minutes before that both are warned; 0 means 60.
	ConfirmBy int `bson:"confirmBy,omitempty"`
	Warning   int `bson:"warning,omitempty"`
	// OptIn says that only delegations that opted in can be asked.
	OptIn bool `bson:"optIn,omitempty"`
	// NotAsked are pairs of kinds of delegation of which the first may not ask
	// the second; "*" is any kind.
	NotAsked []KindPair `bson:"notAsked,omitempty"`
	// Closed says that a delegation can only be found free inside windows it has
	// opened; otherwise one that has opened none is open in all of Hours.
	Closed bool `bson:"closed,omitempty"`
}

// A RoomRule opens a room to meetings.
type RoomRule struct {
	Room string `bson:"room"`
	// Levels for which it is; none means all.
	Levels []Level `bson:"levels,omitempty"`
}

// A KindPair is a delegation of kind From that asks one of kind To.
type KindPair struct {
	From string `bson:"from"`
	To   string `bson:"to"`
}

// An Availability is when a delegation lets itself be met, and whether at all.
// One document per delegation; its revision is its lock.
type Availability struct {
	ID         string `bson:"_id"` // <conference>/<delegation>
	Conference string `bson:"conference"`
	Delegation string `bson:"delegation"`
	Revision   int64  `bson:"revision"`
	// OptedIn says that the delegation wants to be asked; see Policy.OptIn.
	OptedIn bool `bson:"optedIn"`
	// Windows are when; see Policy.Closed for none.
	Windows   []Window  `bson:"windows,omitempty"`
	ChangedAt time.Time `bson:"changedAt"` // wall clock
}

// A Window is a time in which a principal, or anybody of the delegation where
// Principal is empty, can be met. On the conference clock.
type Window struct {
	Principal string    `bson:"principal,omitempty"`
	Start     time.Time `bson:"start"`
	End       time.Time `bson:"end"`
}
