package programme

import (
	"maps"
	"slices"
)

// A Field names one thing about a session that people notice.
type Field string

// The fields a change can be about.
const (
	Created  Field = "created"
	Time     Field = "time" // the start
	End      Field = "end"  // the end, when it does not just follow the start
	InRoom   Field = "room"
	Titled   Field = "title"
	Abstract Field = "abstract"
	Themed   Field = "theme"
	OfKind   Field = "kind"
	InStatus Field = "status"
	Spoken   Field = "language"
	Speakers Field = "speakers"
)

// A Change is what a release did to one session.
type Change struct {
	Session string
	Fields  []Field
	Before  *Session // nil for a new session
	After   Session
}

// Changes are what the release did, one for each session that people can see
// to be another.
func (r Release) Changes() []Change {
	before := make(map[string]Session, len(r.Before))
	for _, s := range r.Before {
		before[s.ID] = s
	}
	changes := make([]Change, 0, len(r.After))
	for _, s := range r.After {
		c := Change{Session: s.ID, After: s, Fields: []Field{Created}}
		if b, ok := before[s.ID]; ok {
			c.Before, c.Fields = &b, Differences(b, s)
		}
		if len(c.Fields) == 0 {
			continue
		}
		changes = append(changes, c)
	}
	return changes
}

// Differences names the fields in which two states of one session differ.
// Instants are compared, never their spelling; a reason alone is no difference.
func Differences(a, b Session) []Field {
	var fields []Field
	add := func(differs bool, f Field) {
		if differs {
			fields = append(fields, f)
		}
	}
	shifted := b.Start.Sub(a.Start)
	add(shifted != 0, Time)
	add(b.End.Sub(a.End) != shifted, End)
	add(a.Room != b.Room, InRoom)
	add(!maps.Equal(a.Title, b.Title), Titled)
	add(!maps.Equal(a.Abstract, b.Abstract), Abstract)
	add(a.Theme != b.Theme, Themed)
	add(a.Kind != b.Kind, OfKind)
	add(a.Status != b.Status, InStatus)
	add(a.Language != b.Language, Spoken)
	add(!slices.Equal(a.Speakers, b.Speakers), Speakers)
	return fields
}
