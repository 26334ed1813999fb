package rest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/language"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/problem"
)

// A reader takes what a secretariat writes into the words of the agenda, and
// collects what it cannot take.
type reader struct {
	facts  programme.Conference
	faults []problem.Field
}

func (r *reader) fault(pointer, code, detail string) {
	r.faults = append(r.faults, problem.Field{Pointer: pointer, Code: code, Detail: detail})
}

// err refuses everything at once; the first fault gives the code.
func (r *reader) err() error {
	if len(r.faults) == 0 {
		return nil
	}
	return problem.New(problem.Invalid, r.faults[0].Code, "%s", r.faults[0].Detail).With(r.faults...)
}

// text takes wordings, each in a language of the conference. lines says that
// they may have several.
func (r *reader) text(pointer string, words map[string]string, lines bool) programme.Text {
	out := programme.Text{}
	for l, s := range words {
		at := pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(l)
		if !slices.ContainsFunc(r.facts.Languages, func(have string) bool { return sameTongue(have, l) }) {
			r.fault(at, "language_unknown", "The conference does not have this language.")
		}
		r.line(at, s, lines)
		if s != "" {
			out[l] = s
		}
	}
	return out
}

func sameTongue(a, b string) bool {
	x, errX := language.Parse(a)
	y, errY := language.Parse(b)
	return errX == nil && errY == nil && x == y || a == b
}

// line refuses what makes a text read other than it is.
func (r *reader) line(pointer, s string, lines bool) string {
	if strings.ContainsFunc(s, func(c rune) bool { return deceives(c) && !(lines && (c == '\n' || c == '\r' || c == '\t')) }) {
		r.fault(pointer, "forbidden_character", "Control characters and direction overrides are not accepted here.")
	}
	return s
}

func deceives(c rune) bool {
	switch c {
	case '\u202d', '\u202e', '\u2028', '\u2029', '\ufffe', '\uffff':
		return true
	}
	return unicode.IsControl(c)
}

func (r *reader) link(pointer, url string) string {
	if !strings.HasPrefix(url, "https://") {
		r.fault(pointer, "wrong_format", "A link begins with https.")
	}
	return r.line(pointer, url, false)
}

// written is s as the body wants it. What the body cannot say stays: the
// status, what the source said, whether the stream runs.
func written(facts programme.Conference, s programme.Session, b api.SessionDraft) (programme.Session, error) {
	r := &reader{facts: facts}
	stream := s.Stream
	s.Kind, s.Room, s.Start, s.End = string(b.Kind), b.RoomID, b.StartsAt.UTC(), b.EndsAt.UTC()
	s.Title, s.Abstract = r.text("/title", b.Title, false), programme.Text{}
	if b.Abstract != nil {
		s.Abstract = r.text("/abstract", *b.Abstract, true)
	}
	s.Theme, s.Language = r.line("/theme", text(b.Theme), false), text(b.Language)
	s.Interpretation, s.Public = list(b.Interpretation), b.Public != nil && *b.Public
	s.People, s.Access, s.Stream, s.Documents = nil, programme.Access{}, nil, nil
	if s.Status != programme.Cancelled {
		s.Reason = "" // it was that of an earlier change
	}
	if b.People != nil {
		for i, p := range *b.People {
			s.People = append(s.People, r.part("/people/"+strconv.Itoa(i), p))
		}
	}
	if b.Access != nil {
		s.Access = programme.Access{Kind: string(b.Access.Kind), Delegations: list(b.Access.Delegations), Delegates: list(b.Access.Delegates)}
		if b.Access.Seats != nil {
			s.Access.Seats = *b.Access.Seats
		}
	}
	if b.Stream != nil {
		s.Stream = &programme.Stream{URL: r.link("/stream/url", b.Stream.URL), Started: stream != nil && stream.Started}
		if b.Stream.StartsAt != nil {
			s.Stream.StartsAt = b.Stream.StartsAt.UTC()
		}
	}
	if b.Documents != nil {
		for i, d := range *b.Documents {
			s.Documents = append(s.Documents, r.document("/documents/"+strconv.Itoa(i), d))
		}
	}
	return s, r.err()
}

func (r *reader) part(pointer string, p api.PartDraft) programme.Part {
	part := programme.Part{Role: string(p.Role), Delegate: text(p.DelegateID), Name: text(p.Name), Affiliation: text(p.Affiliation)}
	if (part.Delegate == "") == (part.Name == "") || part.Delegate != "" && part.Affiliation != "" {
		r.fault(pointer, "person_unclear", "Name a delegate by id, or somebody from outside by name, and not both.")
	}
	r.line(pointer+"/name", part.Name, false)
	r.line(pointer+"/affiliation", part.Affiliation, false)
	return part
}

func (r *reader) document(pointer string, d api.DocumentDraft) programme.Document {
	doc := programme.Document{ID: cmp.Or(text(d.ID), newID()), Title: r.text(pointer+"/title", d.Title, false), URL: r.link(pointer+"/url", d.URL)}
	if d.EmbargoUntil != nil {
		doc.Embargo = d.EmbargoUntil.UTC()
	}
	return doc
}

// furnished is a room as the body wants it.
func furnished(facts programme.Conference, id string, b api.RoomDraft) (programme.Room, error) {
	r := &reader{facts: facts}
	room := programme.Room{ID: id, Name: r.line("/name", b.Name, false), Kind: string(b.Kind), Zone: r.line("/zone", text(b.Zone), false), Venue: text(b.Venue)}
	if b.Capacity != nil {
		room.Capacity = *b.Capacity
	}
	if room.Venue != "" && !slices.ContainsFunc(facts.Venues, func(v programme.Venue) bool { return v.ID == room.Venue }) {
		r.fault("/venue", "venue_unknown", "The conference has no such venue.")
	}
	if b.Hours != nil {
		for i, h := range *b.Hours {
			hours := programme.Hours{Day: text(h.Day), From: h.From, To: h.To}
			if !clockTime(hours.From) || !clockTime(hours.To) || hours.From >= hours.To {
				r.fault("/hours/"+strconv.Itoa(i), "hours_unclear", "A room opens before it closes, on one day, at times like 08:30.")
			}
			room.Hours = append(room.Hours, hours)
		}
	}
	return room, r.err()
}

// clockTime says whether s is a local time from 00:00 to 24:00.
func clockTime(s string) bool {
	h, m, ok := strings.Cut(s, ":")
	hour, errH := strconv.Atoi(h)
	minute, errM := strconv.Atoi(m)
	return ok && len(h) == 2 && len(m) == 2 && errH == nil && errM == nil && hour >= 0 && minute >= 0 && minute < 60 && (hour < 24 || hour == 24 && minute == 0)
}

func list(s *[]string) []string {
	if s == nil {
		return nil
	}
	return *s
}
