// Package announce is how the secretariat tells people something in its own
// words: at once or at a time, to everybody or to some, and how it takes that
// back.
//
// An announcement is one document, and every step of its life is one guarded
// write of it: who changes it while it is being sent finds that it was faster or
// too late, never both. What brings it to people is an alarm that is set before
// the document is written, so that of an announcement that was acknowledged
// nothing but the bus has to remember that it is owed; a process that dies half
// way leaves the rest to whoever is woken next. Whom it is for is decided when it
// is sent and frozen then: only these are told of its recall.
package announce

import (
	"slices"
	"time"

	"plenary.example/services/notifications/internal/push"
)

// Categories of the notices of an announcement.
const (
	Announced = "announcement"
	Recalled  = "announcement.recalled"
)

// A Status is how far an announcement has got.
type Status string

// The statuses. Only what is Scheduled can be changed or cancelled.
const (
	Scheduled Status = "scheduled"
	Sending   Status = "sending" // its audience is being frozen, and its phones queued
	Sent      Status = "sent"
	Cancelled Status = "cancelled"
	TakenBack Status = "recalled"
)

// An Announcement is what the secretariat tells people.
type Announcement struct {
	ID         string `bson:"_id"`
	Conference string `bson:"conference"`
	Revision   int64  `bson:"revision"`
	Status     Status `bson:"status"`
	Draft      `bson:"draft"`
	// First is the language for readers of none of the texts.
	First string `bson:"first"`
	// By is who made it, and Asked a hash of what was asked, by which a repeat of
	// the request is known.
	By     string    `bson:"by"`
	Asked  string    `bson:"asked,omitempty"`
	MadeAt time.Time `bson:"madeAt"`           // wall clock
	SentAt time.Time `bson:"sentAt,omitempty"` // wall clock; zero before
	People int       `bson:"people"`           // how many were told
	Phones int       `bson:"phones"`           // that they had then
	// RecalledAt is on the wall clock; zero while it holds.
	RecalledAt time.Time `bson:"recalledAt,omitempty"`
	Reason     string    `bson:"reason,omitempty"` // of the recall
}

// A Draft is what somebody decides about an announcement.
type Draft struct {
	Texts    map[string]push.Text `bson:"texts"` // by BCP 47 language
	Audience Audience             `bson:"audience"`
	Urgency  push.Lane            `bson:"urgency"`
	// SendAt is when to send it, zero for at once, and AcknowledgeBy by when its
	// readers are to acknowledge it, zero for never; on the conference clock.
	SendAt        time.Time `bson:"sendAt,omitempty"`
	AcknowledgeBy time.Time `bson:"acknowledgeBy,omitempty"`
}

// An Audience is whom an announcement is for: whoever is accredited and belongs
// to any part of it.
type Audience struct {
	All         bool     `bson:"all,omitempty"`
	Delegations []string `bson:"delegations,omitempty"`
	Kinds       []string `bson:"kinds,omitempty"` // of delegations
	Roles       []string `bson:"roles,omitempty"`
	Sessions    []string `bson:"sessions,omitempty"`
	Rooms       []string `bson:"rooms,omitempty"` // whoever is, or will next be, in one of these
}

func (a Audience) empty() bool {
	return !a.All && len(a.Delegations)+len(a.Kinds)+len(a.Roles)+len(a.Sessions)+len(a.Rooms) == 0
}

func (a Audience) same(b Audience) bool {
	return a.All == b.All && slices.Equal(a.Delegations, b.Delegations) && slices.Equal(a.Kinds, b.Kinds) &&
		slices.Equal(a.Roles, b.Roles) && slices.Equal(a.Sessions, b.Sessions) && slices.Equal(a.Rooms, b.Rooms)
}

func (a Announcement) subject() push.Subject {
	return push.Subject{Kind: push.Announcement, ID: a.ID}
}

// Revisions of an announcement as its readers know it.
const (
	first = 1
	last  = 2 // its recall
)

// Key is that of the notice which brings it to people.
func (a Announcement) Key() string { return push.Key(a.Conference, a.subject(), 0, first) }

// NoticeID is what apps know that notice by; empty before it is sent.
func (a Announcement) NoticeID() string {
	if a.SentAt.IsZero() {
		return ""
	}
	return push.NoticeID(a.Key())
}

// stale is how long news of an announcement is worth a buzz.
const stale = 24 * time.Hour

// notice is what brings it to people: at is on the wall clock, and ackBy too. It is
// not stale before those who answer for its readers had their time as well.
func (a Announcement) notice(at, ackBy time.Time) push.Notice {
	expires := at.Add(stale)
	if ackBy.After(at) {
		expires = ackBy.Add(stale)
	}
	return push.Notice{
		Key: a.Key(), Conference: a.Conference, Subject: a.subject(), To: first, Urgency: a.Urgency, Category: Announced,
		Texts: a.Texts, AckBy: ackBy, ExpiresAt: expires.UTC(),
	}
}

// recall is what tells its readers that it does not hold. It is as urgent as what
// it takes back was, and nobody has to acknowledge it.
func (a Announcement) recall(at time.Time) push.Notice {
	n := a.notice(at, time.Time{})
	n.Key, n.From, n.To, n.Category = push.Key(a.Conference, a.subject(), first, last), first, last, Recalled
	n.After = push.State{Reason: a.Reason}
	return n
}
