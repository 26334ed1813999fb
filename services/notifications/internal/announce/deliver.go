package announce

import (
	"context"
	"errors"
	"time"

	"plenary.example/shared/store"
)

const (
	// net is how long after its time an alarm rings for what the request that set
	// it means to do itself.
	net = 5 * time.Second
	// unwritten is how long an alarm waits for the announcement it was set for: it
	// is set before that is written.
	unwritten = time.Minute
	// attempts is how often somebody else may be faster.
	attempts = 5
)

// wake has a be sent when it is due, whatever happens to this process.
func (o *Office) wake(ctx context.Context, a Announcement) error {
	at := o.cfg.Now().Add(net)
	if !a.SendAt.IsZero() {
		at = o.wall(a.Conference, a.SendAt)
	}
	return o.cfg.Wake(ctx, a.ID, at)
}

// Ring does what is due for an announcement, for which somebody was to be woken at
// a time. An error asks to be called again.
func (o *Office) Ring(ctx context.Context, id string, at time.Time) error {
	a, err := o.read(ctx, id)
	if errors.Is(err, store.ErrMissing) {
		if o.cfg.Now().Sub(at) < unwritten {
			return err // it may be written yet
		}
		return nil
	}
	if err != nil {
		return err
	}
	_, err = o.deliver(ctx, a)
	return err
}

// deliver brings a to its end: what is due is sent, and what is not waits on.
// Somebody else may be at it too, here or on another replica: whoever comes
// second finds it done, or does it.
func (o *Office) deliver(ctx context.Context, a Announcement) (Announcement, error) {
	for tries := 1; ; tries++ {
		next, err := o.step(ctx, a)
		if err == nil || tries == attempts {
			return next, err
		}
		now, readErr := o.read(ctx, a.ID)
		if readErr != nil || now.Revision == a.Revision { // nobody else is at it
			return next, errors.Join(err, readErr)
		}
		a = now
	}
}

// step does what a is owed as it stands.
func (o *Office) step(ctx context.Context, a Announcement) (Announcement, error) {
	switch a.Status {
	case Scheduled:
		if !o.due(a) {
			return a, o.wake(ctx, a)
		}
		begun := a
		begun.Status = Sending
		var err error
		if a, err = o.write(ctx, a, begun); err != nil {
			return a, err
		}
		return o.send(ctx, a)
	case Sending:
		return o.send(ctx, a)
	case TakenBack:
		return a, o.tellRecall(ctx, a)
	case Sent, Cancelled:
	}
	return a, nil
}

// send freezes the audience of a and has it told.
func (o *Office) send(ctx context.Context, a Announcement) (Announcement, error) {
	who, err := o.who(ctx, a.Conference, a.Audience, o.now(a.Conference), false)
	if err != nil {
		return a, err
	}
	now := o.cfg.Now()
	if err := o.cfg.Tell(ctx, a.notice(now, o.deadline(a, now)), who); err != nil {
		return a, err
	}
	told, err := o.cfg.Told(ctx, a.Key()) // an attempt before may have told others
	if err != nil {
		return a, err
	}
	done := a
	done.Status, done.SentAt, done.People, done.Phones = Sent, now.UTC().Truncate(time.Millisecond), len(told), 0
	for _, delegate := range told {
		done.Phones += len(o.cfg.Phones(delegate))
	}
	return o.write(ctx, a, done)
}

// tellRecall tells everybody who was told of a that it does not hold.
func (o *Office) tellRecall(ctx context.Context, a Announcement) error {
	told, err := o.cfg.Told(ctx, a.Key())
	if err != nil {
		return err
	}
	return o.cfg.Tell(ctx, a.recall(o.cfg.Now()), told)
}

// Check sends what is due and has not been sent: its alarm is lost, or the clock
// of its conference was put forward. It is called at the start and every few
// seconds. That one cannot be sent keeps no other from it.
func (o *Office) Check(ctx context.Context) error {
	var errs error
	for _, a := range o.unsent() {
		if o.cfg.Now().Sub(o.dueAt(a)) < 2*net {
			continue
		}
		a, err := o.read(ctx, a.ID)
		if err == nil {
			_, err = o.deliver(ctx, a)
		}
		errs = errors.Join(errs, err)
	}
	return errs
}

// dueAt is when a is to be sent, on the wall clock.
func (o *Office) dueAt(a Announcement) time.Time {
	if due := o.wall(a.Conference, a.SendAt); due.After(a.MadeAt) {
		return due
	}
	return a.MadeAt
}

// deadline is by when a is to be acknowledged that is sent now, on the wall clock;
// zero for never. Where it is sent late, people have as long as they were meant to
// have: half a minute at least, and five at most.
func (o *Office) deadline(a Announcement, now time.Time) time.Time {
	if a.AcknowledgeBy.IsZero() {
		return time.Time{}
	}
	by, due := o.wall(a.Conference, a.AcknowledgeBy).UTC(), o.dueAt(a)
	if now.Sub(due) > late {
		if least := now.Add(min(max(by.Sub(due), 30*time.Second), 5*time.Minute)); least.After(by) {
			return least.UTC().Truncate(time.Millisecond)
		}
	}
	return by
}

// unsent are those that are owed to somebody, as far as memory knows.
func (o *Office) unsent() []Announcement {
	o.mu.RLock()
	defer o.mu.RUnlock()
	var list []Announcement
	for _, a := range o.all {
		if a.Status == Scheduled || a.Status == Sending {
			list = append(list, a)
		}
	}
	return list
}
