package fcmsandbox

import (
	"container/list"
	"time"
)

// A record is one message that a phone received.
type record struct {
	n     int64 // order of arrival over all phones
	at    time.Time
	phone *phone
	what  *content
}

// A card is what the lock screen shows under one tag: the last message that
// came with it, and how many came before.
type card struct {
	last    *record
	count   int  // messages with this tag that are kept
	repeats int  // of them, with a notice id that had come already
	stale   bool // some revision came after a newer one
	newest  int64
	seen    map[string]int // messages by notice id
}

// An Owner is what is known of a phone beside its token.
type Owner struct {
	Delegate string `json:"delegate,omitempty"`
	Device   string `json:"device,omitempty"`
}

type phone struct {
	token   string
	owner   Owner
	records []*record // oldest first
	cards   map[string]*card
	place   *list.Element // in book.recent; nil before the first message
}

// A book is what the sandbox remembers: the last keep messages.
type book struct {
	keep     int
	n        int64
	contents map[string]*content
	nextID   int64
	phones   map[string]*phone
	recent   *list.List // of *phone, the one that received last in front
	records  []*record  // oldest first
}

func newBook(keep int) *book {
	return &book{keep: keep, contents: map[string]*content{}, phones: map[string]*phone{}, recent: list.New()}
}

// content returns the content with this text, made when it is new.
func (b *book) content(text []byte) (*content, error) {
	if c, ok := b.contents[string(text)]; ok {
		return c, nil
	}
	b.nextID++
	c, err := newContent(b.nextID, text)
	if err != nil {
		return nil, err
	}
	b.contents[c.key] = c
	return c, nil
}

func (b *book) phone(token string) *phone {
	p, ok := b.phones[token]
	if !ok {
		p = &phone{token: token, cards: map[string]*card{}}
		b.phones[token] = p
	}
	return p
}

// add files a message and lets go of the oldest beyond keep.
func (b *book) add(n int64, at time.Time, token string, what *content) {
	p := b.phone(token)
	r := &record{n: n, at: at, phone: p, what: what}
	what.refs++
	b.n = max(b.n, n)
	b.records = append(b.records, r)
	p.records = append(p.records, r)
	if p.place == nil {
		p.place = b.recent.PushFront(p)
	} else {
		b.recent.MoveToFront(p.place)
	}
	p.draw(r)
	for len(b.records) > b.keep {
		b.drop()
	}
}

// draw puts a message on the lock screen.
func (p *phone) draw(r *record) {
	l := &r.what.look
	c, ok := p.cards[l.tag]
	if !ok {
		c = &card{seen: map[string]int{}}
		p.cards[l.tag] = c
	}
	c.last = r
	c.count++
	if c.seen[l.noticeID]++; l.noticeID != "" && c.seen[l.noticeID] > 1 {
		c.repeats++
	}
	c.stale = c.stale || l.revision < c.newest
	c.newest = max(c.newest, l.revision)
}

// drop forgets the oldest message, which is also the oldest of its phone.
func (b *book) drop() {
	r := b.records[0]
	b.records[0] = nil
	b.records = b.records[1:]
	p := r.phone
	p.records[0] = nil
	p.records = p.records[1:]
	if r.what.refs--; r.what.refs == 0 && b.contents[r.what.key] == r.what {
		delete(b.contents, r.what.key)
	}
	l := &r.what.look
	if c := p.cards[l.tag]; c != nil {
		if c.seen[l.noticeID]--; c.seen[l.noticeID] <= 0 {
			delete(c.seen, l.noticeID)
		}
		if c.count--; c.count == 0 {
			delete(p.cards, l.tag)
		}
	}
	if len(p.records) > 0 {
		return
	}
	b.recent.Remove(p.place)
	p.place = nil
	if p.owner == (Owner{}) {
		delete(b.phones, p.token)
	}
}
