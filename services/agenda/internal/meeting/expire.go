package meeting

import (
	"cmp"
	"time"
)

// expires is when a proposal made now, of these slots, can no longer be
// accepted: after the time to answer, some time before the latest slot it
// offers; but in any case not within the first hours, unless that slot begins.
// And a meeting that has a slot cannot get another one once it has begun.
func (w World) expires(m Meeting, slots []Slot) time.Time {
	hours := func(set, usual int) time.Duration { return time.Duration(cmp.Or(set, usual)) * time.Hour }
	var latest time.Time
	for _, s := range slots {
		latest = later(latest, s.Start)
	}
	e := earlier(w.Now.Add(hours(w.Policy.AnswerHours, 24)), latest.Add(-hours(w.Policy.BeforeHours, 24)))
	e = earlier(later(e, w.Now.Add(hours(w.Policy.SameDayHours, 2))), latest)
	if !m.Slot.IsZero() {
		e = earlier(e, m.Slot.Start)
	}
	return stored(e)
}

// stored is t as it comes back from the store, to the millisecond: all replicas
// have to agree whether something has run out.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// Expire ends a proposal whose time has run out, and one for a swap with a
// meeting that is not for it any more, which is told as declined: that nobody
// answered would not be true. With the request ends the meeting; what stands
// without the proposal stands on.
func (w World) Expire(m Meeting) (Plan, error) {
	_, open := w.pending(m)
	switch {
	case m.Proposal == nil:
		return Plan{}, ErrNothing
	case !open:
		return w.unproposed(m, Expired, Entry{Verb: WasExpired}), nil
	case w.jilted(m):
		return w.unproposed(m, Declined, Entry{Verb: WasDeclined}), nil
	}
	return Plan{}, ErrNothing
}

// Sweep is what becomes of a meeting without anybody acting on it: Expire,
// Unhouse, Lapse or Warn.
func (w World) Sweep(m Meeting) (Plan, error) {
	for _, rule := range []func(Meeting) (Plan, error){w.Expire, w.Unhouse, w.Lapse, w.Warn} {
		if p, err := rule(m); err == nil {
			return p, nil
		}
	}
	return Plan{}, ErrNothing
}

// unproposed is m without its proposal: over, as status says, when there was no
// more than a request; otherwise as it stands.
func (w World) unproposed(m Meeting, status Status, told Entry) Plan {
	next := m
	next.Proposal = nil
	if m.Status == Requested {
		next.Status = status
	}
	return w.plan(m, next, told)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
