// Package seat hands the seat of a person to a deputy of the same delegation,
// from a moment on.
//
// A substitution touches several records: the person's, the delegation's when
// the person was its head, the sign-ins. No store of ours changes two documents
// at once, so the substitution is itself a document that says how far it is. It
// is opened by one guarded write, and whichever replica finds it open takes the
// remaining steps, each of which does nothing when it was taken before: a crash
// between two of them costs seconds, and two replicas at once do no harm.
//
// What goes over to the deputy is the seat: the head's place, and what the
// other services keep with a seat, such as the sessions picked. Roles and
// rights do not. They were given to a person whom the secretariat knows, not to
// a chair; a liaison who could hand them on would be appointing liaisons and,
// with the seat of the right person, secretariat members.
package seat

import (
	"time"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/shared/event"
)

// States of a substitution.
const (
	Planned   = "planned"   // its moment is to come; it can be withdrawn
	Open      = "open"      // under way; there is no way back
	Done      = "done"      // the deputy has the seat
	Withdrawn = "withdrawn" // by somebody, or by itself for a Reason
)

// Reasons why a substitution withdrew by itself. The set may grow.
const (
	DelegateGone = "delegate_gone" // removed, erased, or in another delegation by then
	DeputyGone   = "deputy_gone"
	LastOffice   = "last_secretariat" // nobody would be left to run the conference
)

// A Substitution is one person's seat going to another. It holds ids only.
type Substitution struct {
	// Key names the person and which of their substitutions this is. Inserting
	// it is the right to hand over the seat: of two, one fails.
	Key        string `bson:"_id"`
	ID         string `bson:"id"`
	Conference string `bson:"conference"`
	Delegation string `bson:"delegation"`
	Delegate   string `bson:"delegate"` // who leaves the seat
	Deputy     string `bson:"deputy"`
	// From is an instant on the conference clock.
	From  time.Time `bson:"from"`
	State string    `bson:"state"`
	// Actor is who ordered it, At when by the wall clock.
	Actor string    `bson:"actor"`
	At    time.Time `bson:"at"`
	// WithdrawnBy is who withdrew it; empty when it withdrew by itself, for Reason.
	WithdrawnBy string `bson:"withdrawnBy"`
	Reason      string `bson:"reason"`
}

// over says that nothing will happen to s any more.
func (s Substitution) over() bool { return s.State == Done || s.State == Withdrawn }

// news is what is told when the deputy has the seat.
func (s Substitution) news() event.DelegateSubstituted {
	return event.DelegateSubstituted{
		Substitution: s.ID, Delegation: s.Delegation, Delegate: s.Delegate, Deputy: s.Deputy, From: s.From,
	}
}

// handed says that d has left the seat to the deputy of s already.
func (s Substitution) handed(d delegate.Delegate) bool {
	return d.Status == event.Substituted && d.Deputy == s.Deputy
}

// obstacle says what keeps the deputy from taking the seat, or nothing.
func (s Substitution) obstacle(leaving, deputy delegate.Delegate) string {
	switch {
	case !leaving.Accredited() || leaving.Delegation != s.Delegation:
		return DelegateGone
	case !deputy.Accredited() || deputy.Delegation != s.Delegation:
		return DeputyGone
	}
	return ""
}
