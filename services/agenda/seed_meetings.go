package agenda

import (
	"context"
	"fmt"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

// The words of a seed for bilateral meetings.
type (
	// MeetingPolicy is how a conference handles them; its zero is a sensible one.
	MeetingPolicy = meeting.Policy
	// MeetingWindow is when a delegation lets itself be met.
	MeetingWindow = meeting.Window
	// MeetingAsked is what one delegation asks of another.
	MeetingAsked = meeting.Asked
	// MeetingLevel says who meets.
	MeetingLevel = meeting.Level
	// Grid is how the time of meetings is cut.
	Grid = programme.Grid
)

// HeadOfState is the level of meetings of heads of state or of government.
const HeadOfState = meeting.HeadOfState

// A Meeting of a seed is asked for, or booked at the first of the times it was
// asked for.
type Meeting struct {
	ID     string
	Asking string // the delegation that asks
	Actor  string // the delegate who does
	Booked bool
	MeetingAsked
}

// acquaintance is how long loading waits for the people of its meetings: they
// are told of by the delegates service, whose bus may be behind.
const acquaintance = 30 * time.Second

// loadMeetings brings the meetings of a seed, after the conference. What is
// there stays as it is, and a meeting whose time has passed meanwhile is left
// out.
func (s *Service) loadMeetings(ctx context.Context, seed Seed) error {
	if err := s.acquaint(ctx, seed); err != nil {
		return err
	}
	if p, err := s.desk.Policy(seed.Conference); err != nil || p.Revision == 0 {
		_, err := s.desk.SetPolicy(ctx, seed.Conference, 0, func(w meeting.World, _ meeting.Policy) (meeting.Policy, error) {
			return seed.MeetingPolicy, w.CheckPolicy(seed.MeetingPolicy)
		})
		if err != nil {
			return fmt.Errorf("policy of meetings: %w", err)
		}
	}
	for delegation, windows := range seed.MeetingWindows {
		if a, err := s.desk.Availability(seed.Conference, delegation); err == nil && a.Revision > 0 {
			continue
		}
		_, err := s.desk.SetAvailability(ctx, seed.Conference, delegation, 0, func(w meeting.World, a meeting.Availability) (meeting.Availability, error) {
			a.OptedIn, a.Windows = true, windows
			return a, w.CheckAvailability(a)
		})
		if err != nil {
			return fmt.Errorf("availability of %s: %w", delegation, err)
		}
	}
	for _, m := range seed.Meetings {
		if err := s.loadMeeting(ctx, seed.Conference, m); err != nil && !problem.Is(err, problem.Conflict) {
			return fmt.Errorf("meeting %s: %w", m.ID, err)
		}
	}
	return nil
}

func (s *Service) loadMeeting(ctx context.Context, conference string, m Meeting) error {
	by := meeting.By{Actor: m.Actor, Delegation: m.Asking}
	decide := func(w meeting.World) (meeting.Plan, error) { return w.Request(m.MeetingAsked, by) }
	if m.Booked && len(m.Starts) > 0 {
		by = meeting.By{Actor: m.Actor, Desk: true}
		decide = func(w meeting.World) (meeting.Plan, error) {
			return w.Book(meeting.Booking{Asking: m.Asking, Asked: m.MeetingAsked, Start: m.Starts[0]}, by)
		}
	}
	_, err := s.desk.Add(ctx, conference, m.ID, by, decide)
	return err
}

// acquaint waits until everybody in the meetings of a seed is known.
func (s *Service) acquaint(ctx context.Context, seed Seed) error {
	ctx, cancel := context.WithTimeout(ctx, acquaintance)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		w, err := s.desk.World(seed.Conference)
		if err != nil {
			return err
		}
		missing := seed.stranger(w)
		if missing == "" {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("meetings of %s: nobody told of %s: %w", seed.Conference, missing, ctx.Err())
		}
	}
}

// stranger is a delegate or a delegation of the meetings that is not known yet;
// empty when there is none.
func (seed Seed) stranger(w meeting.World) string {
	delegations, delegates := map[string]bool{}, map[string]bool{}
	for d, windows := range seed.MeetingWindows {
		delegations[d] = true
		for _, x := range windows {
			delegates[x.Principal] = true
		}
	}
	for _, m := range seed.Meetings {
		delegations[m.Asking], delegations[m.Delegation] = true, true
		for _, people := range [][]string{m.Principals, m.WithPrincipals, m.Interpreters} {
			for _, d := range people {
				delegates[d] = true
			}
		}
	}
	delete(delegates, "") // a window for everybody
	for d := range delegations {
		if _, known := w.Delegation(d); !known {
			return d
		}
	}
	for d := range delegates {
		if _, known := w.Person(d); !known {
			return d
		}
	}
	return ""
}
