// Package sample makes conferences to begin with: the Seoul Conference on
// Cyberspace 2013, the London Conference on Cyberspace 2011 and an empty
// conference in Leipzig 2019 that waits for a schedule file to be imported.
//
// # Fact and invention
//
// Facts, as published by the hosts and the press of the day: the names, dates,
// cities and venues of the two cyberspace conferences; Seoul's six themes, its
// main theme, four plenaries, six panels, public opening and closing, 1,600
// participants from 87 countries and 18 organisations, 43 ministers and
// vice-ministers, and the chair's summary at the end; London's five themes,
// about 700 participants from 60 countries and 17 organisations, its reception
// at the Science Museum, and that international security was treated behind
// closed doors; the dates and the city of the third.
//
// Everything else is invented: who came and which states they came from, every
// organisation, every person, the hours, which room held what, the titles of
// plenaries and side events, breaks and receptions, who met whom and why. Persons are named after
// minerals and birds so that nobody mistakes one for somebody. The states are
// real ones, because an app must show real designations well; none of them
// said or did anything here.
//
// # Why a generator and not a file
//
// The same seed gives the same bytes on every machine, so a test, a bug report
// and a load run can name a conference by three words, and a size of ten makes
// ten times the load without ten times the repository. An id depends on the
// seed, the conference and what it stands for, never on the order of making:
// a new session in the programme changes the ids of no other.
package sample

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Text is one wording per BCP 47 language of the conference.
type Text = map[string]string

// A Conference is one edition with everything that is loaded into the services.
type Conference struct {
	ID    string // a slug, "seoul-2013"
	Name  Text
	Venue string
	Zone  string   // IANA time zone
	Days  []string // local dates, as 2006-01-02, in order
	// Languages are BCP 47 tags, the first being the conference's default.
	Languages   []string
	Themes      []Theme
	Rooms       []Room
	Sessions    []Session // by start, then room
	Delegations []Delegation
	Delegates   []Delegate // by accreditation
	Picks       []Pick
	Devices     []Device
	Meetings    []Meeting
	Windows     []Window
}

// A Theme is one of the subjects of a conference.
type Theme struct {
	ID   string
	Name Text
}

// A Room is a place of the conference.
type Room struct {
	ID, Name string
	Kind     string // hall, panel, side, bilateral, press or other
	Capacity int
	Zone     string // rooms of one zone are a short walk apart
}

// A Session is an item of the agenda. Its language is "" when it is interpreted.
type Session struct {
	ID       string
	Kind     string // plenary, panel, side_event, ceremony, break, reception, photo, press or other
	Title    Text
	Theme    string // a Theme's ID or ""
	Room     string // a Room's ID
	Start    time.Time
	End      time.Time
	Speakers []string // outside people
	Chair    string   // a Delegate's ID or ""
	Public   bool     // anybody may read it
	Stream   string   // where it can be watched, or ""

	draw int // of 1,000 delegates so many pick it; aFew is a rule of its own
}

// A Delegation is a state or an organisation taking part. The first is the host's.
type Delegation struct {
	ID          string
	Designation Text
	Kind        string // host, state or intergovernmental
	ExternalID  string // what the office's own lists call it, "D-001"
	Head        string // a Delegate's ID
	Officer     string // the host's Delegate who looks after it; the host has none
}

// A Delegate is an accredited person. The activation code is the secret on the
// badge letter; sample codes work in a sandbox only.
type Delegate struct {
	ID, Delegation string
	Accreditation  string // "SEO-00001"
	ActivationCode string
	Name           string
	Function       string
	Rank           string   // minister, vice_minister, senior_official, expert or ""
	Roles          []string // delegate always; liaison, secretariat, desk
	Languages      []string
	ExternalID     string // "P-SEO-00001"
	Email          string // at example.org, which is nobody's
	Telephone      string // some have one; never a real one
	Consent        Consent
}

// Consent is to what a person agreed.
type Consent struct{ Participants, Public, Telephone bool }

// A Pick is one session one delegate chose.
type Pick struct{ Delegate, Session string }

// A Device is one phone of one delegate with the app installed.
type Device struct {
	Installation, Delegate string
	Token                  string // of the carrier; the sandbox takes any
	Platform               string // android or ios
	Locale                 string
	Rendering              string // app or system
}

// editions makes each conference's programme; what does not depend on the
// edition is added by Make.
var editions = map[string]func(maker) edition{
	"seoul-2013":   seoul,
	"london-2011":  london,
	"leipzig-2019": leipzig,
}

// Names lists the conferences that Make knows, in alphabetical order.
func Names() []string {
	names := make([]string, 0, len(editions))
	for name := range editions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Make makes the named conference from a seed, times its historical size:
// 10 is ten times the people and, for a conference with a programme, 200
// sessions for each unit of size. An unknown name or a size outside 1 to 20 is
// an error.
func Make(name string, seed uint64, times int) (Conference, error) {
	begin, ok := editions[name]
	if !ok {
		return Conference{}, fmt.Errorf("no sample conference %q; there are %s", name, strings.Join(Names(), ", "))
	}
	if times < 1 || times > 20 {
		return Conference{}, fmt.Errorf("size %d of the sample conference: want 1 to 20", times)
	}
	m := maker{seed: seed, conference: name, times: times}
	e := begin(m)
	e.fill(m)
	slices.SortStableFunc(e.Sessions, func(a, b Session) int {
		if c := a.Start.Compare(b.Start); c != 0 {
			return c
		}
		return strings.Compare(a.Room, b.Room)
	})
	e.people(m)
	e.contacts(m)
	e.duties()
	e.meetings(m)
	e.choices(m)
	return e.Conference, nil
}

// Opens is 08:00 of the first day, where the conference's clock is set when a
// sample is loaded: everything still lies ahead and can be moved.
func (c Conference) Opens() time.Time {
	loc, err := time.LoadLocation(c.Zone)
	if err != nil { // the zones are ours and a test loads each
		loc = time.UTC
	}
	day, err := time.ParseInLocation(time.DateOnly, c.Days[0], loc)
	if err != nil {
		return time.Time{}
	}
	return day.Add(8 * time.Hour)
}
