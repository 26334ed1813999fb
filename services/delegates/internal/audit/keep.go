package audit

import (
	"context"
	"fmt"

	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// keeper has the acts on disk.
type keeper interface {
	// AddAct writes an act; one that is there already stays as it is.
	AddAct(ctx context.Context, a Act) error
	ForgetAct(ctx context.Context, id string) error
}

// A Keeper puts the acts into the store. It works through the events in the
// place of a durable consumer, so each is kept once whichever replica is up;
// the replicas' logs follow the same streams by themselves.
type Keeper struct {
	acts keeper
	log  *Log
	// caughtUp returns when the log has heard every event stored before the call.
	caughtUp func(context.Context) error
}

// NewKeeper makes a keeper; see Keeper for caughtUp.
func NewKeeper(k keeper, l *Log, caughtUp func(context.Context) error) *Keeper {
	return &Keeper{acts: k, log: l, caughtUp: caughtUp}
}

// Keep works one event through. It may be called again with the same one.
func (k *Keeper) Keep(ctx context.Context, e event.Envelope) error {
	if e.Type == erased {
		if err := k.forget(ctx, e.Conference, e.Subject); err != nil {
			return err
		}
	}
	a, ok := From(e)
	if !ok {
		return nil
	}
	if e.Type != erased {
		for _, who := range []string{a.Subject, a.Principal} {
			if _, gone := k.log.Forgotten(a.Conference, who); gone {
				return nil
			}
		}
	}
	if err := k.acts.AddAct(ctx, a); err != nil {
		return fmt.Errorf("keep act %s: %w", a.ID, err)
	}
	return nil
}

// forget removes what the log no longer shows. What another replica has kept of
// it is in our log too: it came through the same stream.
func (k *Keeper) forget(ctx context.Context, conference, delegate string) error {
	if err := k.caughtUp(ctx); err != nil {
		return fmt.Errorf("forget acts about %s: %w", delegate, err)
	}
	ids, heard := k.log.Forgotten(conference, delegate)
	if !heard {
		return problem.New(problem.Unavailable, "not_caught_up", "The audit has not heard of the erasure yet.")
	}
	for _, id := range ids {
		if err := k.acts.ForgetAct(ctx, id); err != nil {
			return fmt.Errorf("forget act %s: %w", id, err)
		}
	}
	return nil
}
