package wording

import (
	"slices"
	"time"

	"golang.org/x/text/language"

	"plenary.example/services/notifications/internal/push"
)

func (t telling) sessionTitle() string {
	key := "label." + t.n.Category
	switch {
	case t.n.Category == "session.moved" && (t.onlyRoom() || t.alike()):
		key = "label.session.room"
	case !t.known(key):
		key = "label.session.changed"
	}
	return t.say("form.card", words{Label: t.say(key, words{}), Title: t.text(t.n.After.Title)})
}

func (t telling) sessionBody() string {
	if t.n.Category == "session.reminder" {
		return t.reminder()
	}
	said := []string{t.sessionNews(), t.in(t.n.Zone)}
	for _, category := range t.n.Also {
		if around(category) {
			said = append(said, t.around(category))
		} else if category == "session.changed" {
			said = append(said, t.otherTitle())
		}
	}
	return t.sentences(append(said, t.reason())...)
}

// sessionNews is what matters most: where to be and when.
func (t telling) sessionNews() string {
	before, after := t.n.Before, t.n.After
	x := words{Place: t.place(after), WasPlace: t.place(before)}
	switch {
	case after.Status == "cancelled" || after.Status == "removed":
		if before.Start.IsZero() {
			before = after
		}
		return t.say("session."+after.Status, words{Place: t.place(before)})
	case t.n.Category == "session.restored":
		return t.say("session.restored", x)
	case before.Status == "cancelled" || before.Status == "removed":
		return t.say("session.reinstated", x)
	case before.Start.IsZero() && around(t.n.Category):
		return t.sentences(t.around(t.n.Category), t.say("session.stays", x))
	case before.Start.IsZero(), t.n.Category == "session.moved" && t.alike():
		return t.say("session.now", x)
	case t.onlyRoom(), !before.Start.Equal(after.Start), !before.End.Equal(after.End):
		return t.elsewhere(x)
	case around(t.n.Category):
		return t.sentences(t.around(t.n.Category), t.say("session.stays", x))
	}
	return t.otherTitle()
}

// elsewhere is said of a session that was at another time or in another room.
func (t telling) elsewhere(x words) string {
	before, after := t.n.Before, t.n.After
	x.Room, x.WasRoom = t.foreign(after.Room), t.foreign(before.Room)
	if x.Room == "" || x.WasRoom == "" {
		return t.say("session.instead", x)
	}
	x.Slot, x.WasSlot = t.slot(after.Start, after.End), t.slot(before.Start, before.End)
	switch {
	case t.onlyRoom():
		return t.say("session.room", x)
	case !before.Start.Equal(after.Start) && before.Room != after.Room:
		return t.say("session.both", x)
	}
	return t.say("session.time", x)
}

func (t telling) otherTitle() string {
	return t.say("session.title", words{Title: t.text(t.n.Before.Title)})
}

// reminder says how soon something begins, and where. A lead of whole hours is
// told in hours; one of less than a minute, not at all.
func (t telling) reminder() string {
	after, lead := t.n.After, t.n.Lead.Round(time.Minute)
	at := words{Time: t.hour(after.Start), Room: t.foreign(after.Room)}
	begins := ""
	switch {
	case lead >= time.Hour && lead%time.Hour == 0:
		begins = t.count("reminder.hours", int(lead/time.Hour), at)
	case lead > 0:
		begins = t.count("reminder.minutes", int(lead/time.Minute), at)
	default:
		begins = t.say("reminder.begins", at)
	}
	if at.Room == "" {
		return t.sentences(begins, t.in(t.n.Zone))
	}
	return t.sentences(begins, t.say("reminder.where", at), t.in(t.n.Zone))
}

// around says whether a category is of what stays when and where it was.
func around(category string) bool {
	switch category {
	case "session.access", "session.speakers", "session.language", "session.stream", "session.documents":
		return true
	}
	return false
}

// around says what is different about such a session, in one of these categories.
func (t telling) around(category string) string {
	before, after := t.n.Before, t.n.After
	key := category
	switch category {
	case "session.access":
		if key = "access." + after.Access; before.Access == after.Access {
			key = "admitted." + after.Access
		}
	case "session.stream":
		key = "stream." + after.Stream
	case "session.language":
		return t.inLanguages()
	}
	if !t.known(key) {
		return "" // a word of tomorrow's agenda
	}
	return t.say(key, words{})
}

func (t telling) inLanguages() string {
	before, after := t.n.Before, t.n.After
	var said []string
	if before.Language != after.Language && after.Language != "" {
		said = append(said, t.say("session.spoken", words{Languages: t.named(after.Language)}))
	}
	if !slices.Equal(before.Interpretation, after.Interpretation) {
		key := "session.interpreted"
		if len(after.Interpretation) == 0 {
			key = "session.uninterpreted"
		}
		said = append(said, t.say(key, words{Languages: t.named(after.Interpretation...)}))
	}
	return t.sentences(said...)
}

// named are languages, BCP 47, as the catalogue's own language calls them.
func (t telling) named(languages ...string) string {
	all := make([]string, 0, len(languages))
	for _, l := range languages {
		name := t.names.Name(language.Make(l))
		if name == "" {
			name = t.foreign(l)
		}
		all = append(all, name)
	}
	return joined(t.between.names, all)
}

// alike says whether nobody could tell from when and where it was to where it
// is: what moved then went to a room that is signposted as the old one is.
func (t telling) alike() bool {
	b, a := t.n.Before, t.n.After
	return sameTime(b, a) && b.Room == a.Room
}

func (t telling) onlyRoom() bool {
	b, a := t.n.Before, t.n.After
	return !b.Start.IsZero() && sameTime(b, a) && b.Room != a.Room
}

func sameTime(a, b push.State) bool { return a.Start.Equal(b.Start) && a.End.Equal(b.End) }
