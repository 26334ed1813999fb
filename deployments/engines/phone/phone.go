// Package phone is a phone as its owner sees it: which cards stand on its screen,
// how often each piece of news appeared, and whether old news ever covered newer.
//
// It judges the product, so it shares no code with it: it reads the JSON that the
// carrier took, as the contract of api-spec/push tells app developers to. An app
// that runs, or is woken by a message without a card, remembers the last five
// hundred notices and drops what it has passed: an older revision, or an older
// notice of the same. A card that the carrier brings ready-made to an app that does
// not run is drawn by the system, which knows only its tag.
package phone

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// remembered is how many notices an app keeps in mind.
const remembered = 500

// A Card stands on the screen.
type Card struct {
	Tag     string // what a later card replaces it by
	Notice  string // id
	Subject string // kind and id with a slash between
	// Category is what kind of news it is, as the data says.
	Category string
	Title    string
	Body     string

	Revision, Sequence int64
	Expires            time.Time // zero for never
}

// before tells whether c is older news of its subject than d.
func (c Card) before(d Card) bool {
	return cmp.Or(cmp.Compare(c.Revision, d.Revision), cmp.Compare(c.Sequence, d.Sequence)) < 0
}

// A Relapse is old news that appeared after newer news of the same subject had.
type Relapse struct {
	Shown, After Card

	bySystem bool // and not by the app
}

// A Phone is one device with one app on it. The zero Phone has its app killed and
// nothing on its screen. It is for one goroutine.
type Phone struct {
	alive    bool
	screen   map[string]Card // by tag
	times    map[string]int  // a notice appeared, by its id
	sounds   map[string]int
	relapses []Relapse
	puzzles  []Card
	seen     map[string]Card // newest card that ever stood there, by subject

	ids      []string        // the app's memory, oldest first
	passed   map[string]Card // and the newest it met, by subject
	received int
}

// Open brings the app to life, Kill ends it. What it remembers outlives both.
func (p *Phone) Open() { p.alive = true }

// Kill ends the app; messages without a card wake it for as long as they take.
func (p *Phone) Kill() { p.alive = false }

// Dismiss is the owner wiping a card away.
func (p *Phone) Dismiss(tag string) { delete(p.screen, tag) }

// Receive takes a message as the carrier delivers it, at a time on the wall
// clock: the message of FCM's HTTP v1 send request, with or without its token. It
// fails on what no app of the contract could read.
func (p *Phone) Receive(message []byte, at time.Time) error {
	c, look, err := read(message)
	if err != nil {
		return fmt.Errorf("a push that no app understands: %w", err)
	}
	p.received++
	if !c.Expires.IsZero() && !at.Before(c.Expires) {
		return nil // the carrier's TTL or the app lets go of it
	}
	if (p.alive || !look.ready) && !p.wants(c) {
		return nil
	}
	p.draw(c, look)
	return nil
}

// wants is the app's judgement, which it remembers.
func (p *Phone) wants(c Card) bool {
	if p.passed == nil {
		p.passed = map[string]Card{}
	}
	if slices.Contains(p.ids, c.Notice) || c.before(p.passed[c.Subject]) {
		return false
	}
	p.passed[c.Subject] = c
	if p.ids = append(p.ids, c.Notice); len(p.ids) > remembered {
		p.ids = p.ids[1:]
	}
	return true
}

// draw puts a card on the screen, and notes what its owner sees of that: the same
// notice in the place where it stands already is nothing new.
func (p *Phone) draw(c Card, l look) {
	if p.screen == nil {
		p.screen, p.times, p.sounds, p.seen = map[string]Card{}, map[string]int{}, map[string]int{}, map[string]Card{}
	}
	if !l.silent {
		p.sounds[c.Notice]++
	}
	if old, ok := p.screen[c.Tag]; !ok || old.Notice != c.Notice {
		p.times[c.Notice]++
		newest, ok := p.seen[c.Subject]
		if !ok && c.Category == "session.restored" {
			p.puzzles = append(p.puzzles, c)
		}
		if ok && c.before(newest) {
			p.relapses = append(p.relapses, Relapse{Shown: c, After: newest, bySystem: l.ready && !p.alive})
		} else {
			p.seen[c.Subject] = c
		}
	}
	p.screen[c.Tag] = c
}

// Cards are on the screen at a time, by tag. What has expired is off it.
func (p *Phone) Cards(at time.Time) []Card {
	var all []Card
	for _, c := range p.screen {
		if c.Expires.IsZero() || at.Before(c.Expires) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b Card) int { return strings.Compare(a.Tag, b.Tag) })
	return all
}

// Newest is the newest card of a subject that ever stood on the screen.
func (p *Phone) Newest(subject string) (Card, bool) {
	c, ok := p.seen[subject]
	return c, ok
}

// Appeared is how often each notice became visible, by its id.
func (p *Phone) Appeared() map[string]int { return p.times }

// Sounded is how often each notice made itself heard, by its id.
func (p *Phone) Sounded() map[string]int { return p.sounds }

// Relapses are all times that old news came up after newer.
func (p *Phone) Relapses() []Relapse { return p.relapses }

// Puzzles are the cards that said that something is again as it was, to an owner
// who had seen none that said otherwise.
func (p *Phone) Puzzles() []Card { return p.puzzles }

// Received is how many messages arrived, seen or not.
func (p *Phone) Received() int { return p.received }

// look is how a message wants to be drawn.
type look struct {
	ready  bool // by the system, while the app does not run
	silent bool
}

type text struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	Tag   string `json:"tag"`
}

// read takes a message apart, and holds every place that names the card to the
// same name.
func read(message []byte) (c Card, l look, err error) {
	var m struct {
		Data    map[string]string `json:"data"`
		Android struct {
			Notification *text `json:"notification"`
		} `json:"android"`
		APNS *struct {
			Headers map[string]string `json:"headers"`
			Payload struct {
				APS struct {
					Alert text `json:"alert"`
				} `json:"aps"`
			} `json:"payload"`
		} `json:"apns"`
		Webpush *struct {
			Notification *text `json:"notification"`
		} `json:"webpush"`
	}
	if err := json.Unmarshal(message, &m); err != nil {
		return c, l, err
	}
	d := m.Data
	c = Card{Tag: d["tag"], Notice: d["noticeId"], Subject: d["subjectKind"] + "/" + d["subjectId"], Category: d["category"], Title: d["title"], Body: d["body"]}
	l.silent = d["silent"] == "true"
	var drawn *text
	switch {
	case m.Android.Notification != nil:
		drawn = m.Android.Notification
	case m.APNS != nil:
		drawn = &m.APNS.Payload.APS.Alert
		drawn.Tag = m.APNS.Headers["apns-collapse-id"]
	case m.Webpush != nil && m.Webpush.Notification != nil:
		drawn = m.Webpush.Notification
	}
	if drawn != nil {
		l.ready, c.Title, c.Body = true, drawn.Title, drawn.Body
		if drawn.Tag != c.Tag {
			return c, l, fmt.Errorf("the card's tag is %q and the data's %q", drawn.Tag, c.Tag)
		}
	}
	if c.Tag == "" || c.Notice == "" || c.Title == "" || d["subjectKind"] == "" || d["subjectId"] == "" {
		return c, l, errors.New("no tag, notice, subject or title")
	}
	c.Revision, err = strconv.ParseInt(d["revision"], 10, 64)
	if err == nil {
		c.Sequence, err = strconv.ParseInt(d["sequence"], 10, 64)
	}
	if err == nil && d["expiresAt"] != "" {
		c.Expires, err = time.Parse(time.RFC3339, d["expiresAt"])
	}
	return c, l, err
}
