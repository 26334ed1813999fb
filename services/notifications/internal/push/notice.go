package push

import (
	"strconv"
	"time"

	"github.com/google/uuid"
)

// A Lane is the queue a push waits in. It is the same word as the urgency of
// its notice, so that routine news can never stand in front of urgent news.
type Lane string

// The lanes, most urgent first.
const (
	Urgent    Lane = "urgent"
	Important Lane = "important"
	Routine   Lane = "routine"
)

// Lanes lists every lane, most urgent first.
func Lanes() []Lane { return []Lane{Urgent, Important, Routine} }

// Kinds of subject. The set may grow.
const (
	Session = "session"
	// SignIn is a sign-in of the one person who is told of it.
	SignIn = "sign-in"
	// Meeting is a bilateral meeting. Its readers are told different things: what
	// one side hears, the other may not.
	Meeting = "meeting"
	// Announcement is a message of the secretariat; its notices carry their own
	// Texts.
	Announcement = "announcement"
	// Documents are those of the session of that id, as far as their embargo has
	// ended. They are no step of the session: a card that says so stands beside one
	// that says where it is.
	Documents = "documents"
	// Digest is the routine news of one reader since the digest before.
	Digest = "digest"
	// Escalation is news that somebody else has not acknowledged.
	Escalation = "escalation"
)

// A Subject is what a notice is about. One subject has at most one card on the
// screen of a phone.
type Subject struct {
	Kind string `bson:"kind" json:"kind"` // Session, SignIn, ...
	ID   string `bson:"id" json:"id"`
}

// String is kind and id with a slash between, as in "session/0190…".
func (s Subject) String() string { return s.Kind + "/" + s.ID }

// A State is what a subject was, or is, as far as people are told. Names and
// topics of bilateral meetings never appear in it.
type State struct {
	Title  map[string]string `bson:"title,omitempty" json:"title,omitempty"` // by BCP 47 language
	Room   string            `bson:"room,omitempty" json:"room,omitempty"`   // its name, not its id
	Place  string            `bson:"place,omitempty" json:"-"`               // what stays when a room is called otherwise: its id, where it has one
	Start  time.Time         `bson:"start,omitempty" json:"start,omitzero"`
	End    time.Time         `bson:"end,omitempty" json:"end,omitzero"`
	Status string            `bson:"status,omitempty" json:"status,omitempty"`
	Reason string            `bson:"reason,omitempty" json:"reason,omitempty"`
	// Language and Interpretation are BCP 47; Stream and Access are the words of
	// the agenda's events.
	Language       string   `bson:"language,omitempty" json:"language,omitempty"`
	Interpretation []string `bson:"interpretation,omitempty" json:"interpretation,omitempty"`
	Stream         string   `bson:"stream,omitempty" json:"stream,omitempty"`
	Access         string   `bson:"access,omitempty" json:"access,omitempty"`
	// Offered are the slots of a meeting that wait for an answer, until Until, on
	// the conference clock. Where any are offered they are a few.
	Offered []Span    `bson:"offered,omitempty" json:"offered,omitempty"`
	Until   time.Time `bson:"until,omitempty" json:"until,omitzero"`
	// ReconfirmBy is before when both sides of a meeting are to say that they come,
	// on the conference clock; zero where they are not asked to.
	ReconfirmBy time.Time `bson:"reconfirmBy,omitempty" json:"reconfirmBy,omitzero"`
}

// Elsewhere says whether who goes where s says misses t: it is on at another time,
// or in another room and not one that is called otherwise.
func (s State) Elsewhere(t State) bool {
	if s.Place == "" || t.Place == "" {
		return !s.Start.Equal(t.Start) || s.Room != t.Room
	}
	return !s.Start.Equal(t.Start) || s.Place != t.Place
}

// A Span is a time that something would take.
type Span struct {
	Start time.Time `bson:"start" json:"start"`
	End   time.Time `bson:"end" json:"end"`
}

// A Notice is one piece of news for one audience: the step of a subject from
// the revision its readers knew to a newer one. It is written once and never
// changed.
type Notice struct {
	Key        string    `bson:"_id" json:"key"` // see Key; the same on every replica
	ID         string    `bson:"id" json:"id"`   // what apps see; opaque, see NoticeID
	Conference string    `bson:"conference" json:"conference"`
	Subject    Subject   `bson:"subject" json:"subject"`
	From       int64     `bson:"from" json:"from"` // revision the readers knew; 0 = none
	To         int64     `bson:"to" json:"to"`     // revision they are told
	Seq        int64     `bson:"seq" json:"seq"`   // its number in the conference, the inbox cursor
	Urgency    Lane      `bson:"urgency" json:"urgency"`
	Category   string    `bson:"category" json:"category"`             // "session.moved", "sign_in.ended", ...
	Also       []string  `bson:"also,omitempty" json:"also,omitempty"` // categories of what else is news in the same step
	Before     State     `bson:"before" json:"before"`
	After      State     `bson:"after" json:"after"`
	Zone       string    `bson:"zone" json:"zone"`           // IANA name its times are told in; empty when it tells none
	At         time.Time `bson:"at" json:"at"`               // wall clock
	ExpiresAt  time.Time `bson:"expiresAt" json:"expiresAt"` // wall clock; stale news is not pushed
	Pages      int       `bson:"pages" json:"pages"`         // audience pages filed beside it
	// Readers is how many people its audience was frozen with.
	Readers int `bson:"readers,omitempty" json:"readers,omitempty"`
	// Texts is what people wrote, by BCP 47 language; empty where the wording is
	// ours. It is never a template.
	Texts map[string]Text `bson:"texts,omitempty" json:"texts,omitempty"`
	// AckBy is when whoever answers for the reader is told too, unless somebody
	// has acknowledged it; on the wall clock, zero for never.
	AckBy time.Time `bson:"ackBy,omitempty" json:"ackBy,omitzero"`
	// NotBefore is when the first phone may buzz for it, on the wall clock; zero is at
	// once. It may be in the inbox before, so that nothing is left to do then but send.
	NotBefore time.Time `bson:"notBefore,omitempty" json:"notBefore,omitzero"`
	// Delegation is whose people have not acknowledged what an escalation is about;
	// empty where that is not to be told.
	Delegation string `bson:"delegation,omitempty" json:"delegation,omitempty"`
	// Lead is how long before its start a reminder reminds.
	Lead time.Duration `bson:"lead,omitempty" json:"lead,omitempty"`
	// Count is how many items a digest stands for.
	Count int `bson:"count,omitempty" json:"count,omitempty"`
}

// A Text is a card that somebody wrote, in one language.
type Text struct {
	Title string `bson:"title" json:"title"`
	Body  string `bson:"body" json:"body"`
}

// Reminds says whether n is no news but the reminder of something that begins
// soon. The same step may have been told before, so whoever asks what people were
// told passes it over.
func (n Notice) Reminds() bool { return n.Lead > 0 }

// Expired tells whether the news is stale: it stays in the inbox, and no phone
// buzzes for it any more. A notice without an expiry never is.
func (n Notice) Expired(now time.Time) bool {
	return !n.ExpiresAt.IsZero() && !now.Before(n.ExpiresAt)
}

// TTL is how long the carrier may keep the news for a phone that is out of
// reach: until it is stale, and at most the four weeks FCM allows.
func (n Notice) TTL(now time.Time) time.Duration {
	const most = 28 * 24 * time.Hour
	if n.ExpiresAt.IsZero() {
		return most
	}
	return min(max(n.ExpiresAt.Sub(now), 0), most)
}

// Key names a step of a subject and not an attempt to tell it, so it is the
// document's _id, and the beginning of each message id, on every replica and
// after every restart.
func Key(conference string, s Subject, from, to int64) string {
	return conference + "/" + s.Kind + "/" + s.ID + "/" +
		strconv.FormatInt(from, 10) + "/" + strconv.FormatInt(to, 10)
}

// NoticeID is the opaque id apps see for the notice filed under key: a
// name-based UUID, so that a notice made twice has one id.
func NoticeID(key string) string {
	return uuid.NewSHA1(notices, []byte(key)).String()
}

// notices is the name space of notice ids; changing it changes every id.
var notices = uuid.MustParse("6f1c7d54-2a58-5d0e-9b5e-0f3b9c6a7e21")
