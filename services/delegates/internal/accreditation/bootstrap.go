package accreditation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/caller"
	"plenary.example/shared/problem"
)

// BootstrapNumber is the accreditation number of the first secretariat person.
const BootstrapNumber = "BOOTSTRAP"

// book is where people are written; a delegate.Book is one.
type book interface {
	DelegatesOf(conference string) []delegate.Delegate
	DelegationsOf(conference string) []delegate.Delegation
	AddDelegate(ctx context.Context, d delegate.Delegate, by string) (delegate.Delegate, error)
	AddDelegation(ctx context.Context, g delegate.Delegation, by string) (delegate.Delegation, error)
}

// Bootstrap opens a conference that nobody can run yet: it makes a person with
// the role secretariat and a single-use code, and returns the code when it has
// just made one up, which happens once and on one replica. The code that is
// given, unless empty, is used instead; nobody is told of it.
//
// It does nothing when somebody else is the secretariat, and when the code was
// used; a code that was not used in time is made anew.
func (o *Office) Bootstrap(ctx context.Context, b book, conference, given string) (code string, err error) {
	if given != "" && len(plain(given)) < codeLength {
		return "", fmt.Errorf("the bootstrap code is shorter than %d characters", codeLength)
	}
	id := delegate.IDFor(conference, delegate.KindDelegate, "\x00"+BootstrapNumber) // of no external system
	for _, d := range b.DelegatesOf(conference) {
		if d.Accredited() && d.Is(caller.Secretariat) && d.ID != id || d.ID == id && !d.Accredited() {
			return "", nil
		}
	}
	if err := o.appoint(ctx, b, conference, id); err != nil {
		return "", fmt.Errorf("bootstrap: %w", err)
	}
	a, err := o.Store.Accreditation(ctx, ID(conference, BootstrapNumber))
	if err != nil {
		return "", fmt.Errorf("bootstrap: %w", err)
	}
	if a.Delegate != id {
		return "", fmt.Errorf("bootstrap: somebody else has the accreditation number %s", BootstrapNumber)
	}
	_, same := o.Codes.opens(a, a.ID, given)
	switch now := o.Now(); {
	case !a.UsedAt.IsZero(), a.usable(now) && (same || given == "" && len(a.Code) > 0):
		return "", nil
	case given == "":
		code = NewCode()
	}
	next := a
	next.Code, next.Issue, next.ExpiresAt = o.Codes.Hash(a.ID, given+code), delegate.NewID(), o.Now().Add(CodeLife).UTC().Truncate(time.Second)
	err = o.Store.Reissue(ctx, next, a.Issue)
	if errors.Is(err, ErrUsed) { // another replica was faster, and says so
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("bootstrap: %w", err)
	}
	return code, nil
}

// appoint makes the person, in the delegation of the host, unless they are there.
func (o *Office) appoint(ctx context.Context, b book, conference, id string) error {
	for _, d := range b.DelegatesOf(conference) {
		if d.ID == id {
			return nil
		}
	}
	delegation := ""
	for _, g := range b.DelegationsOf(conference) {
		if g.Accredited() && g.Kind == delegate.Host {
			delegation = g.ID
		}
	}
	if delegation == "" {
		delegation = delegate.IDFor(conference, delegate.KindDelegation, "\x00"+BootstrapNumber)
		_, err := b.AddDelegation(ctx, delegate.Delegation{
			ID: delegation, Conference: conference, Kind: delegate.Host, Designation: map[string]string{"en": "Secretariat"},
		}, "")
		if err != nil && !problem.Is(err, problem.Conflict) {
			return err
		}
	}
	_, err := b.AddDelegate(ctx, delegate.Delegate{
		ID: id, Conference: conference, Delegation: delegation, Accreditation: BootstrapNumber, Name: "Secretariat",
		Roles: []string{caller.Delegate, caller.Secretariat}, Languages: []string{"en"},
	}, "")
	if problem.Is(err, problem.Conflict) { // another replica was faster
		return nil
	}
	return err
}
