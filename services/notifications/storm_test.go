package notifications_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/deployments/engines/phone"
	"plenary.example/services/notifications"
	"plenary.example/shared/bus"
	"plenary.example/shared/caller"
	"plenary.example/shared/client"
	"plenary.example/shared/event"
)

// How often a replica is killed, and how much happens before each kill.
const (
	stormKills, soakStormKills = 4, 50
	stormSteps                 = 4
)

// TestEveryPhoneSeesTheLatestOnceThroughKillsOfReplicasAndTheBroker changes
// sessions and meetings, announces and lets a reminder come due, while one of three
// replicas after the other is killed and begun anew, and once the bus and the store
// too. A model of the phones judges what their owners saw.
func TestEveryPhoneSeesTheLatestOnceThroughKillsOfReplicasAndTheBroker(t *testing.T) {
	t.Parallel()
	kills, soak := stormKills, os.Getenv("PLENARY_SOAK") != ""
	if soak {
		kills = soakStormKills
	}
	s := newStorm(t)
	for i := range kills {
		for range stormSteps {
			s.step()
		}
		s.killOne()
		if i == kills/2 || soak && s.rnd.IntN(2) == 0 {
			s.ground.restart(s.stage)
		}
	}
	s.carrier.SetFaults()
	s.judge()
}

// The sessions of the storm: for everybody, for those who picked them, and one that
// is about to begin.
const (
	opening = "0190a3c2-7b1e-7c4d-9a51-00000000c0a0"
	panelA  = "0190a3c2-7b1e-7c4d-9a51-00000000c0a1"
	panelB  = "0190a3c2-7b1e-7c4d-9a51-00000000c0a2"
	due     = "0190a3c2-7b1e-7c4d-9a51-00000000c0a3"
)

// A storm is what happens to a conference, and all that its people must hear of.
type storm struct {
	*programme
	ground   *ground
	rnd      *rand.Rand
	replicas []*replica
	people   []string
	holder   map[string]string         // of a phone, by its token
	pickers  map[string][]string       // of a session
	meetings []event.MeetingTold       // as they stand
	owed     map[string]map[string]int // what each is to hear, by person: once
	newest   map[string]int64          // revision of each subject
	said     int                       // announcements
}

func newStorm(t *testing.T) *storm {
	t.Helper()
	s := &storm{
		programme: &programme{newStage(t), map[string]event.SessionState{}}, rnd: rand.New(rand.NewPCG(2013, seed(t))),
		holder: map[string]string{}, pickers: map[string][]string{}, owed: map[string]map[string]int{}, newest: map[string]int64{},
	}
	s.patience = 2 * time.Minute // a job of somebody who was killed is nobody's for a while
	s.ground = &ground{now: s.engines}
	s.bus.Close()
	own := &cord{ground: s.ground}
	var err error
	if s.bus, err = bus.Connect(t.Context(), bus.Config{Options: []nats.Option{nats.InProcessServer(own)}}, quiet); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.bus.Close)
	for range 3 {
		s.replicas = append(s.replicas, s.ground.tied(s.stage))
	}
	s.put(event.ConferenceStateSubject(seoul), 1, event.ConferenceState{Conference: seoul, Revision: 1, Timezone: "Asia/Seoul", Languages: []string{"en"}})
	s.put(event.DelegationStateSubject(seoul, "fr"), 1, event.DelegationState{Delegation: "fr", Kind: "media", Revision: 1, Status: event.Accredited})
	for i := range 8 {
		s.come(i)
	}
	for i, id := range []string{opening, panelA, panelB, due} {
		x := beginning(id, 3*time.Hour)
		switch id {
		case opening:
			x.Kind = "plenary" // for everybody
			s.pickers[id] = s.people
		case due:
			x = beginning(id, 15*time.Minute+3*time.Second) // a reminder is due while all this goes on
			s.owe("reminder of "+id, s.pickers[id]...)
		default:
			x.Room = fmt.Sprint("room-", i)
		}
		s.release(x)
		s.newest["session/"+id] = x.Revision
	}
	for i := range 2 {
		x := s.now[panelA]
		s.meetings = append(s.meetings, event.MeetingTold{
			Verb: "confirmed", Meeting: fmt.Sprintf("0190a3c2-7b1e-7c4d-9a51-00000000b00%d", i), Status: "confirmed", By: "kr",
			Slot:  &event.MeetingSlot{Start: x.Start, End: x.End, RoomName: "Room 0"},
			Sides: []event.MeetingSide{{Delegation: "kr", People: []string{s.people[i]}}, {Delegation: "hu", People: []string{s.people[i+1]}}},
		})
		s.meeting(i)
	}
	s.worked()
	s.carrier.SetFaults(fcmsandbox.Fault{Status: http.StatusServiceUnavailable, Share: 0.05, Deliver: true}, fcmsandbox.Fault{Status: 500, Share: 0.05})
	return s
}

// seed is of what happens at random; PLENARY_SEED tries another.
func seed(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("PLENARY_SEED")
	if text == "" {
		return 1017
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// come brings a person with two phones and their picks.
func (s *storm) come(i int) {
	s.Helper()
	who, app, system := fmt.Sprint("p", i), client.RegistrationRenderingApp, client.RegistrationRenderingSystem
	s.people = append(s.people, who)
	s.owed[who] = map[string]int{}
	s.person(who, []string{"kr", "hu", "fr", "no"}[i%4])
	kinds := []client.Registration{{Platform: "android", Rendering: &app}, {Platform: "ios"}, {Platform: "android"}, {Platform: "android", Rendering: &system}, {Platform: "web"}}
	for j, r := range []client.Registration{kinds[i%2*2], kinds[i%5]} {
		r.Token, r.Locale = fmt.Sprint(who, "-", j), "en"
		s.holder[r.Token] = who
		c := s.as(s.replicas[i%3].Service, seoul, who, "of-"+who)
		if got, err := c.RegisterDeviceWithResponse(s.Context(), installation(r.Token), r); err != nil || got.StatusCode() != http.StatusOK {
			s.Fatalf("registering %s: %v, %v", r.Token, got, err)
		}
	}
	s.pickers[panelA] = append(s.pickers[panelA], who)
	picks := []string{panelA}
	if i%2 == 0 {
		s.pickers[panelB], s.pickers[due] = append(s.pickers[panelB], who), append(s.pickers[due], who)
		picks = append(picks, panelB, due)
	}
	s.picks(who, picks...)
}

// owe notes that people are to hear of something, once.
func (s *storm) owe(what string, who ...string) {
	for _, w := range who {
		s.owed[w][what]++
	}
}

// step lets one thing happen.
func (s *storm) step() {
	s.Helper()
	if s.rnd.IntN(4) == 0 {
		s.meeting(s.rnd.IntN(2))
		return
	}
	id := []string{opening, panelA, panelB}[s.rnd.IntN(3)]
	x := s.now[id]
	x.RoomName = fmt.Sprint("Hall ", s.rev[seoul])
	x.Room = x.RoomName
	if s.rnd.IntN(2) == 0 {
		x.Start, x.End = x.Start.Add(5*time.Minute), x.End.Add(5*time.Minute)
	}
	s.release(x)
	s.newest["session/"+id] = s.rev[seoul]
	s.owe(fmt.Sprintf("session/%s@%d", id, s.rev[seoul]), s.pickers[id]...)
}

// meeting confirms a meeting and then moves it, from room to room.
func (s *storm) meeting(i int) {
	s.Helper()
	m := &s.meetings[i]
	if m.Revision++; m.Revision > 1 {
		was := *m.Slot
		m.Verb, m.Was, m.Slot = "moved", &was, &event.MeetingSlot{Start: was.Start, End: was.End, RoomName: fmt.Sprint("Room ", m.Revision)}
	}
	s.meet(*m)
	s.newest["meeting/"+m.Meeting] = m.Revision
	s.owe(fmt.Sprintf("meeting/%s@%d", m.Meeting, m.Revision), m.Sides[0].People[0], m.Sides[1].People[0])
}

// killOne kills a replica somewhere in the middle of its work, once while it
// announces something, and begins another in its place.
func (s *storm) killOne() {
	s.Helper()
	i := s.rnd.IntN(3)
	victim := s.replicas[i]
	some, cancel := context.WithTimeout(s.Context(), time.Second)
	enough := s.carrier.Stats().Received + int64(s.rnd.IntN(20))
	_ = s.carrier.Wait(some, func(st fcmsandbox.Stats) bool { return st.Received >= enough }) // or not: it is somewhere else then
	cancel()
	s.said++
	cut := make(chan struct{})
	go func() {
		defer close(cut)
		_, _ = s.announce(s.talking(deaf{}, victim))
	}()
	if s.rnd.IntN(2) == 0 {
		<-cut
	}
	victim.kill(s.stage)
	<-cut
	s.replicas[i] = s.ground.tied(s.stage)
	var made client.Announcement
	s.eventually("the announcement is made", func() (ok bool) {
		made, ok = s.announce(s.talking(s, s.replicas[(i+1)%3]))
		return ok
	})
	s.newest["announcement/"+made.ID] = 1
	s.owe("announcement/"+made.ID+"@1", s.of("fr")...)
}

func (s *storm) of(delegation string) (who []string) {
	for i, p := range s.people {
		if []string{"kr", "hu", "fr", "no"}[i%4] == delegation {
			who = append(who, p)
		}
	}
	return who
}

// A deaf reporter hears nothing: what was killed may say anything, for in truth it
// would say nothing.
type deaf struct{}

func (deaf) Helper()               {}
func (deaf) Errorf(string, ...any) {}

// talking is a client of a replica, signed in as the secretariat.
func (s *storm) talking(hears client.Reporter, to *replica) *client.ClientWithResponses {
	return client.NewChecked(hears, "http://"+to.Addr(), s.token(seoul, "office", "of-office", caller.Secretariat))
}

// announce says something to a delegation, the same thing each time until another
// is to be said.
func (s *storm) announce(office *client.ClientWithResponses) (a client.Announcement, ok bool) {
	key, to := client.IdempotencyKey(fmt.Sprintf("announcement-%04d", s.said)), []client.AudienceKinds{"media"}
	got, err := office.CreateAnnouncementWithResponse(s.Context(), seoul, &client.CreateAnnouncementParams{IdempotencyKey: &key}, client.NewAnnouncement{
		Texts:    client.AnnouncementTexts{"en": {Title: "News", Body: fmt.Sprint("The bus leaves from gate ", s.said, ".")}},
		Audience: client.Audience{Kinds: &to}, Urgency: "important", Confirm: &client.AnnouncementConfirmation{Count: len(s.of("fr"))},
	})
	if err != nil || got.JSON201 == nil {
		return a, false
	}
	return *got.JSON201, true
}

// judge waits until all is told, and holds inboxes and screens to what was owed.
func (s *storm) judge() {
	s.Helper()
	s.worked()
	ids := map[string]map[string]bool{}
	for _, who := range s.people {
		for _, r := range s.replicas {
			var got map[string]int
			s.soon(func() bool {
				got, ids[who] = s.inbox(r.Service, who)
				return len(got) >= len(s.owed[who])
			})
			if !maps.Equal(got, s.owed[who]) { // of one it is enough to know
				s.Fatalf("%s reads\n%v, was to read\n%v", who, got, s.owed[who])
			}
		}
	}
	s.settled()
	pushes, relapses := 0, 0
	for token, who := range s.holder {
		all := make([]phone.Push, 0, 100)
		for _, m := range s.carrier.Phone(token) {
			if !ids[who][m.NoticeID] {
				s.Errorf("%s got %s, which is in no inbox of %s", token, m.Data, who)
			}
			all = append(all, phone.Push{Message: m.Message, At: m.At})
		}
		faults, back := phone.Judge(all, s.wanted(who), s.rnd)
		for _, fault := range faults {
			s.Errorf("%s: %s", token, fault)
		}
		pushes, relapses = pushes+len(all), relapses+back
	}
	s.Logf("%d pushes to %d phones of %d releases and %d announcements; %d relapses on screens that the system draws", pushes, len(s.holder), s.rev[seoul], s.said, relapses)
}

// wanted is the newest revision of each subject of which somebody must have heard:
// of what was owed to them, and of all that was ever said.
func (s *storm) wanted(who string) map[string]int64 {
	wanted := map[string]int64{}
	for owed := range s.owed[who] {
		if id, reminder := strings.CutPrefix(owed, "reminder of "); reminder {
			wanted["session/"+id] = 0
			continue
		}
		subject, _, _ := strings.Cut(owed, "@")
		wanted[subject] = s.newest[subject]
	}
	return wanted
}

// inbox is what somebody reads on a replica, and the ids of it.
func (s *storm) inbox(n *notifications.Service, who string) (got map[string]int, ids map[string]bool) {
	s.Helper()
	c, limit := s.as(n, seoul, who, "x"), 100
	got, ids = map[string]int{}, map[string]bool{}
	for after := int64(0); ; {
		page, err := c.ReadInboxWithResponse(s.Context(), &client.ReadInboxParams{After: &after, Limit: &limit})
		if err != nil || page.JSON200 == nil {
			s.Fatalf("reading the inbox: %v, %v", page, err)
		}
		for _, x := range page.JSON200.Items {
			what := fmt.Sprintf("%s/%s@%d", x.Subject.Kind, x.Subject.ID, x.Subject.Revision)
			if strings.HasSuffix(x.Category, ".reminder") {
				what = "reminder of " + x.Subject.ID
			}
			got[what]++
			ids[x.ID], after = true, x.Seq
		}
		if !page.JSON200.Page.HasMore {
			return got, ids
		}
	}
}

// soon waits until enough says so, or for ever so long: what is wrong then is
// better said in other words.
func (s *storm) soon(enough func() bool) {
	tick, over := time.NewTicker(20*time.Millisecond), time.After(s.patience)
	defer tick.Stop()
	for !enough() {
		select {
		case <-tick.C:
		case <-over:
			return
		}
	}
}
