package programme

import (
	"maps"
	"slices"
	"strings"
)

// A Field names one thing about a session that people notice.
type Field string

// The fields a change can be about.
const (
	Created     Field = "created"
	Removed     Field = "removed" // no longer in the agenda; cancelled ones still are
	Time        Field = "time"    // the start
	End         Field = "end"     // the end, when it does not just follow the start
	InRoom      Field = "room"
	Titled      Field = "title"
	Abstract    Field = "abstract"
	Themed      Field = "theme"
	OfKind      Field = "kind"
	InStatus    Field = "status"
	Spoken      Field = "language"
	Interpreted Field = "interpretation"
	Speakers    Field = "speakers" // and moderators and the chair
	Admission   Field = "access"
	Streamed    Field = "stream"
	Documented  Field = "documents"
	Published   Field = "public"
)

// A Change is what a release did to one session.
type Change struct {
	Session string
	Fields  []Field
	Before  *Session // nil for a new session
	After   *Session // nil for one that is no more
}

// Is says whether the change is about a field.
func (c Change) Is(f Field) bool { return slices.Contains(c.Fields, f) }

// Latest is the session as it is, or as it was when it is no more.
func (c Change) Latest() Session {
	if c.After != nil {
		return *c.After
	}
	return *c.Before
}

// changed is the change from one state to another; either may be nil, not both.
func changed(before, after *Session) Change {
	switch {
	case before == nil:
		return Change{Session: after.ID, Fields: []Field{Created}, After: after}
	case after == nil:
		return Change{Session: before.ID, Fields: []Field{Removed}, Before: before}
	}
	return Change{Session: after.ID, Fields: Differences(*before, *after), Before: before, After: after}
}

// Changes are what the release did, one for each session that people can see
// to be another.
func (r Release) Changes() []Change {
	before := make(map[string]*Session, len(r.Before))
	for i := range r.Before {
		before[r.Before[i].ID] = &r.Before[i]
	}
	changes := make([]Change, 0, len(r.After)+len(r.Removed))
	for i := range r.After {
		if c := changed(before[r.After[i].ID], &r.After[i]); len(c.Fields) > 0 {
			changes = append(changes, c)
		}
	}
	for i := range r.Removed {
		changes = append(changes, changed(&r.Removed[i], nil))
	}
	return changes
}

// Changes are what differs between two agendas of one conference, by session id.
// What changed and changed back in between does not differ.
func Changes(from, to Agenda) []Change {
	var changes []Change
	for id, after := range to.sessions {
		var was *Session
		if before, ok := from.sessions[id]; ok {
			was = &before
		}
		if c := changed(was, &after); len(c.Fields) > 0 {
			changes = append(changes, c)
		}
	}
	for id, before := range from.sessions {
		if _, still := to.sessions[id]; !still {
			changes = append(changes, changed(&before, nil))
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.Session, b.Session) })
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
	add(!sameText(a.Title, b.Title), Titled)
	add(!sameText(a.Abstract, b.Abstract), Abstract)
	add(a.Theme != b.Theme, Themed)
	add(a.Kind != b.Kind, OfKind)
	add(a.Status != b.Status, InStatus)
	add(a.Language != b.Language, Spoken)
	add(!slices.Equal(a.Interpretation, b.Interpretation), Interpreted)
	add(!slices.Equal(a.People, b.People), Speakers)
	add(!a.Access.same(b.Access), Admission)
	add(!a.Stream.same(b.Stream), Streamed)
	add(!slices.EqualFunc(a.Documents, b.Documents, Document.same), Documented)
	add(a.Public != b.Public, Published)
	return fields
}

func sameText(a, b Text) bool { return maps.Equal(a, b) }
