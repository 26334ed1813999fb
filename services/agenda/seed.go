package agenda

import (
	"context"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

// The words of a seed are the words of the agenda.
type (
	// Session is an item of the agenda; its Revision is set by loading.
	Session = programme.Session
	// Room is a place of the conference.
	Room = programme.Room
	// Theme is a subject of the conference.
	Theme = programme.Theme
	// Part is what somebody does in a session.
	Part = programme.Part
	// Access says who may come to a session.
	Access = programme.Access
	// Stream is where a session can be watched.
	Stream = programme.Stream
	// Document belongs to a session.
	Document = programme.Document
	// Hours are when a room is open.
	Hours = programme.Hours
	// Walk is the way between two zones.
	Walk = programme.Walk
	// Text is one wording per language.
	Text = programme.Text
)

// Confirmed is the status of a session that takes place.
const Confirmed = programme.Confirmed

// Roles in a session.
const (
	Speaker = programme.Speaker
	Chair   = programme.Chair
)

// A Seed is a whole conference, to be brought in at once.
type Seed struct {
	Conference string
	Name       Text
	Timezone   string   // IANA
	Days       []string // 2006-01-02
	Venue      string
	Walking    []Walk
	Themes     []Theme
	Languages  []string
	Rooms      []Room
	Sessions   []Session
	// Picks are session ids by delegate id.
	Picks map[string][]string
	// Meetings are bilateral meetings, with the policy they are under and, by
	// delegation, when it can be met.
	Meetings       []Meeting
	MeetingPolicy  MeetingPolicy
	MeetingWindows map[string][]MeetingWindow
	// ClockStart, unless zero, is what the conference clock shows at the moment
	// of loading. Only a sandbox instance takes it.
	ClockStart time.Time
}

// Load brings in a conference; one that is there stays as it is. The service
// must have been started, and whoever meets be known to the delegates service.
func (s *Service) Load(ctx context.Context, seed Seed) error {
	var offset time.Duration
	if !seed.ClockStart.IsZero() {
		if !s.cfg.Sandbox {
			return problem.New(problem.Invalid, "not_a_sandbox", "A conference clock of its own is for sandbox and rehearsal instances.")
		}
		offset = seed.ClockStart.Sub(s.cfg.Now()).Truncate(time.Second)
	}
	err := s.live.Add(ctx, programme.Conference{
		ID: seed.Conference, Name: seed.Name, Zone: seed.Timezone, Days: seed.Days, Venue: seed.Venue,
		Walking: seed.Walking,
		Themes:  seed.Themes, Languages: seed.Languages, ClockOffset: offset,
	}, seed.Rooms, seed.Sessions, seed.Picks)
	if err != nil || len(seed.Meetings) == 0 {
		return err
	}
	return s.loadMeetings(ctx, seed)
}

// Has tells whether a conference is loaded.
func (s *Service) Has(conference string) bool {
	_, _, err := s.live.Conference(conference)
	return err == nil
}
