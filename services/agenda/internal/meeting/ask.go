package meeting

import (
	"slices"
	"strconv"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// MayAsk refuses what no delegation may ask of another, whatever the slot: to
// meet itself, or one that is not there (Invalid delegation_unknown); at a level
// that does not meet (Invalid level_closed); by a pair of kinds that does not
// (Forbidden may_not_ask); one that has not opted in where it must (Conflict
// not_opted_in).
func (w World) MayAsk(from, to string, l Level) error {
	one, known := w.Delegation(from)
	other, knows := w.Delegation(to)
	if from == to || !known || !knows || one.Status == event.Removed || other.Status == event.Removed {
		return wrong("/delegation", "delegation_unknown", "There is no such delegation to meet.")
	}
	if !slices.Contains(w.levels(), l) {
		return wrong("/level", "level_closed", "Delegations do not meet at this level here.")
	}
	if slices.ContainsFunc(w.Policy.NotAsked, func(p KindPair) bool { return p.covers(one.Kind, other.Kind) }) {
		return problem.New(problem.Forbidden, "may_not_ask", "Your delegation cannot ask that one for a meeting here.")
	}
	if w.Policy.OptIn && !w.Availability(to).OptedIn {
		return problem.New(problem.Conflict, "not_opted_in", "That delegation does not take requests for meetings.")
	}
	return nil
}

// levels are those at which delegations may meet.
func (w World) levels() []Level {
	if len(w.Policy.Levels) == 0 {
		return Levels()
	}
	return w.Policy.Levels
}

func (p KindPair) covers(from, to string) bool {
	return (p.From == anyKind || p.From == from) && (p.To == anyKind || p.To == to)
}

// anyKind of delegation.
const anyKind = "*"

// OverQuota refuses (Conflict quota_reached) what would be more meetings with a
// room than a delegation may ask for on the local day of a moment, but for those
// excepted; see askedFor.
func (w World) OverQuota(delegation string, day time.Time, except ...string) error {
	zone := w.Conference.Location()
	date := localDay(day, zone)
	return w.overQuota(date, w.askedFor(delegation, date, zone, except...))
}

// overQuota refuses one more where so many have been asked for on a day.
func (w World) overQuota(date string, asked int) error {
	if w.Policy.Quota == 0 || asked < w.Policy.Quota {
		return nil
	}
	quota := strconv.Itoa(w.Policy.Quota)
	return problem.New(problem.Conflict, "quota_reached", "A delegation can ask for %s meetings with a room on one day.", quota).
		With(problem.Field{
			Code: "quota_reached", Detail: "On " + date + " the delegation has asked for as many as it may.",
			Params: map[string]string{"day": date, "quota": quota},
		})
}

// askedFor counts the meetings with a room that a delegation asked for on a day:
// a confirmed one on its day, a request on that of the slot it wants most.
func (w World) askedFor(delegation, date string, zone *time.Location, except ...string) int {
	asked := 0
	for _, m := range w.Meetings(delegation) {
		if m.Sides[0].Delegation == delegation && m.Place == "" && !slices.Contains(except, m.ID) && localDay(m.wanted(), zone) == date {
			asked++
		}
	}
	return asked
}

// Allowance is what m, which has no slot, would take some of at s: its own name,
// and how many meetings more may be asked for before the quota is reached. It has
// no name where m takes nothing: there is no quota, it is informal, or it counts
// on that day already. If as many as that come to be in any order, with any that
// take nothing, OverQuota refuses none of them.
func (w World) Allowance(m Meeting, s Slot) (name string, more int) {
	if w.Policy.Quota == 0 || m.Place != "" {
		return "", 0
	}
	asking, zone := m.Sides[0].Delegation, w.Conference.Location()
	date := localDay(s.Start, zone)
	if localDay(m.wanted(), zone) == date {
		return "", 0
	}
	return asking + " " + date, w.Policy.Quota - w.askedFor(asking, date, zone)
}

// offeredFor counts the meetings that a delegation asked for and that stand on a
// day, or can come to without its being asked again: it has offered to meet then.
func (w World) offeredFor(delegation, date string, zone *time.Location, except ...string) int {
	then := func(s Slot) bool { return localDay(s.Start, zone) == date }
	offered := 0
	for _, m := range w.Meetings(delegation) {
		if m.Sides[0].Delegation != delegation || m.Place != "" || slices.Contains(except, m.ID) {
			continue
		}
		p, open := w.pending(m)
		mine := open && !slices.Contains(p.Awaits, delegation)
		if localDay(m.wanted(), zone) == date || mine && (p.Chosen.IsZero() && slices.ContainsFunc(p.Slots, then) || then(p.Chosen)) {
			offered++
		}
	}
	return offered
}

// quota refuses a slot for m on a day on which the delegation that asked for it has
// as many as it may. On the day on which m stands it counts already. The desk, which
// is no party, is refused as OverQuota does. The other side never is: it is not to
// learn how much was asked for, and takes what was offered to it. Therefore the
// delegation itself can offer no more than may come true of all it has offered.
func (w World) quota(m Meeting, party string, s Slot, except ...string) error {
	asking := m.Sides[0].Delegation
	if w.Policy.Quota == 0 || m.Place != "" || party != "" && party != asking {
		return nil
	}
	zone := w.Conference.Location()
	date := localDay(s.Start, zone)
	if !m.Slot.IsZero() && localDay(m.Slot.Start, zone) == date {
		return nil
	}
	except = append(slices.Clone(except), m.ID)
	if party == asking {
		return w.overQuota(date, w.offeredFor(asking, date, zone, except...))
	}
	return w.OverQuota(asking, s.Start, except...)
}

// wanted is when m takes place, or most wants to; zero when nobody has said.
func (m Meeting) wanted() time.Time {
	if m.Slot.IsZero() && m.Proposal != nil && len(m.Proposal.Slots) > 0 {
		return m.Proposal.Slots[0].Start
	}
	return m.Slot.Start
}

func localDay(t time.Time, zone *time.Location) string { return t.In(zone).Format(time.DateOnly) }

// wrong refuses one member of what was sent.
func wrong(pointer, code, detail string) error {
	return problem.New(problem.Invalid, code, "%s", detail).With(problem.Field{Pointer: pointer, Code: code, Detail: detail})
}

// opens says whether the room may be used for meetings of a level.
func (w World) opens(r programme.Room, l Level) bool {
	if len(w.Policy.Rooms) == 0 {
		return r.Kind == bilateral
	}
	return slices.ContainsFunc(w.Policy.Rooms, func(rule RoomRule) bool {
		return rule.Room == r.ID && (len(rule.Levels) == 0 || slices.Contains(rule.Levels, l))
	})
}
