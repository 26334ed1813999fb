package delegates

import (
	"context"
	"errors"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/services/delegates/internal/rest"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
)

// lookEvery is how often we look for what a replica that is gone has not told.
const lookEvery = 2 * time.Second

// startPeople reads everybody into memory and follows the siblings.
func (s *Service) startPeople(ctx context.Context, r *running) error {
	keeper := delegate.Keeper{
		Delegates: mongostore.NewDelegates(r.open), Delegations: mongostore.NewDelegations(r.open), Numbers: mongostore.NewNumbers(r.open),
	}
	r.book = delegate.NewBook(keeper, herald{r.bus}, lane(r.relay), s.cfg.Now)
	r.book.OweFirst(lane(r.rights))
	if err := r.book.Load(ctx); err != nil {
		return err
	}
	watch, err := r.bus.WatchState(ctx, func(ctx context.Context, m bus.Seen) error {
		if m.Subject == event.SigningKeysState {
			s.hearKeys(r, m)
			return nil
		}
		return r.book.Hear(ctx, m.Subject, m.Revision, m.Data)
	})
	if err != nil {
		return err
	}
	s.stack.Until("hints", watch.Stop)
	r.rooms.People = rest.People{Book: r.book, Office: delegate.NewOffice(r.book), Commands: r.commands, Facts: r.book.Conferences}
	return nil
}

// beginPeople tells what is owed. It comes when everybody is there who has to do
// something about it first.
func (s *Service) beginPeople(_ context.Context, r *running) error {
	r.book.Begin()
	s.regularly("look for what is untold", lookEvery, lookEvery, r.book.Look)
	return nil
}

// herald is the bus as the book speaks to it.
type herald struct{ *bus.Bus }

// PutStates puts many states at once.
func (h herald) PutStates(ctx context.Context, states []delegate.StateMessage) error {
	all := make([]bus.State, len(states))
	for i, m := range states {
		all[i] = bus.State(m)
	}
	return h.Bus.PutStates(ctx, all)
}

// Publish hands the event to the bus. One the bus refuses for good goes to the
// dead letters, so that it does not hold up everything behind it.
func (h herald) Publish(ctx context.Context, e event.Envelope) error {
	err := h.Bus.Publish(ctx, e)
	if errors.Is(err, bus.ErrRefused) {
		return h.DeadLetter(ctx, "delegates-outbox", e.ID, err.Error(), e.Data)
	}
	return err
}
