// Package delegate says who takes part in a conference: the delegations and
// their delegates, what may stand in their records, and the Book in which one
// guarded write changes a record together with the events that tell of it. It
// knows nothing of how people prove who they are or where records are kept.
//
// Why everybody is in memory: a conference has 16,000 people at most, a search
// looks at all of them, and the store is quick by id only. The price is some
// thirty megabytes, and that a replica is as fresh as the last hint it heard;
// every decision is therefore made again by the guarded write.
package delegate

import (
	"slices"
	"time"

	"plenary.example/shared/event"
)

// A Delegate is an accredited person of one delegation at one conference. Who
// attends two conferences is two delegates. What is read from a Book is shared:
// its lists are not to be written to.
type Delegate struct {
	ID         string `bson:"_id"`
	Conference string `bson:"conference"`
	Delegation string `bson:"delegation"`
	// ExternalID is what the person goes by in the lists that ministries send.
	// Once set it stays: imports match by it and by nothing else.
	ExternalID    string `bson:"externalId,omitempty"`
	Accreditation string `bson:"accreditation"` // the number on the badge
	// Name is shown as it is written here: some put the family name first, some
	// have none, and no rule of ours knows better.
	Name string `bson:"name"`
	// SortName is where the person stands in lists, when that is not by Name.
	SortName  string   `bson:"sortName,omitempty"`
	Function  string   `bson:"function"`
	Rank      string   `bson:"rank"` // one of Ranks, or empty
	Roles     []string `bson:"roles"`
	Languages []string `bson:"languages"` // BCP 47, best first
	Email     string   `bson:"email,omitempty"`
	Telephone string   `bson:"telephone,omitempty"`
	Consent   Consent  `bson:"consent"`
	// Status is one of event's: Accredited, Removed, Substituted or Erased.
	Status string `bson:"status"`
	Deputy string `bson:"deputy,omitempty"` // who took the seat of somebody substituted
	// Rights counts the changes of what the person may do.
	Rights int64 `bson:"rights"`
	// ErasureAskedAt is when the person asked to be forgotten; zero = did not.
	ErasureAskedAt time.Time `bson:"erasureAskedAt,omitempty"`
	Revision       int64     `bson:"revision"` // from 1
	// Pending says that this revision is not told yet; Owed is what to tell.
	Pending bool  `bson:"pending"`
	Owed    []Act `bson:"owed"`
}

// Consent is to what a person agreed. Nothing is agreed to by silence.
type Consent struct {
	Participants bool `bson:"participants"` // found and shown among participants
	Public       bool `bson:"public"`       // on the public list
	Telephone    bool `bson:"telephone"`    // the desk may see the number
}

// Accredited says whether the person takes part. Whoever does not can do
// nothing and is shown to nobody but the secretariat.
func (d Delegate) Accredited() bool { return d.Status == event.Accredited }

// Is says whether the person holds a role.
func (d Delegate) Is(role string) bool { return slices.Contains(d.Roles, role) }

// Order is the name that decides where the person stands in a list.
func (d Delegate) Order() string {
	if d.SortName != "" {
		return d.SortName
	}
	return d.Name
}

// grown is d as this build reads it: documents of older builds lack what did
// not exist then.
func (d Delegate) grown() Delegate {
	d.Status, d.Revision = grown(d.Status, d.Revision)
	return d
}

func grown(status string, revision int64) (string, int64) {
	if status == "" {
		status = event.Accredited
	}
	return status, max(1, revision)
}

// state is what the other services hear of d.
func (d Delegate) state() event.DelegateState {
	return event.DelegateState{
		Delegate: d.ID, Delegation: d.Delegation, Revision: d.Revision, Status: d.Status,
		Roles: append([]string{}, d.Roles...), Rights: d.Rights, Rank: d.Rank,
	}
}
