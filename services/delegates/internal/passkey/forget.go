package passkey

import (
	"context"
	"slices"

	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// Hear takes an event of the delegates and forgets the passkeys of whoever it
// says is not of the secretariat any more. Hearing it again, however late, does
// no harm to those who have come back since.
func (r *Room) Hear(ctx context.Context, e event.Envelope) error {
	switch e.Type {
	case event.DelegateChanged{}.Type():
		var p event.DelegateChanged
		if err := e.Into(&p); err != nil {
			return unreadable(err)
		}
		if p.Status == event.Accredited && slices.Contains(p.Roles, caller.Secretariat) {
			return nil
		}
		return r.Forget(ctx, e.Conference, p.Delegate, e.Time)
	case event.DelegateErased{}.Type():
		var p event.DelegateErased
		if err := e.Into(&p); err != nil {
			return unreadable(err)
		}
		return r.Erase(ctx, e.Conference, p.Delegate)
	}
	return nil
}

func unreadable(err error) error {
	return problem.New(problem.Malformed, "unreadable_event", "The event cannot be read.").Because(err)
}
