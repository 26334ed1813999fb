package meeting

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"plenary.example/shared/problem"
)

// ErrNothing is the answer of a rule that finds nothing to do: what it looks for
// has not come, or has been done already.
var ErrNothing = problem.New(problem.Conflict, "nothing_to_do", "There is nothing to do: it is so already.")

// Refusals that say how the meeting stands. They are for its two sides and the
// desk, who see it anyway.
var (
	errOver      = problem.New(problem.Conflict, "meeting_over", "Nothing will become of this meeting any more.")
	errBegun     = problem.New(problem.Conflict, "meeting_begun", "The meeting has begun.")
	errOpen      = problem.New(problem.Conflict, "proposal_open", "A proposal waits for an answer. Answer or withdraw it first.")
	errExpired   = problem.New(problem.Conflict, "request_expired", "It can no longer be answered: its time has run out.")
	errEnded     = problem.New(problem.Conflict, "meeting_ended", "The meeting has ended.")
	errConfirmed = problem.New(problem.Conflict, "confirmed_already", "The meeting has a slot.")
	errInformal  = problem.New(problem.Conflict, "informal", "An informal meeting takes no room.")
	errNoSlot    = problem.New(problem.Conflict, "not_confirmed", "Only a meeting that has a slot can do this.")
)

// actsFor is the delegation for which somebody acts on m; empty for the desk,
// which acts for whoever it takes. For anybody else the meeting is not there.
func (m Meeting) actsFor(by By) (string, error) {
	switch {
	case by.Desk:
		return "", nil
	case m.Party(by.Delegation):
		return by.Delegation, nil
	}
	return "", problem.Hidden()
}

// others are the sides that are not the delegation: both, for the desk.
func (m Meeting) others(delegation string) []string {
	var others []string
	for _, s := range m.Sides {
		if s.Delegation != delegation {
			others = append(others, s.Delegation)
		}
	}
	return others
}

// pending is the proposal of m that can still be answered. One whose time has run
// out is none, whether or not somebody has swept it away.
func (w World) pending(m Meeting) (Proposal, bool) {
	if m.Proposal == nil || !w.Now.Before(m.Proposal.ExpiresAt) {
		return Proposal{}, false
	}
	return *m.Proposal, true
}

// over is why m, which is, cannot be answered or changed any more. What ran out is
// refused as it was before it was swept away.
func (m Meeting) over() error {
	if m.Status == Expired {
		return errExpired
	}
	return errOver
}

// begun says whether the people are in the room.
func (w World) begun(m Meeting) bool { return !m.Slot.IsZero() && !w.Now.Before(m.Slot.Start) }

// ended says whether they have left it.
func (w World) ended(m Meeting) bool { return !m.Slot.IsZero() && !w.Now.Before(m.Slot.End) }

// coming refuses m when nobody can change it any more: it is over, it is a
// request that ran out, or it has begun.
func (w World) coming(m Meeting) error {
	_, open := w.pending(m)
	switch {
	case m.Status.Over():
		return m.over()
	case m.Status == Requested && !open:
		return errExpired
	case w.begun(m):
		return errBegun
	}
	return nil
}

// acts is for which delegation somebody changes m, as actsFor has it, while m can be
// changed; see coming.
func (w World) acts(m Meeting, by By) (string, error) {
	party, err := m.actsFor(by)
	if err != nil {
		return "", err
	}
	return party, w.coming(m)
}

// answered is the proposal that somebody answers, and for which of the awaited
// delegations they do: all of them, for the desk.
func (w World) answered(m Meeting, by By) (Proposal, []string, error) {
	party, err := m.actsFor(by)
	p, open := w.pending(m)
	switch {
	case err != nil:
		return Proposal{}, nil, err
	case m.Status.Over():
		return Proposal{}, nil, m.over()
	case m.Proposal == nil:
		return Proposal{}, nil, problem.New(problem.Conflict, "nothing_proposed", "Nothing waits for an answer.")
	case !open:
		return Proposal{}, nil, errExpired
	case party == "":
		return p, p.Awaits, nil
	case !slices.Contains(p.Awaits, party):
		return Proposal{}, nil, problem.New(problem.Conflict, "not_awaited", "It is not for your side to answer.")
	}
	return p, []string{party}, nil
}

// plan is what becomes of was when it is to be as next. It counts the changes a
// calendar has to know of, and finds who has a part no more.
func (w World) plan(was, next Meeting, told Entry) Plan {
	if was.Status != "" && (was.Status != next.Status || !was.Slot.Same(next.Slot) || was.Room != next.Room ||
		!slices.Equal(was.expected(), next.expected())) {
		next.Sequence = was.Sequence + 1
	}
	p := Plan{Next: next, Told: told}
	if next.Status == Confirmed {
		p.Holds = next.Needs(next.Slot, next.Room, w.pause(was, next.Slot))
	}
	for _, s := range was.Sides {
		for _, d := range s.People() {
			if !next.TakesPart(d) && !slices.Contains(p.Left, d) {
				p.Left = append(p.Left, d)
			}
		}
	}
	return p
}

// pause is the time to change over after m at s. A meeting that stays where it is
// keeps the one it got: nobody may lose their slot because a policy was changed.
// A resource may be in several of its holds, claimed one after the other, so the
// last of them all says how long that is.
func (w World) pause(m Meeting, s Slot) time.Duration {
	if len(m.Holds) == 0 || !m.Slot.Same(s) {
		return w.Changeover(m.Level)
	}
	last := slices.MaxFunc(m.Holds, func(a, b Hold) int { return cmp.Compare(a.To, b.To) })
	return max(time.Unix(last.To*CellMinutes*60, 0).Sub(s.End), 0)
}

// overlaps says whether both share a moment.
func (s Slot) overlaps(o Slot) bool { return s.Start.Before(o.End) && o.Start.Before(s.End) }

// clash says whether one of the holds shares a cell with one of the others.
func clash(holds, others []Hold) bool {
	return slices.ContainsFunc(holds, func(h Hold) bool { return slices.ContainsFunc(others, h.Spans) })
}

// with is m with another side in the place of the i-th.
func (m Meeting) with(i int, s Side) Meeting {
	m.Sides[i] = s
	return m
}

// beneath is a refusal of a slot that stands beneath pointer in the request.
func beneath(pointer string, err error) error {
	p, is := errors.AsType[*problem.Error](err)
	if !is {
		return err
	}
	c := *p
	c.Fields = slices.Clone(p.Fields)
	for i, f := range c.Fields {
		if f.Pointer == "/startsAt" {
			c.Fields[i].Pointer = pointer + f.Pointer
		}
	}
	return &c
}
