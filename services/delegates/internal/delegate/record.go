package delegate

import (
	"context"
	"errors"
	"time"

	"plenary.example/shared/event"
)

// Errors of whoever keeps the records.
var (
	ErrStale  = errors.New("the record is at another revision")
	ErrExists = errors.New("there is a record of that id")
)

// Records keeps one sort of record. Its errors for what is not there are
// problems of kind NotFound.
type Records[T any] interface {
	All(ctx context.Context) ([]T, error)
	Get(ctx context.Context, id string) (T, error)
	// Insert fails with ErrExists when the id is taken.
	Insert(ctx context.Context, doc T) error
	// InsertAll passes over those whose id is taken, and then fails with ErrExists.
	InsertAll(ctx context.Context, docs []T) error
	// Replace writes doc over the record with that id and revision, of which of
	// any number one succeeds; the others get ErrStale.
	Replace(ctx context.Context, id string, revision int64, doc T) error
	// Settle takes told acts off the record; ErrStale when it has moved on.
	Settle(ctx context.Context, id string, revision int64, told []Act) error
}

// Numbers keeps the accreditation numbers of conferences: a number is one
// delegate's or nobody's.
type Numbers interface {
	// Claim makes a number the delegate's. When it is another's, it fails with
	// ErrExists and says whose, and since when.
	Claim(ctx context.Context, conference, number, delegate string, at time.Time) (holder string, since time.Time, err error)
	// ClaimAll claims many, and says which it could not, by delegate.
	ClaimAll(ctx context.Context, conference string, numbers map[string]string, at time.Time) (taken []string, err error)
	// Take is Claim of a number that from holds without right; ErrStale when it
	// has changed hands meanwhile.
	Take(ctx context.Context, conference, number, from, delegate string, at time.Time) error
	// Release gives a number up. One that is somebody else's stays theirs.
	Release(ctx context.Context, conference, number, delegate string) error
}

// record is what the Book needs to know of a Delegate or a Delegation.
type record[T any] interface {
	key() key
	// grown is the record as this build reads it.
	grown() T
	// revised is the record at a revision that owes acts, or none.
	revised(revision int64, owed []Act) T
	differing(T) []string
	// after is the record as it follows was: what never changes is as before.
	after(was T) T
	// news is the event that tells of changed fields.
	news(fields []string) event.Payload
	// standing is the state message.
	standing() (subject string, state any)
}

// key is what all records have.
type key struct {
	id, conference string
	revision       int64
	pending        bool
	owed           []Act
}

func (d Delegate) key() key { return key{d.ID, d.Conference, d.Revision, d.Pending, d.Owed} }

func (d Delegate) revised(revision int64, owed []Act) Delegate {
	d.Revision, d.Owed, d.Pending = revision, owed, len(owed) > 0
	return d
}

// after counts the rights: they change with roles, delegation and status.
// Whoever is erased has no external id any more, and stays erased.
func (d Delegate) after(was Delegate) Delegate {
	if was.Status == event.Erased {
		return was
	}
	d.ID, d.Conference, d.Rights = was.ID, was.Conference, was.Rights
	if was.ExternalID != "" && d.Status != event.Erased {
		d.ExternalID = was.ExternalID
	}
	d.ErasureAskedAt = d.ErasureAskedAt.UTC().Truncate(time.Millisecond)
	if d.Delegation != was.Delegation || d.Status != was.Status || !sameSet(d.Roles, was.Roles) {
		d.Rights++
	}
	return d
}

func (d Delegate) news(fields []string) event.Payload {
	return event.DelegateChanged{
		Delegate: d.ID, Delegation: d.Delegation, Fields: fields, Status: d.Status,
		Roles: append([]string{}, d.Roles...), Rights: d.Rights,
	}
}

func (d Delegate) standing() (string, any) {
	return event.DelegateStateSubject(d.Conference, d.ID), d.state()
}

func (d Delegation) key() key { return key{d.ID, d.Conference, d.Revision, d.Pending, d.Owed} }

func (d Delegation) revised(revision int64, owed []Act) Delegation {
	d.Revision, d.Owed, d.Pending = revision, owed, len(owed) > 0
	return d
}

func (d Delegation) after(was Delegation) Delegation {
	d.ID, d.Conference = was.ID, was.Conference
	if was.ExternalID != "" {
		d.ExternalID = was.ExternalID
	}
	return d
}

func (d Delegation) news(fields []string) event.Payload {
	return event.DelegationChanged{Delegation: d.ID, Fields: fields, Status: d.Status}
}

func (d Delegation) standing() (string, any) {
	return event.DelegationStateSubject(d.Conference, d.ID), d.state()
}

func sameSet(a, b []string) bool {
	in := make(map[string]bool, len(a))
	for _, x := range a {
		in[x] = true
	}
	seen := make(map[string]bool, len(b))
	for _, x := range b {
		if !in[x] {
			return false
		}
		seen[x] = true
	}
	return len(seen) == len(in)
}
