package rest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

// clocksDiffer is how far the clocks of two replicas may be apart: what opened
// so shortly before a release may not have been open where somebody read it.
const clocksDiffer = 10 * time.Second

// A position is where somebody is who reads, page by page, what changed. All
// pages speak of one revision and of one moment, whatever is released meanwhile.
type position struct {
	since, to int64
	now       time.Time // on the conference clock, in whole milliseconds
	after     string    // the last session of the page before
}

var errCursor = problem.New(problem.Malformed, "bad_cursor", "This cursor does not belong to this list. Begin again without it.").
	With(problem.Field{Parameter: "cursor", Code: "bad_cursor", Detail: "Not given out for these changes."})

// begins is the position of whoever begins to read what s sees.
func begins(s seen, since int64) position {
	return position{since: since, to: s.agenda.Revision, now: s.now.Truncate(time.Millisecond)}
}

// resume reads the position from a cursor. A moment to come is not believed:
// there are things that may not be read yet.
func (p position) resume(conference, cursor string) (position, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	sum := p.sum(conference)
	if err != nil || len(b) <= len(sum)+16 || !slices.Equal(b[:len(sum)], sum) {
		return p, errCursor
	}
	b = b[len(sum):]
	to, at := int64(binary.BigEndian.Uint64(b)), time.UnixMilli(int64(binary.BigEndian.Uint64(b[8:])))
	if to < p.since {
		return p, errCursor
	}
	p.to, p.after = to, string(b[16:])
	if at.Before(p.now) {
		p.now = at
	}
	return p, nil
}

// cursor is where the page ends that begins at p.
func (p position) cursor(conference, last string) string {
	b := binary.BigEndian.AppendUint64(p.sum(conference), uint64(p.to))
	b = binary.BigEndian.AppendUint64(b, uint64(p.now.UnixMilli()))
	return base64.RawURLEncoding.EncodeToString(append(b, last...))
}

// sum binds a cursor to what it was given out for.
func (p position) sum(conference string) []byte {
	h := sha256.Sum256([]byte(conference + "\x00" + strconv.FormatInt(p.since, 10)))
	return h[:8]
}

// openings are those of a conference's agenda at a revision, of which s sees the
// newest.
func (h *handler) openings(ctx context.Context, s seen, revision int64) ([]programme.Opening, error) {
	key := revisionOf{s.facts.ID, revision}
	if all, ok := h.synced.openings.Get(key); ok {
		return all, nil
	}
	agenda := s.agenda
	if agenda.Revision != revision {
		var err error
		if agenda, _, err = h.agendas.Since(ctx, s.facts.ID, revision, revision); err != nil {
			return nil, err
		}
	}
	h.synced.making.Lock()
	defer h.synced.making.Unlock()
	if all, ok := h.synced.openings.Get(key); ok {
		return all, nil // made for somebody else meanwhile
	}
	all := programme.Openings(agenda.Sessions())
	h.synced.openings.Add(key, all)
	return all, nil
}

// A revisionOf names an agenda for ever.
type revisionOf struct {
	conference string
	revision   int64
}

// changed are the sessions that read otherwise at p than whoever has the agenda
// at d.From may have read them: those that changed, and those of which something
// opened by itself since the agenda got there.
func (p position) changed(c programme.Conference, a programme.Agenda, d programme.Delta, openings []programme.Opening) []programme.Session {
	if d.Since.IsZero() {
		return d.Sessions // of which they have none
	}
	sessions := slices.Clone(d.Sessions)
	from, to := programme.Opened(openings, c.Now(d.Since).Add(-clocksDiffer)), programme.Opened(openings, p.now)
	for _, o := range openings[min(from, to):to] {
		if s, ok := a.Session(o.Session); ok {
			sessions = append(sessions, s)
		}
	}
	slices.SortStableFunc(sessions, func(x, y programme.Session) int { return strings.Compare(x.ID, y.ID) })
	return slices.CompactFunc(sessions, func(x, y programme.Session) bool { return x.ID == y.ID })
}
