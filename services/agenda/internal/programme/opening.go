package programme

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// An Opening is a moment, on the conference clock, from which on more of a
// session may be read although nobody changes anything: its stream is given out,
// or the embargo of a document ends.
type Opening struct {
	At      time.Time
	Session string
}

// Openings are those of the sessions, in the order of time.
func Openings(sessions []Session) []Opening {
	var all []Opening
	for _, s := range sessions {
		if s.Stream != nil && !s.Stream.Started && s.Status != Cancelled {
			all = append(all, Opening{s.StreamsFrom(), s.ID})
		}
		for _, d := range s.Documents {
			if !d.Embargo.IsZero() {
				all = append(all, Opening{d.Embargo, s.ID})
			}
		}
	}
	slices.SortFunc(all, func(a, b Opening) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Session, b.Session))
	})
	return all
}

// Opened counts the openings, which are in order, that are over at a moment of
// the conference clock.
func Opened(all []Opening, now time.Time) int {
	n, _ := slices.BinarySearchFunc(all, now, func(o Opening, now time.Time) int {
		if o.At.After(now) {
			return 1
		}
		return -1
	})
	return n
}
