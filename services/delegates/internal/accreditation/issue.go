package accreditation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// writers is how many badges are written side by side: a store far away takes
// its time over each.
const writers = 8

// An Issue is one making of activation codes, kept until it is told.
type Issue struct {
	ID         string         `bson:"_id"`
	Conference string         `bson:"conference"`
	Pending    bool           `bson:"pending"`
	Owed       []delegate.Act `bson:"owed"`
}

// issues keeps badges and the issues that are not told.
type issues interface {
	badges
	// OfConference are all badges of a conference. It looks at every badge there is.
	OfConference(ctx context.Context, conference string) ([]Accreditation, error)
	// Issue writes the new code of a badge over the one before. A badge that is
	// not a's delegate's is ErrNotTheirs.
	Issue(ctx context.Context, a Accreditation) error
	// Reissue is Issue over the code of the issue before, unless that is used or
	// another has taken its place: ErrUsed.
	Reissue(ctx context.Context, a Accreditation, before string) error

	InsertIssue(ctx context.Context, i Issue) error
	// ToldIssue forgets an issue.
	ToldIssue(ctx context.Context, id string) error
	OwingIssues(ctx context.Context) ([]Issue, error)
}

// ErrNotTheirs is returned by a store when a number is somebody else's by now.
var ErrNotTheirs = errors.New("the number is somebody else's")

// directory is everybody who takes part; a delegate.Book is one.
type directory interface {
	people
	Delegation(ctx context.Context, conference, id string) (delegate.Delegation, error)
	DelegatesOf(conference string) []delegate.Delegate
	Members(conference, delegation string) []delegate.Delegate
}

// An Order says for whom codes are made: exactly one of the three.
type Order struct {
	Conference string
	Delegates  []string // by id
	Delegation string   // everybody in it
	Everybody  bool     // who has not used a code yet

	Life time.Duration // of the codes; 0 means CodeLife
	By   string        // Caller.Actor of who orders
}

// A Letter is what a person is to be sent. Code is shown here and nowhere else;
// it is empty for somebody without an accreditation number, who can sign in with
// nothing, so that they are missed before the letters are sent.
type Letter struct {
	Delegate    delegate.Delegate
	Designation string // of the delegation, in the person's language
	Code        string
	Expires     time.Time
}

// An Office makes activation codes.
type Office struct{ OfficeConfig }

// OfficeConfig is what an Office is made of.
type OfficeConfig struct {
	Store  issues
	People directory
	Codes  Codes
	Herald interface {
		Publish(ctx context.Context, e event.Envelope) error
	}
	// Owe is given what an issue still has to tell; it must call tell until it
	// succeeds.
	Owe func(name string, tell func(context.Context) error)
	Now func() time.Time // the wall clock
}

// NewOffice opens the office.
func NewOffice(c OfficeConfig) *Office { return &Office{c} }

// Issue makes a code for everybody the order names who is accredited. The code
// that a person had before is good no more, also when they never used it. When
// Issue fails some have new codes that nobody knows: order again.
func (o *Office) Issue(ctx context.Context, order Order) ([]Letter, error) {
	whom, err := o.whom(ctx, order)
	if err != nil {
		return nil, err
	}
	if order.Life == 0 {
		order.Life = CodeLife
	}
	id, now := delegate.NewID(), o.Now()
	letters := make([]Letter, len(whom))
	codes := 0
	for i, d := range whom {
		letters[i] = Letter{Delegate: d}
		if g, err := o.People.Delegation(ctx, order.Conference, d.Delegation); err == nil {
			letters[i].Designation = g.DesignationIn(d.Languages)
		}
		if d.Accreditation != "" {
			letters[i].Code, letters[i].Expires = NewCode(), now.Add(order.Life).UTC().Truncate(time.Second)
			codes++
		}
	}
	slices.SortFunc(letters, func(a, b Letter) int {
		return cmp.Or(cmp.Compare(a.Designation, b.Designation), cmp.Compare(a.Delegate.Accreditation, b.Delegate.Accreditation), cmp.Compare(a.Delegate.ID, b.Delegate.ID))
	})
	if codes == 0 {
		return letters, nil
	}
	if err := o.announce(ctx, id, order, codes, now); err != nil {
		return nil, err
	}
	return letters, o.write(ctx, id, letters)
}

// announce writes that codes are being made, before any is.
func (o *Office) announce(ctx context.Context, id string, order Order, codes int, now time.Time) error {
	act, err := delegate.NewAct(id, 1, order.By, "", now, event.CodesIssued{Issue: id, Codes: codes})
	if err != nil {
		return err
	}
	i := Issue{ID: id, Conference: order.Conference, Pending: true, Owed: []delegate.Act{act}}
	if err := o.Store.InsertIssue(ctx, i); err != nil {
		return fmt.Errorf("issue codes: %w", err)
	}
	o.tell(i)
	return nil
}

// write puts the codes on the badges. Somebody whose number has gone to another
// meanwhile gets none.
func (o *Office) write(ctx context.Context, issue string, letters []Letter) error {
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(writers)
	for i := range letters {
		l := &letters[i]
		if l.Code == "" {
			continue
		}
		all.Go(func() error {
			id := ID(l.Delegate.Conference, l.Delegate.Accreditation)
			err := o.Store.Issue(ctx, Accreditation{
				ID: id, Conference: l.Delegate.Conference, Delegate: l.Delegate.ID, Code: o.Codes.Hash(id, l.Code), Issue: issue, ExpiresAt: l.Expires,
			})
			if errors.Is(err, ErrNotTheirs) {
				l.Code, l.Expires, err = "", time.Time{}, nil
			}
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return fmt.Errorf("issue codes: %w", err)
	}
	return nil
}

// whom are the accredited people an order names.
func (o *Office) whom(ctx context.Context, order Order) ([]delegate.Delegate, error) {
	named := 0
	for _, is := range []bool{len(order.Delegates) > 0, order.Delegation != "", order.Everybody} {
		if is {
			named++
		}
	}
	switch {
	case named != 1:
		return nil, problem.New(problem.Invalid, "choose_one", "Choose people by delegates, by delegation or by everybody.")
	case order.Delegation != "":
		if _, err := o.People.Delegation(ctx, order.Conference, order.Delegation); problem.Is(err, problem.NotFound) {
			return nil, problem.New(problem.Invalid, "delegation_unknown", "There is no such delegation.").
				With(problem.Field{Pointer: "/delegation", Code: "delegation_unknown", Detail: "There is no such delegation."})
		} else if err != nil {
			return nil, fmt.Errorf("issue codes: %w", err)
		}
		return slices.DeleteFunc(o.People.Members(order.Conference, order.Delegation), func(d delegate.Delegate) bool { return !d.Accredited() }), nil
	case order.Everybody:
		return o.strangers(ctx, order.Conference)
	}
	return o.named(ctx, order)
}

func (o *Office) named(ctx context.Context, order Order) ([]delegate.Delegate, error) {
	whom := make([]delegate.Delegate, 0, len(order.Delegates))
	unknown := problem.New(problem.Invalid, "delegate_unknown", "Somebody in the list is not accredited here.")
	for i, id := range order.Delegates {
		d, err := o.People.Accredited(ctx, order.Conference, id)
		switch {
		case problem.Is(err, problem.NotFound):
			unknown = unknown.With(problem.Field{
				Pointer: "/delegates/" + strconv.Itoa(i), Code: "delegate_unknown", Detail: "Nobody of this id is accredited here.",
			})
		case err != nil:
			return nil, fmt.Errorf("issue codes: %w", err)
		}
		whom = append(whom, d)
	}
	if len(unknown.Fields) > 0 {
		return nil, unknown
	}
	return whom, nil
}

// strangers are the people of a conference who have never used a code.
func (o *Office) strangers(ctx context.Context, conference string) ([]delegate.Delegate, error) {
	badges, err := o.Store.OfConference(ctx, conference)
	if err != nil {
		return nil, fmt.Errorf("issue codes: %w", err)
	}
	used := make(map[string]bool)
	for _, a := range badges {
		if !a.UsedAt.IsZero() {
			used[a.Delegate] = true
		}
	}
	return slices.DeleteFunc(o.People.DelegatesOf(conference), func(d delegate.Delegate) bool { return !d.Accredited() || used[d.ID] }), nil
}

// Resume tells what a replica that is no more has written and not told.
func (o *Office) Resume(ctx context.Context) error {
	owing, err := o.Store.OwingIssues(ctx)
	if err != nil {
		return fmt.Errorf("find what issues of codes owe: %w", err)
	}
	for _, i := range owing {
		o.tell(i)
	}
	return nil
}

func (o *Office) tell(i Issue) {
	o.Owe("issue "+i.ID, func(ctx context.Context) error {
		for _, a := range i.Owed {
			if err := o.Herald.Publish(ctx, a.Envelope(i.Conference)); err != nil {
				return err
			}
		}
		return o.Store.ToldIssue(ctx, i.ID)
	})
}
