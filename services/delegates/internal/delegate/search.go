package delegate

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"plenary.example/shared/problem"
)

// An Audience decides who is found.
type Audience uint8

// The audiences. The zero Audience is none of them and finds nobody.
const (
	Participants Audience = iota + 1 // who agreed to be shown to participants
	Public                           // who agreed to be shown to everybody
	TheOffice                        // everybody, of any status
)

func (a Audience) sees(d *Delegate) bool {
	switch a {
	case Participants:
		return d.Accredited() && d.Consent.Participants
	case Public:
		return d.Accredited() && d.Consent.Public
	case TheOffice:
		return true
	}
	return false
}

// A Search says who is looked for, and for whom.
type Search struct {
	Conference string
	Audience   Audience
	Language   string // whose order it is; of the conference
	Text       string // every word begins one of name, designation or function
	Delegation string // only its people; empty = of any
	Status     string // only people who are this; empty = any
	// ErasureAsked finds only people who asked to be forgotten, or only others.
	ErasureAsked *bool
	Limit        int
	Cursor       string // the Next of the page before; empty = from the beginning
}

// People is a page of a search.
type People struct {
	Items []Delegate
	Next  string // empty = there are no more
}

// ErrCursor answers a cursor that was not given out for the same search.
var ErrCursor = problem.New(problem.Malformed, "bad_cursor", "This cursor does not belong to this list. Begin again without it.").
	With(problem.Field{Parameter: "cursor", Code: "bad_cursor", Detail: "Not given out for these filters."})

// Find looks for people. A conference nobody takes part in is Hidden. Whoever is
// added while pages are read may be missed and nobody is shown twice, unless
// their name changed.
func (b *Book) Find(s Search) (People, error) {
	b.memory.mu.RLock()
	r, ok := b.memory.rolls[s.Conference]
	b.memory.mu.RUnlock()
	if !ok {
		return People{}, problem.Hidden()
	}
	filter := s.filter()
	from, err := readCursor(s.Cursor, filter)
	if err != nil {
		return People{}, err
	}
	words := strings.Fields(newFolder().words(s.Text))
	for i, w := range words {
		words[i] = " " + w // where a word begins
	}
	var found People
	r.index.in(b.memory, s.Language, func(o *order) {
		at, skip := s.begin(o, from)
		for _, p := range o.places[at:] {
			if !s.fits(p.entry, words) {
				continue
			}
			if skip > 0 {
				skip--
				continue
			}
			if len(found.Items) == s.Limit {
				found.Next = cursor{filter, from.given + s.Limit, lastOf(found.Items)}.String()
				return
			}
			found.Items = append(found.Items, *p.Delegate)
		}
	})
	return found, nil
}

func (s Search) fits(e *entry, words []string) bool {
	if !s.Audience.sees(e.Delegate) || s.Delegation != "" && e.Delegation != s.Delegation || s.Status != "" && e.Status != s.Status {
		return false
	}
	if s.ErasureAsked != nil && *s.ErasureAsked == e.ErasureAskedAt.IsZero() {
		return false
	}
	for _, w := range words {
		if !strings.Contains(e.words, w) && !strings.Contains(*e.called, w) {
			return false
		}
	}
	return true
}

// lastOf is who came last on a page, the very last first. There are several,
// because some may not be seen any more when the next page is asked for.
func lastOf(page []Delegate) []string {
	var ids []string
	for i := len(page) - 1; i >= 0 && len(ids) < 3; i-- {
		ids = append(ids, page[i].ID)
	}
	return ids
}

// begin is the place behind the last one of the page before or, when none of the
// last is to be seen any more, about how many to skip from the beginning instead.
// Nobody is looked for whom this search may not see: a cursor somebody made up
// must not tell where others stand, nor does one that was given out say how many
// there are.
func (s Search) begin(o *order, from cursor) (at, skip int) {
	for _, id := range from.last {
		if at := slices.IndexFunc(o.places, func(p place) bool { return p.ID == id && s.Audience.sees(p.Delegate) }); at >= 0 {
			return at + 1, 0
		}
	}
	return 0, max(0, from.given-len(from.last))
}

// filter is what a cursor is bound to.
func (s Search) filter() uint64 {
	asked := "any"
	if s.ErasureAsked != nil {
		asked = fmt.Sprint(*s.ErasureAsked)
	}
	return filterOf("people", s.Conference, fmt.Sprint(s.Audience), s.Language, s.Text, s.Delegation, s.Status, asked)
}

func filterOf(parts ...string) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p + "\x00"))
	}
	return h.Sum64()
}

// A cursor is a place in a list: who came last, and how many were given so far.
// It holds no name.
type cursor struct {
	filter uint64
	given  int
	last   []string // ids
}

func (c cursor) String() string {
	b := binary.BigEndian.AppendUint64(nil, c.filter)
	b = binary.AppendUvarint(b, uint64(max(0, c.given)))
	return base64.RawURLEncoding.EncodeToString(append(b, strings.Join(c.last, ",")...))
}

func readCursor(text string, filter uint64) (cursor, error) {
	if text == "" {
		return cursor{}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < 10 || binary.BigEndian.Uint64(b) != filter {
		return cursor{}, ErrCursor
	}
	given, n := binary.Uvarint(b[8:])
	if n <= 0 || given > 1<<30 || len(b) == 8+n {
		return cursor{}, ErrCursor
	}
	return cursor{filter, int(given), strings.SplitN(string(b[8+n:]), ",", 3)}, nil
}
