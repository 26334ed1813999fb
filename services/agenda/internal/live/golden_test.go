package live

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
)

// What this service publishes is what api-spec shows to everybody; the
// consumer's tests read the same files.
const goldens = "../../../../api-spec/events/"

func read(t *testing.T, name string, into any) {
	t.Helper()
	b, err := os.ReadFile(goldens + name)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// same compares what v is as JSON with a golden.
func same(t *testing.T, v, golden any) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, golden) {
		t.Errorf("published:\n%s\nthe golden differs:\n%v", b, golden)
	}
}

func TestWhatIsPublishedIsWhatTheGoldensShow(t *testing.T) {
	t.Parallel()
	const (
		panelID    = "0190a3c2-7b1e-7c4d-9a51-2f6e8d3b4c5a"
		hall, room = "0190a3c2-7b1e-7c4d-9a51-00000000a001", "0190a3c2-7b1e-7c4d-9a51-00000000a002"
		actor      = "0190a3c2-7b1e-7c4d-9a51-000000000007"
	)
	at := func(hour int) time.Time { return time.Date(2013, 10, 17, hour, 0, 0, 0, time.UTC) }
	panel := programme.Session{
		ID: panelID, Revision: 12, Kind: programme.Panel, Title: programme.Text{"en": "International security", "ko": "국제 안보"},
		Room: hall, Start: at(5), End: at(6), Status: programme.Confirmed,
		Language: "en", Interpretation: []string{"ko"}, Stream: &programme.Stream{URL: "https://live.example.org/1"},
	}
	agenda := programme.Snapshot{
		Conference: "seoul-2013", Revision: 12, Sessions: []programme.Session{panel},
		Rooms: []programme.Room{{ID: hall, Name: "Hall B"}, {ID: room, Name: "Hall C", Zone: "south"}},
	}.Agenda()
	panel.Room, panel.Reason = room, "The interpreters' booth of Hall B is out of order."
	r, _ := agenda.Next(actor, at(1), programme.Proposal{Sessions: []programme.Session{panel}})

	changes := told(&programme.Conference{}, &agenda, r)
	e, err := event.New("seoul-2013/agenda/13/1", r.Conference, r.Conference, r.Revision, r.Actor, r.At,
		event.AgendaReleased{Revision: r.Revision, Part: 1, Parts: 1, Changes: changes})
	if err != nil {
		t.Fatal(err)
	}
	var golden any
	read(t, e.Type+".json", &golden)
	same(t, e, golden)

	read(t, "state.agenda.session.json", &golden)
	same(t, changes[0].After, golden)
	read(t, "state.agenda.conference.json", &golden)
	same(t, factsOf(programme.Conference{
		ID: "seoul-2013", Revision: 1, Name: programme.Text{"en": "Seoul Conference on Cyberspace 2013", "ko": "2013 서울 사이버스페이스 총회"},
		Zone: "Asia/Seoul", Languages: []string{"en", "ko"}, Days: []string{"2013-10-17", "2013-10-18"}, ClockOffset: -96 * time.Hour,
		Walking: []programme.Walk{{From: "north", To: "south", Minutes: 7}},
	}), golden)
	read(t, "state.agenda.picks.json", &golden)
	same(t, Picks{Delegate: "0190a3c2-7b1e-7c4d-9a51-000000000001", Revision: 2, Picks: []programme.Pick{
		{Session: panelID, AgendaRevision: 12, At: time.Date(2013, 10, 16, 23, 2, 11, 0, time.UTC)},
	}}.state(), golden)

	read(t, "answer.agenda.personal-data.json", &golden)
	same(t, Held{
		Picks:    []event.Pick{{Session: panelID, AgendaRevision: 12, At: time.Date(2013, 10, 16, 23, 2, 11, 0, time.UTC)}},
		Releases: []Act{{Revision: 13, At: at(1)}},
		CalendarFeeds: []HeldFeed{
			{ID: "0190a3c2-7b1e-7c4d-9a51-00000000f001", Language: "en", CreatedAt: time.Date(2013, 10, 16, 23, 2, 11, 0, time.UTC)},
		},
	}, golden)
}

func TestWhatTheGoldensTellOfPeopleIsUnderstood(t *testing.T) {
	t.Parallel()
	const ada, bob = "0190a3c2-7b1e-7c4d-9a51-000000000001", "0190a3c2-7b1e-7c4d-9a51-000000000003"
	a, _ := open(t, enginestest.Test(t))
	facts, rooms, sessions := seoul(panel("one"))
	facts.ID = "seoul-2013"
	if err := a.Add(t.Context(), facts, rooms, sessions, map[string][]string{ada: {"one"}}); err != nil {
		t.Fatal(err)
	}
	holders := func() (holders []string) {
		for _, delegate := range []string{ada, bob} {
			if picks, err := a.PicksOf("seoul-2013", delegate); err != nil {
				t.Fatal(err)
			} else if len(picks) > 0 {
				holders = append(holders, delegate)
			}
		}
		return holders
	}
	tell := func(name string, change func(*event.Envelope)) {
		var e event.Envelope
		read(t, name, &e)
		change(&e)
		hear(t, a, e)
	}
	asIs := func(*event.Envelope) {}
	var state json.RawMessage
	read(t, "state.delegates.delegate.json", &state)
	a.people.see("seoul-2013", bus.Seen{Data: state})
	if !a.people.is("seoul-2013", ada, event.Accredited) {
		t.Error("the state of a person is not understood")
	}
	tell("delegates.delegate.changed.v1.json", asIs) // roles only
	if got := holders(); !slices.Equal(got, []string{ada}) {
		t.Errorf("after a change of roles %v have picks", got)
	}
	a.people = statuses{}
	tell("delegates.delegate.substituted.v1.json", asIs)
	if got := holders(); !slices.Equal(got, []string{bob}) {
		t.Errorf("after the substitution %v have picks", got)
	}
	tell("delegates.delegate.erased.v1.json", func(e *event.Envelope) {
		e.Data = bytes.ReplaceAll(e.Data, []byte(ada), []byte(bob))
	})
	if got := holders(); got != nil {
		t.Errorf("after the erasure %v have picks", got)
	}
}

func TestRoomsOfOneNameAreToldApart(t *testing.T) {
	t.Parallel()
	facts := &programme.Conference{Venues: []programme.Venue{{ID: "coex", Name: programme.Text{"en": "COEX", "ko": "코엑스"}}, {ID: "hotel", Name: programme.Text{"en": "Grand Hotel"}}}}
	start := time.Date(2013, 10, 17, 5, 0, 0, 0, time.UTC)
	panel := programme.Session{ID: "panel", Revision: 1, Room: "a", Start: start, End: start.Add(time.Hour), Status: programme.Confirmed}
	agenda := programme.Snapshot{
		Conference: "seoul-2013", Revision: 1, Sessions: []programme.Session{panel},
		Rooms: []programme.Room{{ID: "a", Name: "Hall A", Venue: "coex"}, {ID: "b", Name: "Hall A", Venue: "hotel"}, {ID: "c", Name: "Hall C", Venue: "hotel"}},
	}.Agenda()
	tell := func(p programme.Proposal) []string {
		r, _ := agenda.Next("", start, p)
		next, err := agenda.With(r)
		if err != nil {
			t.Fatal(err)
		}
		agenda = next
		c := told(facts, &agenda, r)[0]
		return []string{c.Before.RoomName, c.After.RoomName}
	}
	panel.Room = "b"
	if got := tell(programme.Proposal{Sessions: []programme.Session{panel}}); !slices.Equal(got, []string{"Hall A, COEX", "Hall A, Grand Hotel"}) {
		t.Errorf("moved between them it is told in %q", got)
	}
	panel.Room = "c"
	if got := tell(programme.Proposal{Sessions: []programme.Session{panel}, RemovedRooms: []string{"b"}}); !slices.Equal(got, []string{"Hall A, Grand Hotel", "Hall C"}) {
		t.Errorf("moved out of a room that is no more it is told in %q", got)
	}
}
