package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"plenary.example/deployments/standalone/internal/sample"
	"plenary.example/services/agenda"
	"plenary.example/shared/client"
)

// The day that is replayed: a real one, of which eleven editions of the programme
// were published, from one in the afternoon to ten at night, in ninety seconds.
const (
	faster = 360
	theDay = 9 * time.Hour
	lead   = 15 * time.Minute // of reminders, which nobody hurries
)

var dayBegan = time.Date(2019, 12, 27, 12, 0, 0, 0, time.UTC)

// BenchmarkADay replays a day of 2,100 phones, some 30,000 pushes to a carrier that
// takes 80 ms: the programme of a real event is loaded, what its organisers moved
// that day is moved at its time, whoever picked a session is reminded of it, and
// twice everybody is told something. It prints how long after its event each push
// was accepted, and how many were lost or came twice. What an edition left out stays
// as it is, for the next one brought most of it back. One iteration takes two and a
// half minutes and is enough:
//
//	go test -run - -bench ADay -benchtime 1x ./deployments/standalone
func BenchmarkADay(b *testing.B) {
	for b.Loop() {
		d := newDay(b)
		d.live()
		d.judge()
	}
	b.ReportMetric(0, "ns/op")
}

// A day is a house with the event in it, and all that its people must hear of.
type day struct {
	*testing.B
	*house
	c       sample.Conference
	office  *client.ClientWithResponses
	begins  time.Time // when the wall clock shows what dayBegan was
	all     []edition
	steps   map[string][]step    // what happened to each session
	said    map[string]time.Time // announcements, by the id of their notice
	pickers map[string][]string  // tokens of the phones of who picked a session
}

// A step is when a revision was made known, and when the session starts then.
type step struct {
	revision     int64
	known, start time.Time
}

// when is where a moment of that day lies in the replay.
func (d *day) when(t time.Time) time.Time {
	return d.begins.Add(t.Sub(dayBegan) / faster).Truncate(time.Millisecond)
}

func newDay(b *testing.B) *day {
	b.Helper()
	d := &day{B: b, house: emptyHouse(b), all: readEditions(b), steps: map[string][]step{}, said: map[string]time.Time{}, pickers: map[string][]string{}}
	var err error
	if d.c, err = sample.Make("seoul-2013", 1, 1); err != nil {
		b.Fatal(err)
	}
	if err := d.delegates.Load(b.Context(), delegatesOf(d.c)); err != nil {
		b.Fatal(err)
	}
	if err := d.notifications.Load(b.Context(), phonesOf(d.c)); err != nil {
		b.Fatal(err)
	}
	d.begins = time.Now().Add(30 * time.Second)
	if err := d.agenda.Load(b.Context(), d.programme()); err != nil {
		b.Fatal(err)
	}
	d.sandbox.SetLatency(80 * time.Millisecond)
	d.office = d.secretariat(b, d.c)
	if time.Now().After(d.begins) {
		b.Fatal("the day began before its programme was there")
	}
	return d
}

// programme is the first edition with the picks of our people, on the wall clock.
func (d *day) programme() agenda.Seed {
	seed := agenda.Seed{Conference: d.c.ID, Name: d.c.Name, Timezone: "UTC", Venue: d.c.Venue, Languages: d.c.Languages, Picks: map[string][]string{}}
	for _, at := range []time.Time{time.Now(), time.Now().Add(24 * time.Hour)} {
		seed.Days = append(seed.Days, at.UTC().Format(time.DateOnly))
	}
	var today, later []string
	for guid, x := range d.all[0].items {
		if x.Date.Before(dayBegan) {
			continue
		}
		start := d.when(x.Date).Add(lead)
		d.steps[guid] = []step{{1, d.begins, start}}
		// A room of its own: here nothing has to make way for it.
		seed.Rooms = append(seed.Rooms, agenda.Room{ID: guid, Name: x.room, Kind: "panel", Capacity: 100})
		seed.Sessions = append(seed.Sessions, agenda.Session{
			ID: guid, Kind: "panel", Title: agenda.Text{"en": x.Title}, Room: guid, Start: start, End: start.Add(x.length()), Status: agenda.Confirmed,
		})
		if x.Date.Before(dayBegan.Add(theDay)) {
			today = append(today, guid)
		} else {
			later = append(later, guid)
		}
	}
	slices.Sort(today)
	slices.Sort(later)
	phones, rnd := map[string][]string{}, rand.New(rand.NewPCG(2019, 1227))
	for _, x := range d.c.Devices {
		phones[x.Delegate] = append(phones[x.Delegate], x.Token)
	}
	for _, who := range d.c.Delegates {
		for _, from := range [][]string{today, later} {
			for _, i := range rnd.Perm(len(from))[:11] {
				seed.Picks[who.ID] = append(seed.Picks[who.ID], from[i])
				d.pickers[from[i]] = append(d.pickers[from[i]], phones[who.ID]...)
			}
		}
	}
	return seed
}

// live has the day pass.
func (d *day) live() {
	d.Helper()
	for i, e := range d.all[1:] {
		d.until(d.when(e.at))
		if i%5 == 0 {
			d.announce(i)
		}
		for guid, x := range e.items {
			if old, there := d.all[i].items[guid]; there && d.steps[guid] != nil && (!old.Date.Equal(x.Date) || old.Duration != x.Duration) {
				d.move(guid, x)
			}
		}
	}
	d.until(d.when(dayBegan.Add(theDay)).Add(10 * time.Second)) // what is not there by then is lost
}

func (d *day) until(t time.Time) {
	d.Helper()
	select {
	case <-time.After(time.Until(t)):
	case <-d.Context().Done():
		d.Fatal(d.Context().Err())
	}
}

func (d *day) move(guid string, x item) {
	d.Helper()
	known, start, was := time.Now(), d.when(x.Date).Add(lead), d.last(guid).revision
	end := start.Add(x.length())
	got, err := d.office.ChangeSessionWithApplicationMergePatchPlusJSONBodyWithResponse(d.Context(), d.c.ID, guid,
		&client.ChangeSessionParams{IfMatch: fmt.Sprintf(`"%d"`, was)}, client.SessionPatch{StartsAt: &start, EndsAt: &end})
	if err != nil || got.JSON200 == nil {
		d.Fatalf("moving %s: %v %s", guid, err, got.Body)
	}
	if now := got.JSON200.Revision; now > was {
		d.steps[guid] = append(d.steps[guid], step{now, known, start})
	}
}

// last is the last that happened to a session.
func (d *day) last(guid string) step { return d.steps[guid][len(d.steps[guid])-1] }

func (d *day) announce(i int) {
	d.Helper()
	all, known, key := true, time.Now(), fmt.Sprintf("announcement-%06d", i)
	got, err := d.office.CreateAnnouncementWithResponse(d.Context(), d.c.ID, &client.CreateAnnouncementParams{IdempotencyKey: &key}, client.NewAnnouncement{
		Texts:    client.AnnouncementTexts{"en": {Title: "The cloakroom closes at ten", Body: "Please fetch your coats before."}},
		Audience: client.Audience{All: &all}, Urgency: "important", Confirm: &client.AnnouncementConfirmation{Count: len(d.c.Delegates)},
	})
	if err != nil || got.JSON201 == nil {
		d.Fatalf("announcing: %v %s", err, got.Body)
	}
	d.said[got.JSON201.NoticeID] = known
}

// judge holds what the carrier took to what happened.
func (d *day) judge() {
	d.Helper()
	var behind []time.Duration
	times, newest, doubled := map[string]int{}, map[string]int64{}, 0
	for _, m := range d.sandbox.All() {
		if times[m.Token+m.NoticeID]++; times[m.Token+m.NoticeID] > 1 {
			doubled++
		}
		since, session := d.said[m.NoticeID], m.Data["subjectId"]
		if since.IsZero() {
			newest[m.Token+session] = max(newest[m.Token+session], m.Revision)
			at := d.steps[session][slices.IndexFunc(d.steps[session], func(s step) bool { return s.revision == m.Revision })]
			since = at.known
			if due := at.start.Add(-lead); m.Category == "session.reminder" && due.After(since) {
				since = due
			}
		}
		behind = append(behind, m.At.Sub(since))
	}
	lost := 0
	for session, steps := range d.steps {
		last := d.last(session)
		if len(steps) == 1 && last.start.Add(-lead).After(d.when(dayBegan.Add(theDay))) {
			continue // nobody had to hear anything of it
		}
		for _, token := range d.pickers[session] {
			if newest[token+session] != last.revision {
				lost++
			}
		}
	}
	for _, x := range d.c.Devices {
		for notice := range d.said {
			if times[x.Token+notice] == 0 {
				lost++
			}
		}
	}
	slices.Sort(behind)
	d.ReportMetric(float64(len(behind)), "pushes")
	d.ReportMetric(float64(quantile(behind, 0.5).Milliseconds()), "ms-behind-p50")
	d.ReportMetric(float64(quantile(behind, 0.99).Milliseconds()), "ms-behind-p99")
	d.ReportMetric(float64(lost), "lost")
	d.ReportMetric(float64(doubled), "doubled")
}
