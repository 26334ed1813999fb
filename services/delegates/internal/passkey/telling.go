package passkey

import (
	"context"
	"fmt"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/event"
)

// Telling is how others, and the audit, hear that a person enrolled a passkey or
// took one away.
type Telling struct {
	Herald interface {
		Publish(ctx context.Context, e event.Envelope) error
	}
	// Owe is given what a set still has to tell; it must call tell until it
	// succeeds.
	Owe func(name string, tell func(context.Context) error)
}

// owe has s tell at its next revision what its person did to one of the passkeys.
func (s *Set) owe(now time.Time, passkey string, removed bool) error {
	fact := event.PasskeyChanged{Delegate: s.Delegate, Passkey: passkey, Removed: removed}
	act, err := delegate.NewAct(s.Delegate, s.Revision+1, s.Delegate, "", now, fact)
	if err != nil {
		return fmt.Errorf("change passkeys: %w", err)
	}
	s.Pending, s.Owed = true, append(s.Owed, act)
	return nil
}

// told tells what s owes, if anything. Of a set that has been written since, the
// newer one tells the same under the same ids.
func (r *Room) told(s Set) {
	if !s.Pending {
		return
	}
	r.tell.Owe("passkeys "+s.Delegate, func(ctx context.Context) error {
		for _, a := range s.Owed {
			if err := r.tell.Herald.Publish(ctx, a.Envelope(s.Conference)); err != nil {
				return err
			}
		}
		return r.store.Told(ctx, s)
	})
}

// Resume tells what a replica that is no more has written and not told.
func (r *Room) Resume(ctx context.Context) error {
	owing, err := r.store.Owing(ctx)
	if err != nil {
		return fmt.Errorf("find what passkeys owe: %w", err)
	}
	for _, s := range owing {
		r.told(s)
	}
	return nil
}
