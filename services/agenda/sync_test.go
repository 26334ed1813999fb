package agenda_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"plenary.example/services/agenda"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/client"
)

// A phone has an agenda and keeps it in step, with nothing but what comes over
// the wire: whatever an item holds, it keeps.
type phone struct {
	t        testing.TB
	token    string
	http     *http.Client
	revision int64
	tag      string
	sessions map[string]any
	rooms    map[string]any
	pages    int // that the last sync took
}

func newPhone(t testing.TB, s *stage, c claims) *phone {
	return &phone{t: t, token: s.signer.token(c), http: &http.Client{Transport: &client.Checker{Report: t, Base: http.DefaultTransport, AllowBad: true}}}
}

// ask answers the status and the document at an address.
func (p *phone) ask(address string, headers ...string) (int, map[string]any, http.Header) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := p.http.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	var doc map[string]any
	if len(body) > 0 && json.Unmarshal(body, &doc) != nil {
		p.t.Fatalf("%s answers %s", address, body)
	}
	return res.StatusCode, doc, res.Header
}

func byIDs(list any) map[string]any {
	m := map[string]any{}
	for _, x := range list.([]any) {
		m[x.(map[string]any)["id"].(string)] = x
	}
	return m
}

// whole reads all of the agenda.
func (p *phone) whole(a *agenda.Service, headers ...string) {
	p.t.Helper()
	status, doc, h := p.ask("http://"+a.Addr()+"/v1/conferences/seoul-2013/agenda", headers...)
	if status != http.StatusOK {
		p.t.Fatalf("the agenda answers %d %v", status, doc)
	}
	p.revision, p.tag = int64(doc["revision"].(float64)), h.Get("ETag")
	p.sessions, p.rooms = byIDs(doc["sessions"]), byIDs(doc["rooms"])
}

// sync reads what changed, each page where next says, and what to do before it.
func (p *phone) sync(limit int, headers []string, next func(page int) *agenda.Service) int {
	p.t.Helper()
	var to any
	query := url.Values{"since": {fmt.Sprint(p.revision)}, "limit": {fmt.Sprint(limit)}}
	for p.pages = 0; ; p.pages++ {
		a := next(p.pages)
		status, doc, h := p.ask("http://"+a.Addr()+"/v1/conferences/seoul-2013/agenda/changes?"+query.Encode(), headers...)
		for n := 0; n < 20 && status == http.StatusServiceUnavailable; n++ { // a slow machine; what was fetched stays
			status, doc, h = p.ask("http://"+a.Addr()+"/v1/conferences/seoul-2013/agenda/changes?"+query.Encode(), headers...)
		}
		if status != http.StatusOK {
			if p.pages > 0 {
				p.t.Fatalf("page %d answers %d %v", p.pages, status, doc)
			}
			return status
		}
		if p.pages == 0 {
			to, p.tag = doc["to"], h.Get("ETag")
		}
		if doc["from"] != float64(p.revision) || doc["to"] != to {
			p.t.Fatalf("page %d leads from %v to %v, the first to %v", p.pages, doc["from"], doc["to"], to)
		}
		for _, gone := range doc["removed"].([]any) {
			id := gone.(map[string]any)["id"].(string)
			if _, there := p.sessions[id]; !there {
				p.t.Errorf("a tombstone of %s, which never was", id)
			}
			delete(p.sessions, id)
		}
		for _, id := range doc["removedRooms"].([]any) {
			delete(p.rooms, id.(string))
		}
		maps.Copy(p.sessions, byIDs(doc["items"]))
		maps.Copy(p.rooms, byIDs(doc["rooms"]))
		page := doc["page"].(map[string]any)
		if page["hasMore"] != true {
			p.revision = int64(to.(float64))
			return status
		}
		if len(doc["items"].([]any)) != limit || !strings.Contains(h.Get("Link"), page["nextCursor"].(string)) {
			p.t.Fatalf("page %d has %d items and the link %s", p.pages, len(doc["items"].([]any)), h.Get("Link"))
		}
		query.Set("cursor", page["nextCursor"].(string))
	}
}

// like fails unless both have the same agenda.
func (p *phone) like(q *phone, where string) {
	p.t.Helper()
	if p.revision != q.revision || !reflect.DeepEqual(p.rooms, q.rooms) || len(p.sessions) != len(q.sessions) {
		p.t.Fatalf("%s: revision %d and %d, %d and %d sessions, rooms %v and %v", where, p.revision, q.revision, len(p.sessions), len(q.sessions), p.rooms, q.rooms)
	}
	for id := range p.sessions {
		if !reflect.DeepEqual(p.sessions[id], q.sessions[id]) {
			p.t.Fatalf("%s: a session is\n%v and\n%v", where, p.sessions[id], q.sessions[id])
		}
	}
}

// scribble proposes anything: sessions that come, go, move, are renamed, open
// later or are streamed; rooms that come, go and are renamed.
func scribble(rnd *rand.Rand, conference agenda.Seed, now time.Time) func(programme.Conference, programme.Agenda) programme.Proposal {
	return func(_ programme.Conference, a programme.Agenda) (p programme.Proposal) {
		touched := map[int]bool{}
		for range 1 + rnd.IntN(6) {
			n := rnd.IntN(len(conference.Sessions))
			if touched[n] {
				continue
			}
			touched[n] = true
			x, there := a.Session(conference.Sessions[n].ID)
			switch what := rnd.IntN(7); {
			case !there:
				p.Sessions = append(p.Sessions, conference.Sessions[n])
				continue
			case what == 0:
				p.Removed = append(p.Removed, x.ID)
				continue
			case what == 1:
				x.Title = programme.Text{"en": fmt.Sprint("Title ", rnd.IntN(3))}
			case what == 2:
				x.Stream = &programme.Stream{URL: streamURL, StartsAt: now.Add(time.Duration(rnd.IntN(600)) * time.Second)}
			case what == 3:
				x.Documents = []programme.Document{{ID: "d", URL: draftURL, Embargo: now.Add(time.Duration(rnd.IntN(600)) * time.Second)}}
			case what == 4:
				x.Status = []programme.Status{programme.Cancelled, programme.Confirmed}[rnd.IntN(2)]
			default:
				x.Room, x.Start = roomID(rnd.IntN(4)), x.Start.Add(time.Minute)
			}
			p.Sessions = append(p.Sessions, x)
		}
		switch rnd.IntN(5) {
		case 0:
			p.Rooms = []programme.Room{{ID: roomID(rnd.IntN(4)), Name: fmt.Sprint("Hall ", rnd.IntN(3)), Kind: "panel"}}
		case 1:
			p.RemovedRooms = []string{roomID(rnd.IntN(4))}
		}
		return p
	}
}

// Whatever is changed, and whatever opens by the clock, phones that sync now and
// then, a page here and a page at the sibling, have the agenda as it is.
func TestPhonesThatSyncHaveTheAgenda(t *testing.T) {
	t.Parallel()
	steps := 40
	if os.Getenv("PLENARY_SOAK") != "" {
		steps = 2000
	}
	conference := seed("seoul-2013", 25)
	s, a := loaded(t, conference)
	replicas := []*agenda.Service{a, s.open(t)}
	rnd := rand.New(rand.NewPCG(2013, 17))
	fresh := newPhone(t, s, delegate("seoul-2013", "d0"))
	var phones []*phone
	for range 4 {
		p := newPhone(t, s, delegate("seoul-2013", "d1"))
		p.whole(a)
		phones = append(phones, p)
	}
	answers, revision := map[int]int{}, int64(1)
	for step := range steps {
		for range rnd.IntN(3) {
			var err error
			if revision, err = replicas[rnd.IntN(2)].Release(t.Context(), "seoul-2013", scribble(rnd, conference, s.clock.now())); err != nil {
				t.Fatal(err)
			}
		}
		s.clock.set(s.clock.now().Add(time.Duration(rnd.IntN(90)) * time.Second))
		latest := []string{"Plenary-Revision", fmt.Sprint(revision)}
		fresh.whole(replicas[rnd.IntN(2)], latest...)
		p := phones[rnd.IntN(1+rnd.IntN(len(phones)))]
		headers := latest
		if rnd.IntN(2) == 0 {
			headers = append(headers, "If-None-Match", p.tag)
		}
		status := p.sync(1+rnd.IntN(8), headers, func(int) *agenda.Service { return replicas[rnd.IntN(2)] })
		answers[status]++
		p.like(fresh, fmt.Sprintf("step %d, answered %d in %d pages", step, status, p.pages+1))
	}
	if answers[200] < steps/4 || answers[304] < 3 || len(answers) != 2 {
		t.Errorf("the answers were %v", answers)
	}
}
