package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"plenary.example/deployments/standalone/internal/sample"
	"plenary.example/shared/client"
)

// pickers are the delegates who picked a session.
func (s *storm) pickers(x sample.Session) (who []string) {
	for _, p := range s.sample.Picks {
		if p.Session == x.ID {
			who = append(who, p.Delegate)
		}
	}
	return who
}

// fewest are sessions that some picked, those of the fewest first.
func (s *storm) fewest() []sample.Session {
	all := slices.DeleteFunc(slices.Clone(s.sample.Sessions), func(x sample.Session) bool {
		return len(s.pickers(x)) == 0 || x.Kind == "plenary" || x.Kind == "ceremony" || x.Chair != ""
	})
	slices.SortStableFunc(all, func(a, b sample.Session) int { return cmp.Compare(len(s.pickers(a)), len(s.pickers(b))) })
	return all
}

// free says whether nothing else is in a room for a time.
func (s *storm) free(room, but string, from, to time.Time) bool {
	return !slices.ContainsFunc(s.sample.Sessions, func(y sample.Session) bool {
		return y.ID != but && y.Room == room && y.Start.Before(to) && from.Before(y.End)
	})
}

// moving are sessions of the second day with half an hour of room behind them, so
// that moving them disturbs no other. No two moves in a row bring the same start.
func (s *storm) moving(n int) (all []*course) {
	for _, x := range s.fewest() {
		if len(all) == n || x.Start.Before(s.sample.Opens().Add(20*time.Hour)) || !s.free(x.Room, x.ID, x.Start, x.End.Add(30*time.Minute)) {
			continue
		}
		all = append(all, s.session(x, s.pickers(x), func(c *course) client.SessionPatch {
			start := x.Start.Add(time.Duration(1+c.n%29) * time.Minute)
			end := start.Add(x.End.Sub(x.Start))
			return client.SessionPatch{StartsAt: &start, EndsAt: &end}
		}))
	}
	if len(all) < n {
		s.Fatalf("only %d sessions can be moved freely", len(all))
	}
	return all
}

// meeting are meetings that the desk moves from room to room.
func (s *storm) meeting(n int) (all []*course) {
	var rooms []string
	for _, r := range s.sample.Rooms {
		if r.Kind == "bilateral" {
			rooms = append(rooms, r.ID)
		}
	}
	host := s.sample.Delegations[0].ID
	for _, m := range s.sample.Meetings {
		if len(all) == n || !m.Booked || m.Place != "" || m.Asking == host || m.Asked == host {
			continue
		}
		who := slices.Concat(m.Principals, m.With)
		for _, d := range s.sample.Delegates {
			if slices.Contains(d.Roles, "liaison") && (d.Delegation == m.Asking || d.Delegation == m.Asked) && !slices.Contains(who, d.ID) {
				who = append(who, d.ID)
			}
		}
		mine := rooms[len(rooms)-2*len(all)-2:][:2] // the last are for the fewest
		all = append(all, &course{
			subject: "meeting/" + m.ID, who: who,
			read: func() (int64, bool) {
				res, err := s.by("desk").GetMeetingWithResponse(s.Context(), s.sample.ID, m.ID, nil)
				if err != nil || res.JSON200 == nil {
					return 0, false
				}
				return res.JSON200.Revision, true
			},
			change: func(c *course) (int64, bool) {
				res, err := s.by("desk").AssignRoomWithResponse(s.Context(), s.sample.ID, m.ID,
					&client.AssignRoomParams{IfMatch: fmt.Sprintf(`"%d"`, c.rev)}, client.RoomChoice{RoomID: &mine[len(c.facts)%2]})
				if err != nil || res.JSON200 == nil {
					s.unanswered(c, err, res.GetBody(), res.StatusCode())
					return 0, false
				}
				return res.JSON200.Revision, true
			},
		})
	}
	if len(all) < n {
		s.Fatalf("only %d meetings can be moved", len(all))
	}
	return all
}

// dueIn is how long before its reminder is due a session is put close before its
// start.
const dueIn = 10 * time.Second

// remindable are sessions that are not moved otherwise. Their change lets them begin
// so that their people are to be reminded shortly after, wherever they come from:
// nothing begins before them, and they are all in one room or another of one zone.
func (s *storm) remindable(n int) (all []*course) {
	early := s.sample.Opens().Add(30 * time.Minute)
	taken := func(x sample.Session) bool {
		return slices.ContainsFunc(s.courses, func(c *course) bool { return c.subject == "session/"+x.ID })
	}
	zone := ""
	var rooms []string
	for _, r := range s.sample.Rooms {
		if r.Kind != "bilateral" && s.free(r.ID, "", s.sample.Opens(), early.Add(30*time.Minute)) && (zone == "" || r.Zone == zone) {
			rooms, zone = append(rooms, r.ID), r.Zone
		}
	}
	for _, x := range s.fewest() {
		if len(all) == min(n, len(rooms)) || taken(x) || x.Start.Before(early.Add(time.Hour)) {
			continue
		}
		room := rooms[len(all)]
		all = append(all, s.session(x, s.pickers(x), func(*course) client.SessionPatch {
			start := time.Now().Add(s.ahead + 15*time.Minute + dueIn).Truncate(time.Second)
			end := start.Add(20 * time.Minute)
			return client.SessionPatch{StartsAt: &start, EndsAt: &end, RoomID: &room}
		}))
	}
	if len(all) == 0 {
		s.Fatal("nobody can be reminded of anything")
	}
	return all
}
