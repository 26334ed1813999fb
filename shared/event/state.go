package event

import "strings"

// stateRoot begins the subject of every state message. It differs from the
// events' root so that no stream's subjects overlap another's.
const stateRoot = "plenary-state."

// StateFilter matches the subjects of every state message there is.
const StateFilter = stateRoot + ">"

// SigningKeysState is where the delegates service keeps the JWKS with which
// everybody verifies access tokens.
const SigningKeysState = stateRoot + "all.delegates.signing-keys"

// ConferenceStateSubject is where the facts of a conference stand.
func ConferenceStateSubject(conference string) string {
	return stateRoot + conference + ".agenda.conference"
}

// AgendaHeadSubject is where the revision of the agenda stands.
func AgendaHeadSubject(conference string) string { return stateRoot + conference + ".agenda.head" }

// SessionStateSubject is where a session stands.
func SessionStateSubject(conference, session string) string {
	return stateRoot + conference + ".agenda.session." + session
}

// PicksStateSubject is where the picks of a delegate stand.
func PicksStateSubject(conference, delegate string) string {
	return stateRoot + conference + ".agenda.picks." + delegate
}

// DevicesStateSubject says at which revision the devices of a delegate are.
// The message has no content: tokens stay in the notifications store.
func DevicesStateSubject(conference, delegate string) string {
	return stateRoot + conference + ".notice.devices." + delegate
}

// ReadStateSubject says at which revision what a delegate has read is. The
// message has no content.
func ReadStateSubject(conference, delegate string) string {
	return stateRoot + conference + ".notice.readstate." + delegate
}

// FetchedStateSubject says at which revision a page of what delegates have
// fetched is. The message has no content.
func FetchedStateSubject(conference, page string) string {
	return stateRoot + conference + ".notice.fetched." + page
}

// PreferencesStateSubject says at which revision the preferences of a delegate
// are, or were erased. The message has no content.
func PreferencesStateSubject(conference, delegate string) string {
	return stateRoot + conference + ".notice.preferences." + delegate
}

// AnnouncementStateSubject says at which revision an announcement is. The message
// has no content: its text stays in the notifications store.
func AnnouncementStateSubject(conference, announcement string) string {
	return stateRoot + conference + ".notice.announcement." + announcement
}

// CarrierStateSubject says at which revision the wish of the operators about a
// carrier of pushes is. The message has no content.
func CarrierStateSubject(carrier string) string {
	return stateRoot + "all.notice.carrier." + carrier
}

// EscalationStateSubject says at which revision a case of urgent news that nobody
// acknowledged is. The message has no content.
func EscalationStateSubject(conference, id string) string {
	return stateRoot + conference + ".notice.escalation." + id
}

// SplitState takes the subject of a state message apart: its conference, its
// kind ("agenda.session") and the id of the entity, empty for kinds of which a
// conference has one.
func SplitState(subject string) (conference, kind, id string) {
	rest, ok := strings.CutPrefix(subject, stateRoot)
	if !ok {
		return "", "", ""
	}
	parts := strings.SplitN(rest, ".", 4)
	if len(parts) < 3 {
		return "", "", ""
	}
	if len(parts) == 4 {
		id = parts[3]
	}
	return parts[0], parts[1] + "." + parts[2], id
}
