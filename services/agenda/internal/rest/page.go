package rest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"
	"sync"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/httpd"
)

// A page is an agenda as it leaves: one revision in one language, also
// compressed. It is made once, and read by everybody until a stream or a
// document in it opens.
type page struct {
	revision int64
	// from and until are moments of the conference clock between which nothing
	// opens; until is zero when nothing will.
	from, until time.Time
	language    []byte
	etag        string
	plain       []byte
	gzipped     []byte
}

// shows says whether the page is what a request is to see.
func (p *page) shows(s seen) bool {
	return p.revision == s.agenda.Revision && !s.now.Before(p.from) && (p.until.IsZero() || s.now.Before(p.until))
}

// A view is a part of a conference's agenda in a language.
type view struct {
	conference, language string
	day                  string // only sessions that begin on this local date; empty for all
	public               bool   // only what anybody may read
}

func (v view) sessions(s seen) []programme.Session {
	all := s.agenda.Sessions()
	if v.day == "" && !v.public {
		return all
	}
	zone := s.facts.Location()
	some := all[:0]
	for _, x := range all {
		if (!v.public || x.Public) && (v.day == "" || x.Start.In(zone).Format(time.DateOnly) == v.day) {
			some = append(some, x)
		}
	}
	return some
}

// pages keeps the newest page of each view.
type pages struct {
	mu   sync.RWMutex
	made map[view]*page
	// making lets one request make a page while the others wait for it.
	making sync.Mutex
}

func newPages() *pages { return &pages{made: map[view]*page{}} }

// of is the page of what a request sees of a view. A page of an older revision
// than the newest is made for that request alone, and so is an empty one of a
// day, for there is no end of days.
func (p *pages) of(s seen, v view) (*page, error) {
	if made := p.have(v); made != nil && made.shows(s) {
		return made, nil
	}
	p.making.Lock()
	defer p.making.Unlock()
	made := p.have(v)
	if made != nil && made.shows(s) {
		return made, nil
	}
	sessions := v.sessions(s)
	fresh, err := render(s, v, sessions)
	if err != nil {
		return nil, err
	}
	if (made == nil && (v.day == "" || len(sessions) > 0)) || (made != nil && made.revision <= fresh.revision) {
		p.mu.Lock()
		p.made[v] = fresh
		p.mu.Unlock()
	}
	return fresh, nil
}

func (p *pages) have(v view) *page {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.made[v]
}

func render(s seen, v view, sessions []programme.Session) (*page, error) {
	doc := api.Agenda{
		Conference: s.facts.ID, Revision: s.agenda.Revision, Timezone: s.facts.Zone, Language: s.language,
		Rooms: []api.Room{}, Sessions: make([]api.Session, 0, len(sessions)),
	}
	used := map[string]bool{}
	for _, x := range sessions {
		used[x.Room] = true
		out := session(s, x)
		if v.public {
			out = forAnybody(out)
		}
		doc.Sessions = append(doc.Sessions, out)
	}
	for _, r := range s.agenda.Rooms() {
		if !v.public || used[r.ID] {
			doc.Rooms = append(doc.Rooms, room(r))
		}
	}
	p, err := packed(doc, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("render the agenda: %w", err)
	}
	p.revision, p.language = s.agenda.Revision, []byte(s.language)
	openings := programme.Openings(sessions)
	open := programme.Opened(openings, s.now)
	if open > 0 {
		p.from = openings[open-1].At
	}
	if open < len(openings) {
		p.until = openings[open].At
	}
	p.etag = tag(s.agenda.Revision, s.language, open)
	return p, nil
}

// packed is a page of doc, which nothing is known of yet.
func packed(doc any, level int) (*page, error) {
	plain, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return &page{plain: plain, gzipped: b.Bytes()}, nil
}

// tag is the entity tag of a revision in a language with so much of it open. It
// names what is shown, not when, so that every replica gives out the same.
func tag(revision int64, language string, open int) string {
	if open > 0 {
		language += "-" + strconv.Itoa(open)
	}
	return httpd.ETag(revision, language)
}

// tagOf is the entity tag of one session. The name of its room is shown in it and
// may change without the session, so the tag has a mark of it too.
func tagOf(s seen, x programme.Session) string {
	r, _ := s.agenda.Room(x.Room)
	name := fnv.New32a()
	_, _ = name.Write([]byte(r.Name)) // it never fails
	language := fmt.Sprintf("%s-r%08x", s.language, name.Sum32())
	return tag(x.Revision, language, programme.Opened(programme.Openings([]programme.Session{x}), s.now))
}
