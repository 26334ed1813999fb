package delegate

import (
	"context"
	"slices"
	"strings"

	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// An Office keeps the records in order: what it takes into the book keeps the
// rules. Who may come to it is decided before.
type Office struct{ book *Book }

// NewOffice opens the office of a book.
func NewOffice(b *Book) *Office { return &Office{b} }

var (
	errExternalTaken = problem.New(problem.Conflict, "external_id_taken", "There is a record with this external id.").
				With(problem.Field{Pointer: "/externalId", Code: "taken", Detail: "There is a record with this external id."})
	errErased   = problem.New(problem.Conflict, "delegate_erased", "This person has been forgotten; nobody can be made of the record any more.")
	errLast     = problem.New(problem.Conflict, "last_secretariat", "Nobody of the secretariat would be left.")
	errNotEmpty = problem.New(problem.Conflict, "delegation_not_empty", "The delegation still has accredited people.")
	errForKeys  = problem.New(problem.Forbidden, "not_for_keys", "An API key cannot touch people of the secretariat or the desk.")
)

// NewDelegateID is the id a new person gets; see IDFor.
func NewDelegateID(conference, externalID string) string {
	return newID(conference, KindDelegate, externalID)
}

// NewDelegationID is the id a new delegation gets.
func NewDelegationID(conference, externalID string) string {
	return newID(conference, KindDelegation, externalID)
}

// CreateDelegate accredits somebody, at the id given. Without an accreditation
// number they get the next one.
func (o *Office) CreateDelegate(ctx context.Context, by caller.Caller, d Delegate) (Delegate, error) {
	d, faults := d.Canonical()
	faults = append(faults, o.delegationFault(ctx, d)...)
	if err := refused(faults); err != nil {
		return Delegate{}, err
	}
	if by.Key != "" && powerful(d) {
		return Delegate{}, errForKeys
	}
	if d.ExternalID != "" && o.book.ByExternal(d.Conference, KindDelegate, d.ExternalID) != "" {
		return Delegate{}, errExternalTaken
	}
	d.Status = event.Accredited
	numbered := d.Accreditation != ""
	for tries := 0; ; tries++ {
		if !numbered {
			d.Accreditation = o.book.nextNumber(d.Conference, tries)
		}
		made, err := o.book.AddDelegate(ctx, d, by.Actor())
		if p := problem.From(err); p != nil && p.Code == errNumberTaken.Code && !numbered && tries < 100 {
			continue // somebody else got it
		}
		if p := problem.From(err); p != nil && p.Code == errThere.Code && d.ExternalID != "" {
			return Delegate{}, errExternalTaken
		}
		return made, err
	}
}

// EditDelegate makes of a person what edit makes of them. Of what the record is
// found to break only what edit has broken counts: it may be older than a rule.
func (o *Office) EditDelegate(ctx context.Context, by caller.Caller, conference, id string, revision int64, edit func(*Delegate)) (Delegate, error) {
	return o.book.ChangeDelegate(ctx, conference, id, revision, by.Actor(), "", func(was Delegate) (Delegate, error) {
		if was.Status == event.Erased {
			return was, errErased
		}
		now := was
		edit(&now)
		if now.Status != was.Status && now.Accredited() {
			now.Deputy = "" // whoever took the seat keeps it; there are two now
		}
		now, faults := now.Canonical()
		_, before := was.Canonical()
		faults = slices.DeleteFunc(faults, func(f problem.Field) bool {
			return slices.ContainsFunc(before, func(b problem.Field) bool { return b.Pointer == f.Pointer && b.Code == f.Code })
		})
		if now.Accredited() && (!was.Accredited() || now.Delegation != was.Delegation) {
			faults = append(faults, o.delegationFault(ctx, now)...)
		}
		if err := refused(faults); err != nil {
			return was, err
		}
		if by.Key != "" && (powerful(was) || powerful(now)) {
			return was, errForKeys
		}
		return now, o.keepsSecretariat(was, now)
	})
}

// RemoveDelegate takes somebody out of the conference; the record stays.
// Removing who is removed changes nothing.
func (o *Office) RemoveDelegate(ctx context.Context, by caller.Caller, conference, id string, revision int64) error {
	_, err := o.EditDelegate(ctx, by, conference, id, revision, func(d *Delegate) {
		if d.Accredited() {
			d.Status = event.Removed
		}
	})
	return err
}

// powerful people are made by people.
func powerful(d Delegate) bool { return d.Is(caller.Secretariat) || d.Is(caller.Desk) }

func (o *Office) delegationFault(ctx context.Context, d Delegate) []problem.Field {
	g, err := o.book.Delegation(ctx, d.Conference, d.Delegation)
	if err == nil && g.Accredited() {
		return nil
	}
	return []problem.Field{*fault("/delegation", "delegation_unknown", "There is no such delegation that takes part.")}
}

// keepsSecretariat refuses what would leave a conference without a secretariat:
// nobody could undo it.
func (o *Office) keepsSecretariat(was, now Delegate) error {
	if !was.Accredited() || !was.Is(caller.Secretariat) || now.Accredited() && now.Is(caller.Secretariat) {
		return nil
	}
	if o.book.any(was.Conference, func(d *Delegate) bool { return d.ID != was.ID && d.Accredited() && d.Is(caller.Secretariat) }) {
		return nil
	}
	return errLast
}

// ChooseForSelf changes what people decide about themselves: edit may touch
// languages, consent and telephone number.
func (o *Office) ChooseForSelf(ctx context.Context, who caller.Caller, revision int64, edit func(*Delegate)) (Delegate, error) {
	return o.book.ChangeDelegate(ctx, who.Conference, who.Delegate, revision, who.Actor(), "", func(was Delegate) (Delegate, error) {
		if !was.Accredited() {
			return was, problem.Hidden()
		}
		asked := was
		edit(&asked)
		now := was
		now.Languages, now.Consent, now.Telephone = asked.Languages, asked.Consent, asked.Telephone
		checked, faults := now.Canonical()
		faults = slices.DeleteFunc(faults, func(f problem.Field) bool {
			return f.Pointer != "/telephone" && !strings.HasPrefix(f.Pointer, "/languages")
		})
		now.Languages, now.Telephone = checked.Languages, checked.Telephone
		return now, refused(faults)
	})
}
