package programme

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"plenary.example/services/agenda/internal/schedulefile"
)

// match says which session each item of a file is: by index of the item, the
// id of the session, which may have been removed here. Items that are new are
// not in it.
func (a Agenda) match(items []schedulefile.Item) map[int]string {
	known := map[string][]Session{}
	removed := slices.SortedFunc(maps.Values(a.removed), func(x, y Session) int { return cmp.Compare(x.ID, y.ID) })
	for _, s := range append(a.Sessions(), removed...) {
		if s.External != "" {
			known[s.External] = append(known[s.External], s)
		}
	}
	byGUID := map[string][]int{}
	for i, it := range items {
		if len(known[it.GUID]) > 0 {
			byGUID[it.GUID] = append(byGUID[it.GUID], i)
		}
	}
	matches := make(map[int]string, len(items))
	for guid, indexes := range byGUID {
		a.pair(known[guid], items, indexes, matches)
	}
	return matches
}

// pair gives sessions and items of one guid to each other, the nearest first.
func (a Agenda) pair(sessions []Session, items []schedulefile.Item, indexes []int, matches map[int]string) {
	if len(sessions) == 1 && len(indexes) == 1 {
		matches[indexes[0]] = sessions[0].ID
		return
	}
	type candidate struct {
		item     int
		session  int
		apart    time.Duration
		roomsOff int
	}
	var candidates []candidate
	for si, s := range sessions {
		start, room := a.lastSaid(s)
		for _, i := range indexes {
			c := candidate{item: i, session: si, apart: items[i].Start.Sub(start).Abs()}
			if items[i].Room != room {
				c.roomsOff = 1
			}
			candidates = append(candidates, c)
		}
	}
	slices.SortFunc(candidates, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(x.apart, y.apart), cmp.Compare(x.roomsOff, y.roomsOff),
			cmp.Compare(x.item, y.item), cmp.Compare(x.session, y.session))
	})
	taken := make([]bool, len(sessions))
	for _, c := range candidates {
		if _, done := matches[c.item]; !done && !taken[c.session] {
			matches[c.item], taken[c.session] = sessions[c.session].ID, true
		}
	}
}

// lastSaid is where the source last placed the session. A session that was
// moved here since is still found by it.
func (a Agenda) lastSaid(s Session) (start time.Time, room string) {
	if s.Source != nil {
		return s.Source.Start, s.Source.Room
	}
	return s.Start, a.rooms[s.Room].Name
}
