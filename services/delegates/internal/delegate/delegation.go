package delegate

import (
	"maps"
	"slices"

	"plenary.example/shared/event"
)

// A Delegation is a state, an organisation, a company or a group taking part.
type Delegation struct {
	ID         string `bson:"_id"`
	Conference string `bson:"conference"`
	ExternalID string `bson:"externalId,omitempty"` // as a Delegate's
	// Code is an ISO country code where there is one. It is a note for machines:
	// nothing is named, ordered or found by it.
	Code string `bson:"code,omitempty"`
	// Designation is what the delegation is called, by BCP 47 language. It is
	// given, never derived from a country code.
	Designation map[string]string `bson:"designation"`
	Kind        string            `bson:"kind"` // one of Kinds
	// Precedence is the place in the order of precedence, from 1; 0 = none given.
	Precedence int    `bson:"precedence,omitempty"`
	Head       string `bson:"head,omitempty"` // delegate id
	// Officer is the host's person who hears what the delegation has not seen; a
	// delegate id.
	Officer  string `bson:"officer,omitempty"`
	Status   string `bson:"status"`   // event.Accredited or event.Removed
	Revision int64  `bson:"revision"` // from 1
	Pending  bool   `bson:"pending"`
	Owed     []Act  `bson:"owed"`
}

// Accredited says whether the delegation takes part.
func (d Delegation) Accredited() bool { return d.Status == event.Accredited }

// DesignationIn is what the delegation is called in the first of the languages
// that it has a designation in, else in English, else in whichever comes first
// in the alphabet.
func (d Delegation) DesignationIn(languages []string) string {
	for _, l := range languages {
		if name, ok := d.Designation[l]; ok {
			return name
		}
	}
	if name, ok := d.Designation["en"]; ok {
		return name
	}
	for _, l := range slices.Sorted(maps.Keys(d.Designation)) {
		return d.Designation[l]
	}
	return ""
}

// oldKinds are the words that older builds wrote.
var oldKinds = map[string]string{
	"organisation": Intergovernmental, "company": Business, "group": NonGovernmental,
}

// grown is as Delegate's.
func (d Delegation) grown() Delegation {
	d.Status, d.Revision = grown(d.Status, d.Revision)
	if kind, old := oldKinds[d.Kind]; old {
		d.Kind = kind
	}
	return d
}

func (d Delegation) state() event.DelegationState {
	return event.DelegationState{
		Delegation: d.ID, Revision: d.Revision, Status: d.Status, Kind: d.Kind, Head: d.Head, Officer: d.Officer,
	}
}
