package push

import (
	"strings"
	"time"
)

// PayloadVersion is the version of the contract with apps that api-spec/push
// describes. Members are added without a new one; an app that meets a higher one
// shows the card and reads the inbox.
const PayloadVersion = "1"

// An Action is what a reader may do from a card.
type Action string

// The actions of version 1. An app leaves out those it does not know.
const (
	Open             Action = "OPEN"              // what a tap does
	Acknowledge      Action = "ACKNOWLEDGE"       // tells the sender that it was seen
	AcceptMeeting    Action = "ACCEPT_MEETING"    // opens the answer to a proposal, as accepted
	DeclineMeeting   Action = "DECLINE_MEETING"   // the same, as declined
	ReconfirmMeeting Action = "RECONFIRM_MEETING" // says that one's side will come
	MuteSession      Action = "MUTE_SESSION"      // no more of this session
)

// escalation begins the categories of news that somebody else has not seen.
const escalation = "escalation."

// asks tells whether the reader is asked to acknowledge n.
func asks(n Notice) bool {
	return n.Urgency == Urgent || !n.AckBy.IsZero() || strings.HasPrefix(n.Category, escalation)
}

// Buttons is the set of buttons that may stand on a locked phone, by the name
// under which an app registers it, and what is in it. Every news of a bilateral
// meeting has the same, because a button that answers a request says on a table
// that there is one.
func Buttons(n Notice) (set string, of []Action) {
	set, of = setOf(n), []Action{Open}
	if asks(n) {
		set, of = set+"_ACK", append(of, Acknowledge)
	}
	return set, of
}

func setOf(n Notice) string {
	switch {
	case strings.HasPrefix(n.Category, escalation):
		return "ESCALATION"
	case n.Category == "session.reminder":
		return "REMINDER"
	}
	switch n.Subject.Kind {
	case Session, Meeting, SignIn, Announcement, Digest:
		return strings.ToUpper(strings.ReplaceAll(n.Subject.Kind, "-", "_"))
	}
	return "NEWS"
}

// Actions is all that the reader may do about n, for an app to offer once the
// phone is unlocked. Whether it is allowed, the API says when it is done.
func Actions(n Notice) []Action {
	_, all := Buttons(n)
	switch n.Category {
	case "meeting.requested", "meeting.countered", "meeting.proposed":
		return append(all, AcceptMeeting, DeclineMeeting)
	case "meeting.warned":
		return append(all, ReconfirmMeeting)
	}
	if n.Subject.Kind == Session && !strings.HasPrefix(n.Category, escalation) {
		return append(all, MuteSession)
	}
	return all
}

// Thread is what cards are stacked under: sessions apart from meetings.
func Thread(conference string, s Subject) string { return conference + "/" + s.Kind }

// Channel is the Android channel of a card, which decides there about sound.
func (m Message) Channel() string {
	if m.Silent {
		return "silent"
	}
	return string(m.Urgency)
}

func words(all []Action) string {
	out := make([]string, 0, len(all))
	for _, a := range all {
		out = append(out, string(a))
	}
	return strings.Join(out, ",")
}

// expiry is when the news is stale as the contract writes it, empty for never.
func expiry(n Notice) string {
	if n.ExpiresAt.IsZero() {
		return ""
	}
	return n.ExpiresAt.UTC().Format(time.RFC3339)
}
