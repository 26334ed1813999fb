package wording

import (
	"cmp"
	"strings"
)

// Statuses of a meeting that is still to come, as its events say them.
const (
	confirmed = "confirmed"
	agreed    = "agreed" // and has no slot
)

// meetingKey is under what the catalogues say what happened.
func (t telling) meetingKey() string {
	what := strings.TrimPrefix(t.n.Category, "meeting.")
	if status := t.n.After.Status; (status == confirmed || status == agreed) && t.known("stands."+what+".title") {
		return "stands." + what // the meeting itself stays
	}
	if !t.known(t.n.Category + ".title") {
		return "meeting.changed"
	}
	return t.n.Category
}

func (t telling) meetingTitle() string { return t.say(t.meetingKey()+".title", words{}) }

// meetingBody says what happened, then when and where it is, or would have been,
// then what waits for an answer, and by when somebody is to act.
func (t telling) meetingBody() string {
	if t.n.Category == "meeting.reminder" {
		return t.reminder()
	}
	said := []string{t.meetingNews()}
	if s := t.meetingPlace(); s != "" {
		said = append(said, s)
	}
	if offered := t.n.After.Offered; len(offered) > 0 {
		said = append(said, t.say("meeting.offered", words{Slots: t.slots(offered)}))
	}
	if until := t.n.After.Until; !until.IsZero() {
		said = append(said, t.say("meeting.until", words{Moment: t.moment(until)}))
	}
	if by := t.n.After.ReconfirmBy; !by.IsZero() {
		said = append(said, t.say("meeting.reconfirm", words{Moment: t.moment(by)}))
	}
	if len(said) > 1 {
		said = append(said, t.in(t.n.Zone))
	}
	return t.sentences(said...)
}

func (t telling) meetingNews() string {
	key, after := t.meetingKey(), t.n.After
	switch {
	case key != t.n.Category && after.Status == agreed && key != "meeting.changed":
		return t.say("meeting.open", words{})
	case key == "meeting.evicted" && after.Status == confirmed && !after.Start.IsZero():
		return t.say("meeting.room", words{})
	}
	return t.say(key+".body", words{})
}

// meetingPlace is empty for a meeting that never had a slot.
func (t telling) meetingPlace() string {
	x := words{Place: t.place(t.n.After), WasPlace: t.place(t.n.Before)}
	switch {
	case t.n.After.Status == "cancelled" && x.Place+x.WasPlace != "":
		return t.say("meeting.was", words{Place: cmp.Or(x.Place, x.WasPlace)})
	case x.Place != "" && x.WasPlace != "" && x.Place != x.WasPlace:
		return t.say("session.instead", x)
	case x.Place != "":
		return t.say("meeting.now", x)
	case x.WasPlace != "":
		return t.say("meeting.was", words{Place: x.WasPlace})
	}
	return ""
}
