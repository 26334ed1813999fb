package event_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"plenary.example/shared/event"
)

const goldens = "../../api-spec/events"

// same reads golden into v, refusing members v does not have, and writes it
// again: nothing may be lost on the way.
func same(t *testing.T, golden []byte, v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(golden))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		t.Fatal(err)
	}
	equal(t, v, golden)
}

// equal compares what v is written as with a golden.
func equal(t *testing.T, v any, golden []byte) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(golden, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("it is written as\n%s\nwhich is not what the golden shows", text)
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(goldens, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEventsAreWhatTheirGoldensShow(t *testing.T) {
	t.Parallel()
	for _, p := range []event.Payload{
		&event.AgendaReleased{}, &event.NoticeCreated{},
		&event.DelegateChanged{}, &event.DelegateSubstituted{}, &event.DelegateErased{}, &event.DelegationChanged{}, &event.SignInEnded{},
		&event.PeopleImported{}, &event.CodesIssued{}, &event.APIKeyChanged{}, &event.PasskeyChanged{}, &event.ListNumbered{},
	} {
		t.Run(p.Type(), func(t *testing.T) {
			t.Parallel()
			golden := read(t, p.Type())
			same(t, golden, &event.Envelope{})
			e, err := event.Parse(golden)
			if err != nil {
				t.Fatal(err)
			}
			same(t, e.Data, p)
			made, err := event.New(e.ID, e.Conference, e.Subject, e.Revision, e.Actor, e.Time, p)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, made.For(e.Principal), golden)
		})
	}
}

func TestEventsOfMeetingsAreWhatTheirGoldensShow(t *testing.T) {
	t.Parallel()
	for _, verb := range event.MeetingVerbs() {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			golden := read(t, event.MeetingType(verb))
			e, err := event.Parse(golden)
			if err != nil {
				t.Fatal(err)
			}
			m, err := event.ReadMeeting(e)
			if err != nil || m.Verb != verb {
				t.Fatalf("it is read as %+v, %v", m, err)
			}
			same(t, e.Data, &event.MeetingTold{Verb: verb})
			made, err := event.New(e.ID, e.Conference, m.Meeting, m.Revision, e.Actor, e.Time, m)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, made, golden)
		})
	}
	for _, other := range []string{"agenda.agenda.released.v1", "agenda.meeting.", "agenda.meeting.moved.v2", ""} {
		if verb, ok := event.MeetingVerb(other); ok {
			t.Errorf("%q is taken for an event of a meeting that was %s", other, verb)
		}
	}
}

func TestStatesAreWhatTheirGoldensShow(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{
		"state.agenda.conference": &event.ConferenceState{}, "state.agenda.head": &event.AgendaHead{},
		"state.agenda.session": &event.SessionState{}, "state.agenda.picks": &event.PicksState{},
		"state.agenda.meeting":     &event.MeetingState{},
		"state.delegates.delegate": &event.DelegateState{}, "state.delegates.delegation": &event.DelegationState{},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			same(t, read(t, name), v)
		})
	}
}

func TestQuestionsAndAnswersAreWhatTheirGoldensShow(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{
		"ask." + event.AskDirectory: &event.Lookup{}, "answer." + event.AskDirectory: &event.LookupAnswer{},
		"ask." + event.AskAgendaData: &event.PersonalData{},
		"ask." + event.AskReach:      &event.ReachQuestion{}, "answer." + event.AskReach: &event.ReachAnswer{},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			same(t, read(t, name), v)
		})
	}
}

// TestEveryPayloadHasAGolden: one that has none may change without anybody
// noticing. The types are read from the source, the examples from their folder.
func TestEveryPayloadHasAGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(goldens, "*.v*.json"))
	if err != nil {
		t.Fatal(err)
	}
	source, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	types := make(map[string]bool)
	for _, name := range source {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`Type\(\) string +\{ return "([^"]+)" \}`).FindAllSubmatch(text, -1) {
			types[string(m[1])] = true
		}
	}
	if len(types) < 11 {
		t.Fatalf("found %d types of events, so this test looks for the wrong thing", len(types))
	}
	for _, verb := range event.MeetingVerbs() {
		types[event.MeetingType(verb)] = true
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if !types[name] {
			t.Errorf("%s is an example of nothing", file)
		}
		delete(types, name)
	}
	for name := range types {
		t.Errorf("%s has no golden", name)
	}
}
