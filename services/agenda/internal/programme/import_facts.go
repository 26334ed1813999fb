package programme

import (
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"plenary.example/services/agenda/internal/schedulefile"
)

// Source is what the imported source last said about a session: the time and
// the room as they are, the rest as sums that tell only whether it has changed.
type Source struct {
	Start    time.Time `bson:"start"`
	End      time.Time `bson:"end"`
	Room     string    `bson:"room"` // the name
	Title    int64     `bson:"title"`
	Abstract int64     `bson:"abstract"`
	Theme    int64     `bson:"theme"`
	Kind     int64     `bson:"kind"`
	Language int64     `bson:"language"`
	Speakers int64     `bson:"speakers"`
}

// Same tells whether the source says the same both times.
func (s *Source) Same(other *Source) bool {
	if s == nil || other == nil {
		return s == other
	}
	x, y := *s, *other
	if !x.Start.Equal(y.Start) || !x.End.Equal(y.End) {
		return false
	}
	x.Start, x.End = y.Start, y.End
	return x == y
}

// said is what the source has now said; was is what it said before, which goes
// on where the format has no words for it.
func (im *importer) said(it schedulefile.Item, was *Source) *Source {
	s := &Source{
		Start: it.Start, End: it.End, Room: it.Room,
		Title: sum(it.Title), Abstract: sum(abstract(it)), Theme: sum(im.theme(it)), Kind: sum(kind(it.Type)),
		Language: sum(it.Language), Speakers: sum(joined(it.Persons)),
	}
	if im.silent && was != nil {
		s.Kind, s.Language, s.Speakers = was.Kind, was.Language, was.Speakers
	}
	return s
}

// unsaid tells whether a calendar has no words for a field.
func unsaid(f Field) bool { return f == OfKind || f == Spoken || f == Speakers }

// A fact is one thing the file says about a session, and how that stands to
// what the session is and to what the source said before.
type fact struct {
	field Field
	// agrees: the session is so already. The rest means something only when it
	// is not. repeated: the source said the same last time. edited: the session
	// is not as the source last said.
	agrees, repeated, edited bool
	take                     func()
}

// facts are what it says about s. was is what the source said before; the zero
// Source stands for nothing.
func (im *importer) facts(s *Session, it schedulefile.Item, was Source) []fact {
	room := im.agenda.rooms[s.Room].Name
	theme, text, typ := im.theme(it), abstract(it), kind(it.Type)
	return []fact{
		{
			Time, s.Start.Equal(it.Start) && s.End.Equal(it.End),
			was.Start.Equal(it.Start) && was.End.Equal(it.End),
			!s.Start.Equal(was.Start) || !s.End.Equal(was.End),
			func() { s.Start, s.End = it.Start, it.End },
		},
		{
			InRoom, room == it.Room, was.Room == it.Room, room != was.Room,
			func() { s.Room = im.room(it.Room) },
		},
		textFact(Titled, s.Title[im.language], it.Title, was.Title, func() { s.Title = im.worded(s.Title, it.Title) }),
		textFact(Abstract, s.Abstract[im.language], text, was.Abstract, func() { s.Abstract = im.worded(s.Abstract, text) }),
		textFact(Themed, s.Theme, theme, was.Theme, func() { s.Theme = theme }),
		textFact(OfKind, s.Kind, typ, was.Kind, func() { s.Kind = typ }),
		textFact(Spoken, s.Language, it.Language, was.Language, func() { s.Language = it.Language }),
		textFact(Speakers, joined(s.Named(Speaker)), joined(it.Persons), was.Speakers, func() { *s = s.WithSpeakers(it.Persons) }),
	}
}

func textFact(f Field, stands, says string, before int64, take func()) fact {
	if stands == says {
		return fact{field: f, agrees: true, take: take}
	}
	return fact{field: f, repeated: sum(says) == before, edited: sum(stands) != before, take: take}
}

// update carries over what the source has changed about s.
func (im *importer) update(s Session, it schedulefile.Item) {
	if s.Status == Cancelled {
		im.plan.Unchanged++
		im.warn(it, CancelledHere, "the session is cancelled here and still in the file; it stays cancelled")
		return
	}
	before := s
	var was Source
	if s.Source != nil {
		was = *s.Source
	}
	begun := s.Begun(im.now)
	var kept, twice []string
	for _, f := range im.facts(&s, it, was) {
		switch {
		case f.agrees, im.silent && unsaid(f.field):
		case s.Source != nil && f.repeated:
			kept = append(kept, string(f.field))
		case begun && (f.field == Time || f.field == InRoom):
			im.warn(it, HasBegun, "the session has begun and keeps its %s", f.field)
		default:
			if s.Source != nil && f.edited {
				twice = append(twice, string(f.field))
			}
			f.take()
		}
	}
	if kept != nil {
		im.warn(it, KeptHere, "it differs here and the source says nothing new, so it stays as it is: %s", strings.Join(kept, ", "))
	}
	if twice != nil {
		im.warn(it, EditedTwice, "edited here and at the source, which is taken: %s", strings.Join(twice, ", "))
	}
	s.Source = im.said(it, before.Source)
	fields := Differences(before, s)
	if len(fields) == 0 {
		im.plan.Unchanged++
		if !s.Source.Same(before.Source) {
			im.plan.Learned = append(im.plan.Learned, s)
		}
		return
	}
	if !s.Start.Equal(before.Start) && s.Start.Before(im.now) {
		im.warn(it, IntoThePast, "the session is moved to a time that has passed")
	}
	s.Reason = ""
	im.plan.Changed = append(im.plan.Changed, Change{Session: s.ID, Fields: fields, Before: &before, After: &s})
}

// worded is t with the wording of the file; what was worded here in other
// languages stays.
func (im *importer) worded(t Text, s string) Text {
	t = maps.Clone(t)
	if t == nil {
		t = Text{}
	}
	if s == "" {
		delete(t, im.language)
	} else {
		t[im.language] = s
	}
	return t
}

// theme is the id of the conference's theme of the item's track, or the track.
func (im *importer) theme(it schedulefile.Item) string {
	if id, ok := im.themes[foldKey(it.Track)]; ok {
		return id
	}
	return it.Track
}

// abstract is all the file tells about an item beyond its title.
func abstract(it schedulefile.Item) string {
	var parts []string
	for _, s := range []string{it.Subtitle, it.Abstract, it.Description} {
		if s != "" && !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "\n\n")
}

// kind is ours for the type of the source, which is free text there.
func kind(typ string) string {
	switch k := strings.NewReplacer(" ", "_", "-", "_").Replace(foldKey(typ)); k {
	case Plenary, Panel, SideEvent, Ceremony, Break, Reception, Photo, Press:
		return k
	case "keynote", "plenum", "plenary_session":
		return Plenary
	case "podium", "discussion", "panel_discussion":
		return Panel
	case "meeting", "meetup", "workshop":
		return SideEvent
	}
	return Other
}

func foldKey(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// sum tells texts apart. Two texts of one field with the same sum would hide a
// change at the source once in 10^19 edits.
func sum(s string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // a hash never fails
	return int64(h.Sum64())
}

func joined(names []string) string { return strings.Join(names, "\x00") }
