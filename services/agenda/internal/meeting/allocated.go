package meeting

import "time"

// States of an allocation.
const (
	Planned  = "planned"  // nothing has come of it yet
	Applying = "applying" // meetings get what they are to get, one by one
	Applied  = "applied"
	Shed     = "shed" // too old to be kept; there for nobody
)

// Which meetings are allocated.
const (
	OnlyAgreed = "agreed" // those that both left to the desk
	AllOpen    = "all"    // also requests that nobody has answered yet
)

// What became of a line.
const (
	NotMet  = "not_met" // the allocation has nothing for it
	Done    = "applied"
	Changed = "changed" // the meeting is not as it was when it was planned
)

// An Allocation is a plan of which meetings get which slot and room, made of all
// that waited at a time. It is a proposal to the desk and changes nothing until
// it is applied.
type Allocation struct {
	Key        string `bson:"_id"` // <conference>/<id>
	ID         string `bson:"id"`
	Conference string `bson:"conference"`
	Revision   int64  `bson:"revision"`
	State      string `bson:"state"`
	Include    string `bson:"include"`
	Seed       int64  `bson:"seed"`
	// PlannedBy and AppliedBy are actors, as Entry has them.
	PlannedBy string    `bson:"plannedBy"`
	PlannedAt time.Time `bson:"plannedAt"` // wall clock, as is
	AppliedBy string    `bson:"appliedBy,omitempty"`
	AppliedAt time.Time `bson:"appliedAt,omitempty"` // when all was done
	// Wishes is how many meetings were looked at, and Met how many of them the
	// plan has something for.
	Wishes int `bson:"wishes"`
	Met    int `bson:"met"`
	// Worth, FirstCome and Bound are as allocation.Result has them; FirstComeMet
	// as well.
	Worth        int `bson:"worth"`
	FirstCome    int `bson:"firstCome"`
	FirstComeMet int `bson:"firstComeMet"`
	Bound        int `bson:"bound"`
	// Applied and Refused count what became of Met so far.
	Applied int `bson:"applied"`
	Refused int `bson:"refused"`

	// Run begins the ids of its pages: first Pages of lines that are met, then
	// Rest of those that are not.
	Run   string `bson:"run"`
	Pages int    `bson:"pages"`
	Rest  int    `bson:"rest"`
	// Next is the first page that is not applied yet.
	Next int `bson:"next"`
	// Until whom the one replica that applies it has before any other goes on.
	Until time.Time `bson:"until,omitempty"`
}

// A Line is what an allocation says of one meeting.
type Line struct {
	Meeting  string    `bson:"meeting"`
	Revision int64     `bson:"revision"` // of the meeting, when it was planned
	Sides    [2]string `bson:"sides"`
	// Slot and Room are what it is to get; Rank is the place of the slot among
	// those that were named, from 1, and 0 for one that nobody named.
	Slot Slot   `bson:"slot,omitempty"`
	Room string `bson:"room,omitempty"`
	Rank int    `bson:"rank,omitempty"`
	// Missing is what it would have needed, when it gets nothing.
	Missing []Missing `bson:"missing,omitempty"`
	// Code is what became of it; empty until it is applied. What is neither Done
	// nor NotMet nor Changed is the code of the refusal.
	Code string `bson:"code,omitempty"`
}

// Missing is what was missing at a slot; of slots that nobody named, at some of
// them.
type Missing struct {
	Slot Slot   `bson:"slot,omitempty"`
	What string `bson:"what"` // as BarredByRoom and the like
}
