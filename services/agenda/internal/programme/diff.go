package programme

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Detail is one field of a change in plain words.
type Detail struct {
	Field         Field
	Before, After string // empty when there was, or is, none
}

// Details are the fields of a change between two agendas, for people to read;
// none for a session that is new or no more. Texts are in the first of the
// languages there is one for.
func (c Change) Details(from, to Agenda, languages ...string) []Detail {
	if c.Before == nil || c.After == nil {
		return nil
	}
	details := make([]Detail, 0, len(c.Fields))
	for _, f := range c.Fields {
		details = append(details, Detail{f, from.Spelled(*c.Before, f, languages...), to.Spelled(*c.After, f, languages...)})
	}
	return details
}

// Spelled is one field of a session in plain words: instants as RFC 3339, rooms
// by name, lists with commas. Delegates go by their ids, which is all we know.
func (a Agenda) Spelled(s Session, f Field, languages ...string) string {
	switch f {
	case Time:
		return s.Start.UTC().Format(time.RFC3339)
	case End:
		return s.End.UTC().Format(time.RFC3339)
	case InRoom:
		return cmp.Or(a.rooms[s.Room].Name, s.Room)
	case Titled:
		return s.Title.In(languages...)
	case Abstract:
		return s.Abstract.In(languages...)
	case Themed:
		return s.Theme
	case OfKind:
		return s.Kind
	case InStatus:
		return string(s.Status)
	case Spoken:
		return s.Language
	case Interpreted:
		return strings.Join(s.Interpretation, ", ")
	case Published:
		return strconv.FormatBool(s.Public)
	case Speakers:
		return listed(s.People, func(p Part) string { return p.Role + " " + cmp.Or(p.Name, p.Delegate) })
	case Admission:
		kind := cmp.Or(s.Access.Kind, Open)
		if s.Access.Seats > 0 {
			kind += " " + strconv.Itoa(s.Access.Seats)
		}
		return kind
	case Streamed:
		if s.Stream != nil {
			return s.Stream.URL
		}
	case Documented:
		return listed(s.Documents, func(d Document) string { return d.Title.In(languages...) })
	case Created, Removed: // of no field
	}
	return ""
}

func listed[T any](all []T, word func(T) string) string {
	words := make([]string, 0, len(all))
	for _, x := range all {
		words = append(words, word(x))
	}
	return strings.Join(words, ", ")
}

// A RoomChange is what differs about one room; Before is nil for a new one,
// After for one that is no more.
type RoomChange struct {
	Room          string
	Before, After *Room
}

// RoomChanges are what differs between the rooms of two agendas, by id.
func RoomChanges(from, to Agenda) []RoomChange {
	var changes []RoomChange
	for id, after := range to.rooms {
		if before, was := from.rooms[id]; !was {
			changes = append(changes, RoomChange{id, nil, &after})
		} else if !before.Same(after) {
			changes = append(changes, RoomChange{id, &before, &after})
		}
	}
	for id, before := range from.rooms {
		if _, still := to.rooms[id]; !still {
			changes = append(changes, RoomChange{id, &before, nil})
		}
	}
	slices.SortFunc(changes, func(a, b RoomChange) int { return strings.Compare(a.Room, b.Room) })
	return changes
}
