package programme

import (
	"slices"
	"time"
)

// Roles in a session.
const (
	Speaker   = "speaker"
	Moderator = "moderator"
	Chair     = "chair"
)

// A Part is what one person does in a session. It is a delegate, known by id and
// named by the delegates service only, or somebody from outside, named here.
type Part struct {
	Role        string `bson:"role"`
	Delegate    string `bson:"delegate,omitempty"`
	Name        string `bson:"name,omitempty"`
	Affiliation string `bson:"affiliation,omitempty"`
}

// Named are the outside people of a role, in order.
func (s Session) Named(role string) []string {
	var names []string
	for _, p := range s.People {
		if p.Role == role && p.Delegate == "" {
			names = append(names, p.Name)
		}
	}
	return names
}

// Duties are the delegates who have a part in the session, each once.
func (s Session) Duties() []string {
	var who []string
	for _, p := range s.People {
		if p.Delegate != "" && !slices.Contains(who, p.Delegate) {
			who = append(who, p.Delegate)
		}
	}
	return who
}

// HandedOn are the sessions not over at now in which from has a part, with to
// in their place. Where to has a part already, that is the one they keep. That
// they cannot be in two rooms at once is no reason to leave a part with somebody
// who is gone: a person has to arrange that.
func (a Agenda) HandedOn(from, to string, now time.Time) []Session {
	var sessions []Session
	for _, s := range a.Sessions() {
		at := s.part(Part{Delegate: from})
		if at < 0 || s.Status == Cancelled || s.Over(now) {
			continue
		}
		s.People = slices.Clone(s.People)
		if s.part(Part{Delegate: to}) >= 0 {
			s.People = slices.DeleteFunc(s.People, func(p Part) bool { return p.Delegate == from })
		} else {
			s.People[at].Delegate = to
		}
		s.Reason = ""
		sessions = append(sessions, s)
	}
	return sessions
}

// WithSpeakers is s with these outside speakers in place of those it has; every
// other part stays.
func (s Session) WithSpeakers(names []string) Session {
	people := make([]Part, 0, len(s.People)+len(names))
	for _, name := range names {
		people = append(people, Part{Role: Speaker, Name: name})
	}
	for _, p := range s.People {
		if p.Role != Speaker || p.Delegate != "" {
			people = append(people, p)
		}
	}
	s.People = people
	return s
}

// Upgraded is s as it is stored today, from whenever it was stored.
func (s Session) Upgraded() Session {
	if len(s.Speakers) > 0 {
		s = s.WithSpeakers(s.Speakers)
		s.Speakers = nil
	}
	return s
}

// Who may come to a session.
const (
	Open       = "open" // also the empty kind
	Seats      = "seats"
	Invitation = "invitation"
)

// Access says who may come. The zero Access is open to every delegate.
type Access struct {
	Kind string `bson:"kind,omitempty"`
	// Seats each delegation has, where access is by seats.
	Seats int `bson:"seats,omitempty"`
	// Delegations and Delegates are the ids of those invited.
	Delegations []string `bson:"delegations,omitempty"`
	Delegates   []string `bson:"delegates,omitempty"`
}

func (a Access) same(b Access) bool {
	return (a.Kind == b.Kind || a.Kind+b.Kind == Open) && a.Seats == b.Seats &&
		slices.Equal(a.Delegations, b.Delegations) && slices.Equal(a.Delegates, b.Delegates)
}

// A Stream is where a session can be watched.
type Stream struct {
	URL string `bson:"url"`
	// StartsAt is when the link is given out, on the conference clock; zero
	// means with the session.
	StartsAt time.Time `bson:"startsAt,omitempty"`
	// Started is set by hand; a stream that has started is given out at once.
	Started bool `bson:"started,omitempty"`
}

// Live says whether the link may be given out now, a moment of the conference clock.
func (s Session) Live(now time.Time) bool {
	if s.Stream == nil || s.Status == Cancelled {
		return false
	}
	return s.Stream.Started || !now.Before(s.StreamsFrom())
}

// StreamsFrom is when the link is given out, on the conference clock, unless
// somebody starts the stream before. The session must have one.
func (s Session) StreamsFrom() time.Time {
	if s.Stream.StartsAt.IsZero() {
		return s.Start
	}
	return s.Stream.StartsAt
}

func (s *Stream) same(b *Stream) bool {
	if s == nil || b == nil {
		return s == b
	}
	return s.URL == b.URL && s.StartsAt.Equal(b.StartsAt) && s.Started == b.Started
}

// A Document belongs to a session.
type Document struct {
	ID    string `bson:"id"`
	Title Text   `bson:"title"`
	URL   string `bson:"url"`
	// Embargo is when it may be read, on the conference clock; zero means now.
	Embargo time.Time `bson:"embargo,omitempty"`
}

// Released says whether the document may be read now.
func (d Document) Released(now time.Time) bool { return !now.Before(d.Embargo) }

// sameFile says whether b is the same file, to be read from the same time on. What
// it is called does not matter.
func (d Document) sameFile(b Document) bool {
	return d.ID == b.ID && d.URL == b.URL && d.Embargo.Equal(b.Embargo)
}

func (d Document) same(b Document) bool {
	return d.ID == b.ID && d.URL == b.URL && d.Embargo.Equal(b.Embargo) && sameText(d.Title, b.Title)
}
