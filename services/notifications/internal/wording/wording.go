// Package wording puts a notice into words, in the language of a phone and the
// time of the conference. A minister reads it in a corridor: first what
// happened to which session, then where to be and when, then what it was.
//
// Why are there two texts of one notice? A phone on a table shows its card to
// everybody around it, and carriers read it before that. So of a bilateral
// meeting the card says that there is news and nothing else; what the news is
// stands in the inbox, behind the sign-in.
//
// The words are data: one file per language in catalogues, with placeholders by
// name and the plural forms of CLDR. A new language is a new file there and a
// line in languages.
package wording

import (
	"strings"

	"plenary.example/services/notifications/internal/push"
)

// A Reader is for whom a notice is put into words.
type Reader struct {
	// Locale is a BCP 47 tag, or several as in Accept-Language. Who reads no
	// language that has a catalogue is told in English.
	Locale string
	// First is the first language of the conference: what people wrote is shown
	// in it to who reads no language it was written in. It may be empty.
	First string
	// Neutral is the reader's wish that the lock screen says that there is news
	// and nothing else.
	Neutral bool
	// Quiet says that the push goes out in the reader's quiet hours all the same.
	Quiet bool
}

// Render puts n into the words of a card on a phone. Of a bilateral meeting, and
// of news that somebody else has not seen, it says nothing that anybody could
// learn from, whatever the reader wishes.
func (w *Words) Render(n push.Notice, r Reader) (title, body string) {
	return w.once(n, r, phone, w.render)
}

func (w *Words) render(n push.Notice, r Reader) (title, body string) {
	t := w.telling(n, r)
	title, body = t.shown(r.Neutral)
	if r.Quiet {
		body = t.sentences(body, t.say("neutral.quiet", words{}))
	}
	return title, body
}

// RenderItem puts n into the words of an item of its reader's inbox. Of a
// bilateral meeting it says when and where, never with whom or what about.
func (w *Words) RenderItem(n push.Notice, r Reader) (title, body string) {
	r.Neutral, r.Quiet = false, false // these are of phones
	return w.once(n, r, item, func(n push.Notice, r Reader) (string, string) { return w.telling(n, r).item(longestText) })
}

// What is rendered.
const (
	phone = "phone"
	item  = "item"
)

// rendered is what one rendering depends on: a notice that has a key is written
// once and never changed.
type rendered struct {
	notice, what string
	reader       Reader
}

// once looks for the text among those made lately: one notice goes to thousands
// of phones in a few languages, and is read in as many inboxes.
func (w *Words) once(n push.Notice, r Reader, what string, render func(push.Notice, Reader) (string, string)) (title, body string) {
	key := rendered{n.Key, what, r}
	if x, ok := w.lately.Get(key); ok && n.Key != "" {
		return x.Title, x.Body
	}
	title, body = render(n, r)
	if n.Key != "" {
		w.lately.Add(key, push.Text{Title: title, Body: body})
	}
	return title, body
}

// Language is the language of our own words for a locale, as BCP 47.
func (w *Words) Language(locale string) string { return w.find(locale).tag.String() }

// A telling is one notice on its way into one language.
type telling struct {
	*catalogue
	n      push.Notice
	reader Reader
	clock
}

func (w *Words) telling(n push.Notice, r Reader) telling {
	c := w.find(r.Locale)
	return telling{c, n, r, clock{c, w.zone(n.Zone)}}
}

// shown is the card of a phone, before anything is said about the hour.
func (t telling) shown(neutral bool) (title, body string) {
	switch kind := t.n.Subject.Kind; {
	case t.n.Category == "escalation.ended": // it names nothing, and must not call anybody
		return t.escalation()
	case strings.HasPrefix(t.n.Category, "escalation."):
		return t.card("neutral.escalation")
	case kind == push.Meeting:
		return t.card("neutral.meeting")
	case !neutral || kind == push.Digest: // a digest tells a number and nothing else
		return t.item(longestBody)
	case kind == push.Announcement, kind == push.Session, kind == push.SignIn:
		return t.card("neutral." + kind)
	}
	return t.card("neutral.notice")
}

// item is what the inbox says. Of what people wrote it shows most characters.
func (t telling) item(most int) (title, body string) {
	switch {
	case strings.HasPrefix(t.n.Category, "escalation."):
		return t.escalation()
	case t.n.Subject.Kind == push.Meeting:
		return t.meetingTitle(), t.meetingBody()
	case t.n.Subject.Kind == push.SignIn:
		return t.card("signin.ended")
	case t.n.Subject.Kind == push.Digest:
		return t.count("digest.title", t.n.Count, words{}), t.say("digest.body", words{})
	case t.n.Category == "announcement.recalled":
		return t.recalled()
	case len(t.n.Texts) > 0:
		x := t.written()
		return clean(x.Title, longest), cleanLines(x.Body, most)
	case t.n.Subject.Kind == push.Session, t.n.Subject.Kind == push.Documents, t.n.Subject.Kind == "":
		return t.sessionTitle(), t.sessionBody()
	}
	return t.card("neutral.notice")
}

// card is a whole text: nothing of it depends on the notice.
func (t telling) card(key string) (title, body string) {
	return t.say(key+".title", words{}), t.say(key+".body", words{})
}

// recalled says that what the secretariat wrote no longer holds, and why.
func (t telling) recalled() (title, body string) {
	title, body = t.card("announcement.recalled")
	if x := t.written(); x.Title != "" {
		title = t.say("announcement.recalled.named", words{Title: t.foreign(x.Title)})
	}
	return title, t.sentences(body, t.reason())
}

// escalation asks the reader to pass on what somebody else has not seen. What it
// is about is named as far as the notice names it: of meetings nothing is.
func (t telling) escalation() (title, body string) {
	key := "escalation.asked"
	if t.n.Category == "escalation.ended" {
		key = t.n.Category
	}
	title, body = t.card(key)
	about := t.text(t.n.After.Title)
	if x := t.written(); about == "" && x.Title != "" {
		about = t.foreign(x.Title)
	}
	if key == "escalation.asked" && about != "" && t.n.Subject.Kind != push.Meeting {
		body = t.say("escalation.asked.named", words{Title: about})
	}
	return title, body
}
