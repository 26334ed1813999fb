// Package delegate says who takes part in a conference: the delegations and
// their delegates. It knows nothing of how they prove it or where they are kept.
package delegate

import (
	"maps"
	"slices"
)

// A Delegate is an accredited person of one delegation at one conference. Who
// attends two conferences is two delegates.
type Delegate struct {
	ID            string `bson:"_id"`
	Conference    string `bson:"conference"`
	Delegation    string `bson:"delegation"`
	Accreditation string `bson:"accreditation"` // the number on the badge
	// Name is shown as it is written here: some put the family name first, some
	// have none, and no rule of ours knows better.
	Name      string   `bson:"name"`
	Function  string   `bson:"function"`
	Rank      string   `bson:"rank"` // minister, vice_minister, senior_official, expert, or empty
	Roles     []string `bson:"roles"`
	Languages []string `bson:"languages"` // BCP 47, best first
}

// A Delegation is a state, organisation, company or group taking part.
type Delegation struct {
	ID         string `bson:"_id"`
	Conference string `bson:"conference"`
	// Designation is what the delegation is called, by BCP 47 language. It is
	// given, never derived from a country code.
	Designation map[string]string `bson:"designation"`
	Kind        string            `bson:"kind"`
}

// DesignationIn is what the delegation is called in the first of the languages
// that it has a designation in, else in English, else in whichever comes first
// in the alphabet.
func (d Delegation) DesignationIn(languages []string) string {
	for _, l := range append(slices.Clone(languages), "en") {
		if name, ok := d.Designation[l]; ok {
			return name
		}
	}
	for _, l := range slices.Sorted(maps.Keys(d.Designation)) {
		return d.Designation[l]
	}
	return ""
}
