package meeting

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// CellMinutes is how long a cell is in which something can be held, whatever the
// grid that is shown: a grid can change, and two grids can differ, but what
// overlaps in time always shares a cell.
const CellMinutes = 5

// Cell is the number of the cell that holds t, counted from 1970 in UTC.
func Cell(t time.Time) int64 { return t.Unix() / (CellMinutes * 60) }

// A Hold is the exclusive right to a resource in a run of cells.
type Hold struct {
	Resource string `bson:"resource"`
	From     int64  `bson:"from"` // first cell
	To       int64  `bson:"to"`   // the cell after the last
	// Attempt is the attempt, or the act, under which it was claimed.
	Attempt string `bson:"attempt,omitempty"`
}

// Resources that can be held.
const (
	roomPrefix       = "room:"
	personPrefix     = "person:"
	delegationPrefix = "delegation:"
)

// RoomResource is a room.
func RoomResource(room string) string { return roomPrefix + room }

// PersonResource is a delegate.
func PersonResource(delegate string) string { return personPrefix + delegate }

// DelegationResource is a delegation at a level, for a side that names nobody.
func DelegationResource(delegation string, l Level) string {
	return delegationPrefix + delegation + "/" + string(l)
}

// RoomOf is the room a resource is; empty when it is none.
func RoomOf(resource string) string {
	room, is := strings.CutPrefix(resource, roomPrefix)
	if !is {
		return ""
	}
	return room
}

// Spans says whether both are of one resource and share a cell.
func (h Hold) Spans(o Hold) bool {
	return h.Resource == o.Resource && h.From < o.To && o.From < h.To
}

// ClaimID is the id of the claim of one cell of a resource.
func ClaimID(conference, resource string, cell int64) string {
	return fmt.Sprintf("%s/%s@%d", conference, resource, cell)
}

// Needs are the holds of a meeting at a slot in a room, with the time to change
// over after it; an empty room is none. They come in the order in which they
// are to be claimed, which is the same for everybody: of two who want some of
// the same, the one who gets the first of these gets all of them, unless a third
// is in the way.
func (m Meeting) Needs(slot Slot, room string, changeover time.Duration) []Hold {
	from, to := Cell(slot.Start), Cell(slot.End.Add(changeover).Add(CellMinutes*time.Minute-1))
	var resources []string
	if room != "" {
		resources = append(resources, RoomResource(room))
	}
	resources = append(resources, slices.Concat(m.Takes(0), m.Takes(1))...)
	slices.Sort(resources)
	needs := make([]Hold, 0, len(resources))
	for _, r := range slices.Compact(resources) {
		needs = append(needs, Hold{Resource: r, From: from, To: to})
	}
	return needs
}

// Takes are the resources of one of its sides that a meeting takes: its people,
// and the delegation at the meeting's level while it names no principal.
func (m Meeting) Takes(side int) []string {
	var resources []string
	s := m.Sides[side]
	if len(s.Principals) == 0 {
		resources = append(resources, DelegationResource(s.Delegation, m.Level))
	}
	for _, p := range s.People() {
		resources = append(resources, PersonResource(p))
	}
	return resources
}

// An Attempt is a try to get the holds a plan wants. It is written into the
// meeting before anything is claimed, so whatever a crash leaves can be found.
type Attempt struct {
	ID string `bson:"id"`
	// Wants are the holds it claims and the meeting does not have yet.
	Wants []Hold `bson:"wants"`
	// Deadline, by the wall clock, from which on anybody may end it.
	Deadline time.Time `bson:"deadline"`
}
