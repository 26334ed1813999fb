package delegate

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"plenary.example/shared/event"
)

// An Act is an event that a record owes: it was written with the fact and is
// published after it. It holds ids, times and the names of fields, never what
// stands in them.
type Act struct {
	ID        string    `bson:"id"` // of the event; a UUIDv7
	Type      string    `bson:"type"`
	Schema    string    `bson:"schema"`
	Subject   string    `bson:"subject"`
	Revision  int64     `bson:"revision"`
	At        time.Time `bson:"at"`
	Actor     string    `bson:"actor"`
	Principal string    `bson:"principal"`
	Data      string    `bson:"data"` // the payload as JSON
}

// NewAct makes the act of telling p about the record with that id at that
// revision. The moment is cut to what the store keeps, because an act is later
// taken off the record by its exact value.
func NewAct(subject string, revision int64, by, principal string, at time.Time, p event.Payload) (Act, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Act{}, fmt.Errorf("act: %w", err)
	}
	e, err := event.New(id.String(), "", subject, revision, by, at.UTC().Truncate(time.Millisecond), p)
	if err != nil {
		return Act{}, err
	}
	e = e.For(principal)
	return Act{
		ID: e.ID, Type: e.Type, Schema: e.DataSchema, Subject: subject, Revision: revision,
		At: e.Time, Actor: e.Actor, Principal: e.Principal, Data: string(e.Data),
	}, nil
}

// Envelope is the act as the bus carries it, the same however often it is made.
func (a Act) Envelope(conference string) event.Envelope {
	return event.Envelope{
		SpecVersion: "1.0", ID: a.ID, Source: "/services/delegates", Type: a.Type, Subject: a.Subject, Time: a.At.UTC(),
		DataSchema: a.Schema, Conference: conference, Revision: a.Revision, Actor: a.Actor, Principal: a.Principal,
		Data: []byte(a.Data),
	}
}

// NewID makes the id of a record that came without an external id.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// What an id made from an external one is for.
const (
	KindDelegate   = "delegate"
	KindDelegation = "delegation"
)

// records is the name space of ids that are made from external ones.
var records = uuid.NewSHA1(uuid.NameSpaceURL, []byte("plenary.example/delegates"))

// IDFor is the id of the record that an external system calls externalID: the
// same on every replica, so that two imports of one file collide on it instead
// of writing everybody twice. kind is KindDelegate or KindDelegation.
func IDFor(conference, kind, externalID string) string {
	return uuid.NewSHA1(records, []byte(conference+"\x00"+kind+"\x00"+externalID)).String()
}
