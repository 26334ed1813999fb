package desk

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"plenary.example/services/agenda/internal/meeting"
)

// A cell of a resource.
type cell struct {
	resource string
	n        int64
}

// cells are those of holds, each with the attempt under which it is held.
func cells(holds []meeting.Hold) map[cell]string {
	all := map[cell]string{}
	for _, h := range holds {
		for n := h.From; n < h.To; n++ {
			all[cell{h.Resource, n}] = h.Attempt
		}
	}
	return all
}

// runs are cells put together again, in the order of resource and time.
func runs(all map[cell]string) []meeting.Hold {
	keys := make([]cell, 0, len(all))
	for k := range all {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b cell) int {
		return cmp.Or(strings.Compare(a.resource, b.resource), cmp.Compare(a.n, b.n))
	})
	var out []meeting.Hold
	for _, k := range keys {
		if i := len(out) - 1; i >= 0 && out[i].Resource == k.resource && out[i].To == k.n && out[i].Attempt == all[k] {
			out[i].To++
			continue
		}
		out = append(out, meeting.Hold{Resource: k.resource, From: k.n, To: k.n + 1, Attempt: all[k]})
	}
	return out
}

// A change is what becomes of a meeting's holds: kept and freed under the
// attempts they have, wanted under none yet.
type change struct{ kept, wanted, freed []meeting.Hold }

// compare answers how one comes from what is held to what is wanted.
func compare(has, wants []meeting.Hold) change {
	held, kept, wanted := cells(has), map[cell]string{}, map[cell]string{}
	for k := range cells(wants) {
		if attempt, is := held[k]; is {
			kept[k] = attempt
			delete(held, k)
			continue
		}
		wanted[k] = ""
	}
	return change{kept: runs(kept), wanted: runs(wanted), freed: runs(held)}
}

// under are holds with the attempt they are claimed under.
func under(attempt string, holds []meeting.Hold) []meeting.Hold {
	out := slices.Clone(holds)
	for i := range out {
		out[i].Attempt = attempt
	}
	return out
}

// A Claim is the exclusive right to one cell of a resource. That it is there
// says nothing: whether the holder knows of its attempt does.
type Claim struct {
	ID string `bson:"_id"` // as meeting.ClaimID has it
	// Holder is a meeting, or a block or the agenda under a prefix.
	Holder  string    `bson:"meeting"`
	Attempt string    `bson:"attempt"`
	At      time.Time `bson:"at"` // wall clock
}

// claimsOf are the claims of a holder's holds in the order in which everybody
// claims.
func claimsOf(conference, holder, attempt string, holds []meeting.Hold, at time.Time) []Claim {
	var all []Claim
	for k := range cells(holds) {
		all = append(all, Claim{meeting.ClaimID(conference, k.resource, k.n), holder, attempt, at})
	}
	inOrder(all)
	return all
}

// inOrder sorts claims as everybody claims them, so that of two who want some of
// the same the one who gets the first gets all, unless a third is in the way.
// Rooms come first: they are what most lose for, and then there is nothing to
// give back.
func inOrder(all []Claim) {
	last := func(c Claim) int {
		if strings.Contains(c.ID, "/"+meeting.RoomResource("")) {
			return 0
		}
		return 1
	}
	slices.SortFunc(all, func(a, b Claim) int { return cmp.Or(last(a)-last(b), strings.Compare(a.ID, b.ID)) })
}
