package rest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"sync"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/httpd"
)

// A page is the whole agenda as it leaves: one revision in one language, also
// compressed. It is made once, and read by everybody.
type page struct {
	revision int64
	language []byte
	etag     string
	plain    []byte
	gzipped  []byte
}

// pages keeps the newest page of each conference and language.
type pages struct {
	mu   sync.RWMutex
	made map[[2]string]*page
	// making lets one request make a page while the others wait for it.
	making sync.Mutex
}

func newPages() *pages { return &pages{made: map[[2]string]*page{}} }

// of is the page of what a request sees. A page of an older revision than the
// newest is made for that request alone.
func (p *pages) of(s seen) (*page, error) {
	key := [2]string{s.facts.ID, s.language}
	if made := p.have(key); made != nil && made.revision == s.agenda.Revision {
		return made, nil
	}
	p.making.Lock()
	defer p.making.Unlock()
	made := p.have(key)
	if made != nil && made.revision == s.agenda.Revision {
		return made, nil
	}
	fresh, err := render(s)
	if err != nil {
		return nil, err
	}
	if made == nil || made.revision < fresh.revision {
		p.mu.Lock()
		p.made[key] = fresh
		p.mu.Unlock()
	}
	return fresh, nil
}

func (p *pages) have(key [2]string) *page {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.made[key]
}

func render(s seen) (*page, error) {
	doc := api.Agenda{
		Conference: s.facts.ID, Revision: s.agenda.Revision, Timezone: s.facts.Zone, Language: s.language,
		Rooms: []api.Room{}, Sessions: []api.Session{},
	}
	for _, r := range s.agenda.Rooms() {
		doc.Rooms = append(doc.Rooms, room(r))
	}
	for _, x := range s.agenda.Sessions() {
		doc.Sessions = append(doc.Sessions, session(s, x))
	}
	plain, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("render the agenda: %w", err)
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("compress the agenda: %w", err)
	}
	return &page{s.agenda.Revision, []byte(s.language), httpd.ETag(s.agenda.Revision, s.language), plain, packed.Bytes()}, nil
}

func room(r programme.Room) api.Room {
	return api.Room{ID: r.ID, Name: r.Name, Kind: r.Kind, Capacity: r.Capacity, Zone: r.Zone}
}

func session(s seen, x programme.Session) api.Session {
	r, _ := s.agenda.Room(x.Room)
	out := api.Session{
		ID: x.ID, Revision: x.Revision, Kind: x.Kind, Title: x.Title.In(s.language), Abstract: x.Abstract.In(s.language),
		Theme: x.Theme, RoomID: x.Room, RoomName: r.Name, StartsAt: x.Start, EndsAt: x.End, Timezone: s.facts.Zone,
		Status: string(x.Status), Language: x.Language, Speakers: x.Named(programme.Speaker), ExternalID: x.External,
	}
	if out.Speakers == nil {
		out.Speakers = []string{}
	}
	if x.Status == programme.Cancelled {
		out.CancellationReason = x.Reason
	}
	return out
}
