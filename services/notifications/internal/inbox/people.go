package inbox

import (
	"context"
	"encoding/json"
	"time"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// SignInEnded is the category of the notice that a sign-in of the reader was
// ended because it was used twice.
const SignInEnded = "sign_in.ended"

// signInNews is how long a phone that is out of reach should still buzz for it.
const signInNews = 7 * 24 * time.Hour

// HandlePeople works an event about people through; it is what the bus calls.
// The phones of a sign-in that ended, and of whoever may be told nothing any
// more, are removed; of somebody erased nothing stays but the id. Repeating it
// does nothing.
func (p *Planner) HandlePeople(ctx context.Context, e event.Envelope) error {
	switch e.Type {
	case event.SignInEnded{}.Type():
		return with(e, func(s event.SignInEnded) error { return p.signInEnded(ctx, e, s) })
	case event.DelegateChanged{}.Type():
		return with(e, func(d event.DelegateChanged) error {
			if d.Status == event.Accredited {
				return nil
			}
			return p.left(ctx, e.Conference, d.Delegate)
		})
	case event.DelegateSubstituted{}.Type():
		return with(e, func(s event.DelegateSubstituted) error { return p.left(ctx, e.Conference, s.Delegate) })
	case event.DelegateErased{}.Type():
		return with(e, func(d event.DelegateErased) error {
			if err := p.Devices.Clear(ctx, d.Delegate); err != nil {
				return err
			}
			if p.Forget != nil {
				if err := p.Forget(ctx, e.Conference, d.Delegate); err != nil {
					return err
				}
			}
			return p.Ledger.Erase(ctx, e.Conference, d.Delegate)
		})
	}
	return nil // they may tell of more than we know yet
}

// with reads the payload of e and calls f.
func with[P any](e event.Envelope, f func(P) error) error {
	var payload P
	if err := json.Unmarshal(e.Data, &payload); err != nil {
		return problem.New(problem.Malformed, "bad_payload", "event %s: %v", e.ID, err)
	}
	return f(payload)
}

// left removes the phones of somebody who may be told nothing. Somebody who has
// come back since keeps theirs: they signed in anew.
func (p *Planner) left(ctx context.Context, conference, delegate string) error {
	if err := p.Sync(ctx); err != nil {
		return err
	}
	if d, known := p.Roster.Of(conference, delegate); known && d.Status == event.Accredited {
		return nil
	}
	return p.Devices.Clear(ctx, delegate)
}

// signInEnded removes the phones of the sign-in. When somebody else may have had
// a copy of it, its owner is told, on the phones that are left.
func (p *Planner) signInEnded(ctx context.Context, e event.Envelope, s event.SignInEnded) error {
	p.Devices.Silence(s.SignIn)
	if err := p.Devices.End(ctx, e.Conference, s.Delegate, s.SignIn, e.Time); err != nil {
		return err
	}
	if s.Reason != event.EndedReuse {
		return nil
	}
	if err := p.Sync(ctx); err != nil {
		return err
	}
	if !p.Roster.May(e.Conference, s.Delegate) {
		return nil
	}
	about := push.Subject{Kind: push.SignIn, ID: s.SignIn}
	return p.file(ctx, push.Notice{
		Key: push.Key(e.Conference, about, 0, 1), Conference: e.Conference, Subject: about, To: 1,
		Urgency: push.Important, Category: SignInEnded, ExpiresAt: e.Time.Add(signInNews).UTC(),
	}, []string{s.Delegate})
}

// present are those of who may be told, in the same order.
func (p *Planner) present(conference string, who []string) []string {
	there := who[:0:0]
	for _, delegate := range who {
		if p.Roster.May(conference, delegate) {
			there = append(there, delegate)
		}
	}
	return there
}
