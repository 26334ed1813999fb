// Package audit remembers who did what, for whom, and when.
//
// It is a projection of the events of all services and nothing else: whatever
// was done by somebody is told as an event that names its actor, in the same
// write as the fact, so nothing can happen that is not in the audit, and no
// room has a second thing to remember. The price is that an act shows a moment
// after it was done. Acts hold ids and the names of fields, like the events
// they come from; what was in the fields is nobody's business here.
//
// Notices are made by the system for people, so their stream has no actors and
// is left out.
package audit

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"plenary.example/shared/event"
)

// An Act is something a person, or another system with an API key, did.
type Act struct {
	// ID is the event's, so that an event that comes twice is one act.
	ID         string    `bson:"_id"`
	Conference string    `bson:"conference"`
	At         time.Time `bson:"at"` // to the millisecond, as the store has it
	Type       string    `bson:"type"`
	// Actor is a delegate id, or "key:" and the id of an API key.
	Actor string `bson:"actor"`
	// Principal is for whom it was done, empty when the actor did it for themself.
	Principal string `bson:"principal"`
	// Subject is the id of what it was done to.
	Subject string `bson:"subject"`
	// Touched are the ids of what else it changed: the sessions of a release.
	Touched []string `bson:"touched"`
	// Fields names what changed, sorted.
	Fields []string `bson:"fields"`
}

// From reads the act out of an event; false when nobody did it.
func From(e event.Envelope) (Act, bool) {
	if e.Actor == "" {
		return Act{}, false
	}
	var payload struct {
		Fields  []string `json:"fields"`
		Changes []struct {
			Session string   `json:"session"`
			Fields  []string `json:"fields"`
		} `json:"changes"`
	}
	_ = json.Unmarshal(e.Data, &payload) // a payload of another shape changes no named fields
	a := Act{
		ID: e.ID, Conference: e.Conference, At: e.Time.UTC().Truncate(time.Millisecond), Type: e.Type,
		Actor: e.Actor, Principal: e.Principal, Subject: e.Subject, Fields: payload.Fields,
	}
	a.Fields = append(a.Fields, done(e)...)
	for _, c := range payload.Changes {
		a.Touched = append(a.Touched, c.Session)
		a.Fields = append(a.Fields, c.Fields...)
	}
	slices.Sort(a.Fields)
	a.Fields = slices.Compact(a.Fields)
	return a, true
}

// done says what an event without fields did to its subject, in the words of one
// that has them.
func done(e event.Envelope) []string {
	switch e.Type {
	case event.APIKeyChanged{}.Type():
		if p := (event.APIKeyChanged{}); e.Into(&p) == nil && p.Ended {
			return []string{"ended"}
		}
		return []string{"created"}
	case event.PasskeyChanged{}.Type():
		if p := (event.PasskeyChanged{}); e.Into(&p) == nil && p.Removed {
			return []string{"removed"}
		}
		return []string{"created"}
	}
	return nil
}

// about says whether the act was done to the delegate or for them.
func (a Act) about(delegate string) bool { return a.Subject == delegate || a.Principal == delegate }

// before orders acts by time; those of one moment stay in one order too.
func (a Act) before(b Act) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}
