// Package event holds the facts the services tell each other: the envelope
// every event travels in and the payload of each. A payload is a public
// document: it is versioned by its type, it only ever grows, and one golden
// example of each lies in api-spec/events, read by the tests of both sides.
//
// Events carry ids, times and kinds. They never carry the name of a person or
// the topic of a meeting: whoever needs a name asks the delegates service.
//
// There are two sorts of message. An event says what happened, expires after
// some days and is worked through in order. A state message says how one
// entity stands now; the bus keeps the last one of each entity for good, so a
// consumer that was away longer than events live can still catch up.
package event

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Envelope is one event as it travels: the attributes of CloudEvents 1.0 under
// their own names, plus the conference, the revision and the actor.
type Envelope struct {
	SpecVersion string `json:"specversion"`
	// ID is the same for every repeat of one event; consumers drop by it.
	ID     string `json:"id"`
	Source string `json:"source"`
	Type   string `json:"type"`
	// Subject is the id of what the event is about.
	Subject    string    `json:"subject"`
	Time       time.Time `json:"time"`
	DataSchema string    `json:"dataschema,omitempty"`
	// Conference is the tenant; nothing crosses it.
	Conference string `json:"conference"`
	// Revision orders the events of one subject; a consumer drops one it has passed.
	Revision int64 `json:"revision"`
	// Actor is the delegate id of who did it, "key:" and an id for another system
	// that did it with an API key, empty for the system itself.
	Actor string `json:"actor,omitempty"`
	// Principal is the delegate for whom it was done, where that is somebody else.
	Principal string          `json:"principal,omitempty"`
	Data      json.RawMessage `json:"data"`
}

// schemas is where an app finds the schema of each payload, under the name its
// type has here.
const schemas = "/asyncapi.yaml#/components/schemas/"

// A Payload is the data of one type of event.
type Payload interface {
	// Type is "<service>.<noun>.<verb-ed>.v<n>".
	Type() string
}

// New seals p in an envelope. The id names the news, not the attempt: the
// caller passes the same one whenever it tells the same fact again.
func New(id, conference, subject string, revision int64, actor string, at time.Time, p Payload) (Envelope, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return Envelope{}, fmt.Errorf("event %s %s: %w", p.Type(), id, err)
	}
	service, _, _ := strings.Cut(p.Type(), ".")
	return Envelope{
		SpecVersion: "1.0", ID: id, Source: "/services/" + service, Type: p.Type(), Subject: subject,
		Time: at.UTC(), DataSchema: schemas + reflect.Indirect(reflect.ValueOf(p)).Type().Name(),
		Conference: conference, Revision: revision, Actor: actor, Data: data,
	}, nil
}

// For is e, done for somebody else than the one who did it.
func (e Envelope) For(principal string) Envelope {
	if principal != e.Actor {
		e.Principal = principal
	}
	return e
}

// BusSubject is where the event is published: plenary.<conference>.<type>.
func (e Envelope) BusSubject() string { return "plenary." + e.Conference + "." + e.Type }

// Into reads the payload. Members that are unknown here are ignored: the other
// side may be newer.
func (e Envelope) Into(p Payload) error {
	if e.Type != p.Type() {
		return fmt.Errorf("event %s is a %s, not a %s", e.ID, e.Type, p.Type())
	}
	if err := json.Unmarshal(e.Data, p); err != nil {
		return fmt.Errorf("event %s: %w", e.ID, err)
	}
	return nil
}

// Parse reads an envelope from the bus and refuses one that lacks what every
// consumer relies on.
func Parse(b []byte) (Envelope, error) {
	var e Envelope
	if err := json.Unmarshal(b, &e); err != nil {
		return Envelope{}, fmt.Errorf("event envelope: %w", err)
	}
	switch {
	case e.SpecVersion != "1.0":
		return Envelope{}, fmt.Errorf("event envelope: specversion %q", e.SpecVersion)
	case e.ID == "" || e.Type == "" || e.Conference == "":
		return Envelope{}, fmt.Errorf("event envelope: id, type or conference is missing")
	}
	return e, nil
}
