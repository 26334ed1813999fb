// Package preferences knows what may buzz: which news a delegate wants on a
// phone, when they want quiet, which sessions they do not want to hear of, and
// what a lock screen may show.
//
// A preference decides about the push and never about the inbox, so nothing is
// ever lost by choosing wrong. It is asked right before each push, not when the
// audience is frozen: a push may wait for hours, and what its reader says in
// between must hold. So everything here answers from memory.
package preferences

import (
	"slices"
	"strings"
	"time"

	"plenary.example/services/notifications/internal/push"
)

// A Group is news that is switched on and off together.
type Group string

// The groups there are. Security news, escalations and digests are of none:
// nobody can switch them off.
const (
	Sessions      Group = "sessions"
	Meetings      Group = "meetings"
	Reminders     Group = "reminders"
	Announcements Group = "announcements"
	Documents     Group = "documents"
)

// groupOf is the group of a category; empty for one that is of none.
func groupOf(category string) Group {
	head, verb, _ := strings.Cut(category, ".")
	switch {
	case verb == "reminder":
		return Reminders
	case category == "session.documents":
		return Documents
	case head == "session":
		return Sessions
	case head == "meeting":
		return Meetings
	case head == "announcement":
		return Announcements
	}
	return ""
}

// always says whether a category reaches its reader whatever they chose: news of
// their own sign-ins, and what somebody else has left unanswered.
func always(category string) bool {
	head, _, _ := strings.Cut(category, ".")
	return head == "sign_in" || head == "escalation"
}

// Zones that are no names: the one of the conference, and of the phone a push
// goes to.
const (
	OfConference = "conference"
	OfPhone      = "phone"
)

// A Quiet is the part of each day in which only urgent news may buzz. When To is
// not after From it ends on the day after.
type Quiet struct {
	From Clock  `bson:"from" json:"from"`
	To   Clock  `bson:"to" json:"to"`
	Zone string `bson:"zone" json:"timezone"` // OfConference, OfPhone or IANA
}

// A Digest says when routine news comes together instead of one by one.
type Digest struct {
	At   []Clock `bson:"at" json:"at"`         // in order; never none
	Zone string  `bson:"zone" json:"timezone"` // OfConference or IANA
	// Since is when it was chosen, on the wall clock: what is older has been told.
	Since time.Time `bson:"since" json:"since"`
}

// A Choice is what a delegate chooses as a whole.
type Choice struct {
	Off      []Group `bson:"off" json:"off"` // groups of which no phone hears
	Quiet    *Quiet  `bson:"quiet,omitempty" json:"quietHours,omitempty"`
	Digest   *Digest `bson:"digest,omitempty" json:"digest,omitempty"`
	Language string  `bson:"language,omitempty" json:"language,omitempty"` // BCP 47; empty is each phone's own
	// Neutral has every card say only that there is news. Of bilateral meetings it
	// never says more, whatever is chosen.
	Neutral bool `bson:"neutral,omitempty" json:"neutral,omitempty"`
	// Leads are how long before its start one is reminded.
	Leads Leads `bson:"leads" json:"leads"`
}

// Leads are minutes before the start, each once, in order; none is no reminder.
type Leads struct {
	Sessions []int `bson:"sessions" json:"sessions"`
	Meetings []int `bson:"meetings" json:"meetings"`
}

// usualLead is the reminder of whoever chose nothing, in minutes.
const usualLead = 15

// Usual is what holds for a delegate who has chosen nothing.
func Usual() Choice {
	return Choice{Off: []Group{}, Leads: Leads{Sessions: []int{usualLead}, Meetings: []int{usualLead}}}
}

// Preferences is the document of one delegate.
type Preferences struct {
	ID         string `bson:"_id"` // <conference>/<delegate>
	Conference string `bson:"conference"`
	Delegate   string `bson:"delegate"`
	Revision   int64  `bson:"revision"` // 0 for who chose nothing yet
	Choice     `bson:",inline"`
	Muted      []string `bson:"muted,omitempty"` // sessions of which no phone hears
}

// Why a push is dropped, as metrics and reports say it.
const (
	Off       = "off"
	Muted     = "muted"
	ForDigest = "digest"
)

// Verdict says whether the reader wants n on a phone at a time of the conference
// clock. Until, if it is set, is on that clock too: when their quiet ends. zone
// finds a time zone by its name, OfConference and OfPhone included.
func (p Preferences) Verdict(n push.Notice, now time.Time, zone func(string) *time.Location) push.Verdict {
	if drop := p.Drops(n); drop != "" || n.Urgency == push.Urgent || always(n.Category) {
		return push.Verdict{Drop: drop}
	}
	return push.Verdict{Until: p.quietUntil(now, zone)}
}

// Drops is why no phone of the reader hears of n, at whatever time; empty where
// they do.
func (p Preferences) Drops(n push.Notice) string {
	group := groupOf(n.Category)
	switch {
	case always(n.Category):
	case slices.Contains(p.Off, group) && (group != Announcements || n.Urgency != push.Urgent), // which may be about everybody's safety
		n.Reminds() && len(p.Leads.of(n.Subject.Kind)) == 0:
		return Off
	case (n.Subject.Kind == push.Session || n.Subject.Kind == push.Documents) && slices.Contains(p.Muted, n.Subject.ID):
		return Muted
	case p.Digest != nil && n.Urgency == push.Routine && n.Subject.Kind != push.Digest:
		return ForDigest
	}
	return ""
}

// quietUntil is when the quiet that holds now ends; zero when none holds.
func (p Preferences) quietUntil(now time.Time, zone func(string) *time.Location) time.Time {
	if p.Quiet == nil {
		return time.Time{}
	}
	return p.Quiet.until(now, zone(p.Quiet.Zone))
}
