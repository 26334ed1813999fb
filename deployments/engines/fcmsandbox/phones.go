package fcmsandbox

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// Received is one message as it arrived.
type Received struct {
	N        int64             `json:"n"` // order of arrival over all phones, from 1
	At       time.Time         `json:"at"`
	Token    string            `json:"token"`
	Platform string            `json:"platform"` // android, ios or web
	Tag      string            `json:"tag"`      // tag, apns-collapse-id or the tag of the data
	NoticeID string            `json:"noticeId"`
	Revision int64             `json:"revision"`
	Category string            `json:"category,omitempty"`
	Title    string            `json:"title"`
	Body     string            `json:"body"`
	Silent   bool              `json:"silent,omitempty"`
	Data     map[string]string `json:"data,omitempty"`
	Message  json.RawMessage   `json:"message"` // less the token
}

// A Phone is what its owner sees.
type Phone struct {
	Token    string    `json:"token"`
	Owner    Owner     `json:"owner"`
	Platform string    `json:"platform,omitempty"`
	N        int64     `json:"n"` // of the last message; 0 = none
	At       time.Time `json:"at,omitzero"`
	Count    int       `json:"count"` // messages kept
	Cards    []Card    `json:"cards"` // newest first
}

// A Card is what stands on the lock screen under one tag.
type Card struct {
	Tag      string    `json:"tag"`
	Title    string    `json:"title"`
	Body     string    `json:"body"`
	Category string    `json:"category,omitempty"`
	NoticeID string    `json:"noticeId,omitempty"`
	Revision int64     `json:"revision"`
	N        int64     `json:"n"`
	At       time.Time `json:"at"`
	Count    int       `json:"count"`           // messages this card is made of
	Repeats  int       `json:"repeats"`         // of them, notices that had come before
	Stale    bool      `json:"stale,omitempty"` // an older revision came after a newer one
}

func (r *record) received() Received {
	l := &r.what.look
	return Received{
		N: r.n, At: r.at.UTC(), Token: r.phone.token, Platform: l.platform, Tag: l.tag,
		NoticeID: l.noticeID, Revision: l.revision, Category: l.category, Title: l.title,
		Body: l.body, Silent: l.silent, Data: r.what.message.Data, Message: r.what.raw,
	}
}

// Phone returns what this token received, in order of arrival.
func (s *Sandbox) Phone(token string) []Received {
	s.clerk.mu.RLock()
	defer s.clerk.mu.RUnlock()
	p, ok := s.clerk.book.phones[token]
	if !ok {
		return nil
	}
	return all(p.records)
}

// All returns what every phone received, in order of arrival.
func (s *Sandbox) All() []Received {
	s.clerk.mu.RLock()
	defer s.clerk.mu.RUnlock()
	return all(s.clerk.book.records)
}

func all(records []*record) []Received {
	got := make([]Received, len(records))
	for i, r := range records {
		got[i] = r.received()
	}
	return got
}

// Describe says whose phone a token is, for people who look at the page. It is
// remembered like a message; an unchanged owner is not written again.
func (s *Sandbox) Describe(token string, o Owner) error {
	s.clerk.mu.RLock()
	p, ok := s.clerk.book.phones[token]
	known := ok && p.owner == o
	s.clerk.mu.RUnlock()
	if known {
		return nil
	}
	return s.clerk.describe(token, o)
}

// Phones returns the limit phones that received something last, newest first,
// of those whose token or owner contains match in any case. since leaves out
// the ones that received nothing after that message.
func (s *Sandbox) Phones(limit int, match string, since int64) []Phone {
	match = strings.ToLower(match)
	s.clerk.mu.RLock()
	defer s.clerk.mu.RUnlock()
	found := []Phone{}
	for e := s.clerk.book.recent.Front(); e != nil && len(found) < limit; e = e.Next() {
		p := e.Value.(*phone)
		if p.records[len(p.records)-1].n <= since {
			break
		}
		o := p.shown()
		if match == "" || strings.Contains(strings.ToLower(o.Delegate+" "+o.Device+" "+p.token), match) {
			found = append(found, p.view(8))
		}
	}
	return found
}

// shown is the owner as described, or as far as the token tells: sandbox
// tokens may read sandbox:<delegate>:<device>.
func (p *phone) shown() Owner {
	if p.owner != (Owner{}) {
		return p.owner
	}
	parts := strings.Split(p.token, ":")
	if len(parts) < 3 || parts[0] != "sandbox" {
		return Owner{}
	}
	return Owner{Delegate: strings.ReplaceAll(parts[1], "-", " "), Device: strings.ReplaceAll(parts[2], "-", " ")}
}

func (p *phone) view(most int) Phone {
	v := Phone{Token: p.token, Owner: p.shown(), Count: len(p.records), Cards: []Card{}}
	if len(p.records) == 0 {
		return v
	}
	last := p.records[len(p.records)-1]
	v.Platform, v.N, v.At = last.what.look.platform, last.n, last.at.UTC()
	cards := slices.SortedFunc(maps.Values(p.cards), func(a, b *card) int { return int(b.last.n - a.last.n) })
	for _, c := range cards[:min(len(cards), most)] {
		l := &c.last.what.look
		v.Cards = append(v.Cards, Card{
			Tag: l.tag, Title: l.title, Body: l.body, Category: l.category, NoticeID: l.noticeID,
			Revision: l.revision, N: c.last.n, At: c.last.at.UTC(), Count: c.count, Repeats: c.repeats, Stale: c.stale,
		})
	}
	return v
}
