package accreditation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/problem"
)

// badges keeps the accreditations.
type badges interface {
	// Accreditation is the zero one when there is none of that id.
	Accreditation(ctx context.Context, id string) (Accreditation, error)
	// Use marks the code of an issue as used up by a sign-in. Of any number of
	// uses one succeeds; the others get ErrUsed, and so does every use of a code
	// in whose place another was issued.
	Use(ctx context.Context, id, issue, signIn string, at time.Time) error
	// Unuse takes back a use of which came no sign-in.
	Unuse(ctx context.Context, id, signIn string) error
}

// ErrUsed is returned by a store when a code has been used up already.
var ErrUsed = errors.New("the activation code has been used")

// signIns begins a sign-in under a new id.
type signIns interface {
	Begin(ctx context.Context, id string, who token.Who) (token.Pair, error)
}

// people finds who holds a number; NotFound for somebody who is not accredited.
type people interface {
	Accredited(ctx context.Context, conference, id string) (delegate.Delegate, error)
}

// A Desk takes accreditations and codes and hands out sign-ins.
type Desk struct {
	badges  badges
	people  people
	guard   *Guard
	signIns signIns
	codes   Codes
	sandbox bool
	now     func() time.Time
	count   func(outcome string)
}

// DeskConfig is what a Desk is made of.
type DeskConfig struct {
	Badges  badges
	Guard   *Guard
	People  people
	SignIns signIns
	Codes   Codes
	Sandbox bool                 // take sample codes too
	Now     func() time.Time     // the wall clock
	Count   func(outcome string) // of attempts; nil = nobody counts
}

// Outcomes of an attempt to sign in.
const (
	SignedIn = "signed_in"
	Refused  = "refused"
	TooEarly = "too_many"
	Failed   = "failed" // ours
)

// NewDesk opens the desk.
func NewDesk(c DeskConfig) *Desk {
	if c.Count == nil {
		c.Count = func(string) {}
	}
	return &Desk{
		badges: c.Badges, people: c.People, guard: c.Guard, signIns: c.SignIns,
		codes: c.Codes, sandbox: c.Sandbox, now: c.Now, count: c.Count,
	}
}

// errRefused answers every attempt that fails, in the same words: whether the
// number exists is nobody's business.
var errRefused = problem.New(problem.Unauthenticated, "sign_in_refused", "The accreditation or the activation code is not right.")

// patience is how long something may take that a request no longer waits for.
const patience = 5 * time.Second

var errTooMany = problem.New(problem.TooMany, "too_many_attempts", "There were too many wrong attempts. Wait before the next.")

// A Ticket says that somebody showed the right code, which is not used up yet.
// It may be kept for as long as a second step takes; whoever has it can complete
// the sign-in, so it never leaves the service.
type Ticket struct {
	Accreditation string `bson:"accreditation"` // the key of the badge
	Conference    string `bson:"conference"`
	Delegate      string `bson:"delegate"`
	Issue         string `bson:"issue"` // of the code; see Accreditation
	Sample        bool   `bson:"sample"`
	Address       string `bson:"address"` // where failures from its address are counted
	Guessed       bool   `bson:"guessed"` // somebody showed wrong ones before
	Device        string `bson:"device"`  // whoever takes the ticket may set it; see token.Who
}

// Check looks whether code opens number, without using it up. An unknown number,
// a wrong, used or expired code and somebody who is no longer accredited get the
// same answer after the same work, also when it is too early for another attempt.
func (d *Desk) Check(ctx context.Context, conference, number, code, address string) (Ticket, error) {
	t, err := d.check(ctx, conference, number, code, address)
	if err != nil {
		d.count(outcome(err))
	}
	return t, err
}

func (d *Desk) check(ctx context.Context, conference, number, code, address string) (Ticket, error) {
	now, id, from := d.now(), ID(conference, number), d.guard.addressID(address)
	before, err := d.guard.before(ctx, id, from)
	if err != nil {
		return Ticket{}, fmt.Errorf("sign in: %w", err)
	}
	if wait := before.wait(now); wait > 0 {
		return Ticket{}, errTooMany.After(wait)
	}
	a, err := d.badges.Accreditation(ctx, id)
	if err != nil {
		return Ticket{}, fmt.Errorf("sign in: %w", err)
	}
	t := Ticket{Accreditation: id, Conference: conference, Delegate: a.Delegate, Address: from, Guessed: before.number.Failed > 0}
	sample, single := d.codes.opens(a, id, code)
	switch {
	case single && a.usable(now):
		t.Issue = a.Issue
	case sample && d.sandbox:
		t.Sample = true
	default:
		return Ticket{}, d.refuse(ctx, before, t)
	}
	switch p, err := d.people.Accredited(ctx, conference, a.Delegate); {
	case problem.Is(err, problem.NotFound), err == nil && ID(conference, p.Accreditation) != id: // or has another number by now
		return Ticket{}, d.refuse(ctx, before, t)
	case err != nil:
		return Ticket{}, fmt.Errorf("sign in: %w", err)
	}
	return t, nil
}

// Complete uses the code of t up and begins the sign-in. It is refused like a
// wrong code when somebody else was faster, when the secretariat has issued
// another code since, and when the person is no longer accredited.
func (d *Desk) Complete(ctx context.Context, t Ticket) (token.Pair, error) {
	pair, err := d.complete(ctx, t)
	d.count(outcome(err))
	return pair, err
}

// The code is used up first, so that of many who show it only one writes more.
func (d *Desk) complete(ctx context.Context, t Ticket) (token.Pair, error) {
	id := token.NewID()
	if !t.Sample {
		err := d.badges.Use(ctx, t.Accreditation, t.Issue, id, d.now())
		if errors.Is(err, ErrUsed) { // the right code, a moment too late: that is no guess to count
			return token.Pair{}, errRefused
		}
		if err != nil {
			d.takeBack(ctx, t, id)
			return token.Pair{}, fmt.Errorf("sign in: %w", err)
		}
	}
	pair, err := d.signIns.Begin(ctx, id, token.Who{Conference: t.Conference, Delegate: t.Delegate, Device: t.Device})
	if err != nil {
		d.takeBack(ctx, t, id)
	}
	switch {
	case problem.Is(err, problem.NotFound):
		return token.Pair{}, errRefused
	case err != nil:
		return token.Pair{}, fmt.Errorf("sign in: %w", err)
	}
	if t.Guessed {
		d.guard.forgive(ctx, t.Accreditation)
	}
	return pair, nil
}

// takeBack makes a code good again of which came no sign-in. If that fails too,
// the secretariat has to issue another.
func (d *Desk) takeBack(ctx context.Context, t Ticket, id string) {
	if t.Sample {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	_ = d.badges.Unuse(ctx, t.Accreditation, id)
}

func (d *Desk) refuse(ctx context.Context, before tried, t Ticket) error {
	if err := d.guard.count(ctx, before, t.Accreditation, t.Address); err != nil {
		return err
	}
	return errRefused
}

func outcome(err error) string {
	switch {
	case err == nil:
		return SignedIn
	case errors.Is(err, errRefused):
		return Refused
	case problem.Is(err, problem.TooMany):
		return TooEarly
	}
	return Failed
}
